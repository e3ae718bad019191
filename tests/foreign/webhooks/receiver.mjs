// A receiver of webhooks on a Unix socket, behind a proxy. Two published libraries check each
// request, and that they refuse it with another body, another secret and an old moment. A path
// names how the first request to it is answered; later ones are taken. Each request is told.
import { createServer } from 'node:http'
import { Webhook as Standard } from 'standardwebhooks'
import { Webhook as Svix } from 'svix'

const told = JSON.parse(process.argv[2])
const OTHER = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const seen = new Map()

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

/** Whether a library takes a request. */
function takes(Library, secret, body, headers) {
  try {
    new Library(secret).verify(body, headers)
    return true
  } catch {
    return false
  }
}

/** What the libraries say of a request. Each of them has to accept it. */
function verdicts(secret, body, headers) {
  const old = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 3600) }
  return [Standard, Svix].flatMap((library) => [
    takes(library, secret, body, headers),
    !takes(library, secret, `${body} `, headers),
    !takes(library, OTHER, body, headers),
    !takes(library, secret, body, old),
  ])
}

const ways = {
  slow_head: () => {}, // until the proxy has waited for long enough
  dripping_head: (_, response) => void response.socket.write('HTTP/1.1 200 OK\r\nX-Begun: '),
  endless_body: (_, response) => {
    const timer = setInterval(() => response.write('x'.repeat(4096)), 1)
    response.on('close', () => clearInterval(timer))
  },
  redirect: (_, response) => response.writeHead(307, { Location: '/elsewhere' }).end(),
  reset: (request) => request.socket.destroy(),
  gone: (_, response) => response.writeHead(410).end('Gone'),
  too_many: (_, response) => response.writeHead(429, { 'Retry-After': '7' }).end(),
  no_answer: (request) => request.socket.end('220 mail.example ESMTP\r\n'),
}

createServer((request, response) => {
  const way = request.url.slice(1)
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts).toString()
    const good = verdicts(told.secrets[way] ?? OTHER, body, request.headers)
    const first = !seen.has(way)
    seen.set(way, true)
    say({ way, id: request.headers['webhook-id'], good, headers: request.headers, body })
    if (first && ways[way]) ways[way](request, response)
    else response.writeHead(good.every(Boolean) ? 204 : 401).end()
  })
}).listen(told.socket, () => say({ ready: true }))

process.stdin.on('end', () => process.exit(0)).resume()
