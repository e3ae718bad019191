// The collections, read by what their programs read them with: Postman's own model, and
// Bruno's own parser. Tells each request as it would be sent.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { done, told } from '../conversation.mjs'

const require = createRequire(import.meta.url)
const { Collection } = require('postman-collection')
const bruno = require('@usebruno/lang')

const text = (path) => readFileSync(path, 'utf8')
const on = (list) => Object.fromEntries(
  list.filter(({ disabled, enabled }) => !disabled && enabled !== false)
    .map(({ key, name, value }) => [key ?? name, value]))

function postman() {
  const collection = new Collection(JSON.parse(text(told.postman)))
  const found = []
  collection.forEachItem((item) => {
    const { request } = item
    found.push({
      folder: item.parent().name,
      name: item.name,
      method: request.method,
      url: request.url.getHost() + request.url.getPath({ unresolved: true }),
      path: Object.fromEntries(request.url.variables.all().map(({ key, value }) => [key, value])),
      headers: on(request.headers.all()),
      body: request.body?.raw ?? null,
      auth: request.auth?.type ?? collection.auth.type,
      answers: item.responses.count(),
    })
  })
  const variables = Object.fromEntries(collection.variables.all().map(({ key, value }) => [key, value]))
  return { found, variables, token: collection.auth.parameters().get('token') }
}

function brunos() {
  const found = told.bruno.requests.map((path) => {
    const read = bruno.bruToJsonV2(text(path))
    const body = read.body ?? {}
    return {
      name: read.meta.name,
      method: read.http.method.toUpperCase(),
      url: read.http.url,
      path: on((read.params ?? []).filter(({ type }) => type === 'path')),
      headers: on(read.headers ?? []),
      body: body[read.http.body] ?? null,
      auth: read.http.auth,
      again: bruno.bruToJsonV2(bruno.jsonToBruV2(read)).http.url === read.http.url,
    }
  })
  const collection = bruno.collectionBruToJson(text(told.bruno.collection))
  const variables = bruno.bruToEnvJsonV2(text(told.bruno.environment)).variables
  for (const path of told.bruno.folders) bruno.collectionBruToJson(text(path))
  return { found, auth: collection.auth, variables: on(variables), names: variables.map(({ name }) => name) }
}

done({ postman: postman(), bruno: brunos() })
