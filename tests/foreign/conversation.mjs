// How a script and its test talk: what it was told, whom it asks for, and what it found.
import { createInterface } from 'node:readline'

export const told = JSON.parse(process.argv[2])

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const say = (message, then) => process.stdout.write(`${JSON.stringify(message)}\n`, then)

/** Has the person open an address; resolves to the address they are sent to. */
export async function open(url) {
  say({ open: String(url) })
  return new URL((await lines.next()).value)
}

/** Tells what the script found, and ends. */
export function done(found) {
  say({ done: found }, () => process.exit(0))
}
