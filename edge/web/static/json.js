// Formats and colours JSON without parsing it, so that numbers stay as they were sent.

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g
const MOST = 200_000 // characters; a longer text is cut, with a note

/** The parts of a JSON text, each with a class of the stylesheet. */
export function* parts(text) {
  const tokens = text.slice(0, MOST).match(TOKEN) ?? []
  let depth = 0
  const line = () => `\n${'  '.repeat(depth)}`
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1]
    if (token === '{' || token === '[') {
      depth += 1
      yield ['', next === '}' || next === ']' ? token : token + line()]
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1) // an answer of a proxy may be no JSON
      const before = tokens[at - 1]
      yield ['', before === '{' || before === '[' ? token : line() + token]
    } else if (token === ',') {
      yield ['', token + line()]
    } else if (token === ':') {
      yield ['', ': ']
    } else {
      yield [kind(token, next), token]
    }
  }
  if (text.length > MOST) yield ['c', '\n… and so on']
}

/** The parts of a text as it is written, blanks included. */
export function* inked(text) {
  const found = [...text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[^\s{}[\]:,"]+|[\s{}[\]:,]+/g)]
  for (const [at, [token]] of found.entries()) {
    const next = found[at + 1]?.[0].trimStart()[0]
    yield [/^[\s{}[\]:,]/.test(token) ? '' : kind(token, next), token]
  }
}

function kind(token, next) {
  if (!token.startsWith('"')) return /^[-\d]/.test(token) ? 'mi' : 'kc'
  return next === ':' ? 'nt' : 's2'
}
