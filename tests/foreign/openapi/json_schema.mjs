// Ajv judges bodies by a schema of JSON Schema 2020-12. The file that it is told has both.
import { readFileSync } from 'node:fs'
import Ajv from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { done, told } from '../conversation.mjs'

const { schema, bodies } = JSON.parse(readFileSync(told.file, 'utf8'))
const ajv = new Ajv({ strict: true, allowUnionTypes: true })
addFormats(ajv)

/** How many decimals a number has, as it is written. */
function decimals(number) {
  const [digits, exponent = '0'] = String(number).split('e')
  return (digits.split('.')[1] ?? '').length - Number(exponent)
}

// Ajv divides doubles, which hold no exact multiples of 0.01. Steps are powers of ten.
ajv.removeKeyword('multipleOf')
ajv.addKeyword({
  keyword: 'multipleOf',
  type: 'number',
  schemaType: 'number',
  validate: (step, number) => decimals(number) <= decimals(step),
})
const judge = ajv.compile(schema)
done(bodies.map((body) => (judge(body) ? null : ajv.errorsText(judge.errors).slice(0, 300))))
