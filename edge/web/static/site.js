// Improvements of the portal's pages. All pages work without them.
import { offerCopies } from './copying.js'
import { offerSearch } from './finder.js'
import { offerHelpful } from './helpful.js'
import { offerLanguages } from './languages.js'
import { offerOwnToken } from './own.js'

offerCopies()
offerSearch()
offerLanguages()
offerOwnToken()
offerHelpful()

// Scrolls the list of pages to the current page.
const side = document.querySelector('.side')
const here = side?.querySelector('[aria-current]')
if (here) side.scrollTop = here.offsetTop - innerHeight / 2
