// Runs a program of a test with the client for TypeScript: the body of a function that has
// the package as `all`, a client as `api`, and what the test tells as `told`.
import * as all from '../../../gen/clients/typescript/index.js'
import { done, told } from '../../foreign/conversation.mjs'

const settings = { ...told.settings }

// What a call ends with: what it resolves to, or the error in words.
const outcome = async (call) => {
  try {
    return { value: (await call()) ?? null }
  } catch (error) {
    return { error: `${error.name}: ${error.message}` }
  }
}

const names = ['all', 'api', 'told', 'settings', 'outcome']
const program = new (async () => {}).constructor(...names, told.program)
const api = new all.ProspectConnect(settings)
done((await program(all, api, told.values, settings, outcome)) ?? null)
