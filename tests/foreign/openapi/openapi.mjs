// Judges an OpenAPI document: Spectral's own rules, Redocly's recommended ones, and the
// types that openapi-typescript makes of it. Says what they say, and what was made.
//
// It is told {file}, and says {spectral, redocly, operations}.

import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

import { createConfig, lint } from '@redocly/openapi-core'
import spectralCore from '@stoplight/spectral-core'
import spectralParsers from '@stoplight/spectral-parsers'
import spectralRulesets from '@stoplight/spectral-rulesets'
import openapiTypescript, { astToString } from 'openapi-typescript'

const { file } = JSON.parse(process.argv[2])

async function bySpectral() {
  const spectral = new spectralCore.Spectral()
  spectral.setRuleset({ extends: [spectralRulesets.oas] })
  const text = readFileSync(file, 'utf8')
  const document = new spectralCore.Document(text, spectralParsers.Json, file)
  const found = await spectral.run(document)
  return found.map(({ code, message, path }) => ({
    rule: code,
    message,
    place: path.join('/'),
  }))
}

async function byRedocly() {
  const config = await createConfig({
    extends: ['recommended'],
    rules: {
      // Or it takes the branches of an `if` for schemas that know no other property.
      'no-invalid-media-type-examples': {
        severity: 'error',
        allowAdditionalProperties: true,
      },
    },
  })
  const found = await lint({ ref: file, config })
  return found.map(({ ruleId, message, location }) => ({
    rule: ruleId,
    message,
    place: location[0].pointer ?? '',
  }))
}

// The operations that have types.
async function typed() {
  const made = astToString(await openapiTypescript(pathToFileURL(file)))
  const operations = made.slice(made.indexOf('export interface operations'))
  return [...operations.matchAll(/^    (\w+): \{$/gm)].map((found) => found[1])
}

const done = {
  spectral: await bySpectral(),
  redocly: await byRedocly(),
  operations: await typed(),
}
console.log(JSON.stringify({ done }))
