/**
 * Sends requests no faster than the rate limit lets them through, so that none is refused.
 *
 * The server counts requests as a debt that is paid back at a steady rate. The pace keeps
 * the same account, except that it begins to pay back when the answer is here, not when
 * the server counted the request. So its debt is never smaller than the server's, however
 * long requests are on their way.
 */
import type { Answer } from './answers.js'

export class Pace {
  #limit: number | undefined // undefined until an answer has said it
  #perSecond = Infinity
  #debt = 0
  #reckonedAt = seconds()
  #underWay = 0
  readonly #waiting: (() => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined

  /**
   * @param longestWait Seconds. When the next request had to wait longer, it is sent all
   *   the same, so that its call ends with the server's own refusal.
   */
  constructor(private readonly longestWait: number) {}

  /** Resolves when a request may be sent. What is sent must be `settle`d. */
  async enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1)
        reject(signal?.reason as Error)
      }
      const go = () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.push(go)
      this.#admit()
    })
  }

  /** Learns what became of a request that was sent; undefined when no answer came. */
  settle(answer: Answer | undefined): void {
    this.#underWay--
    this.#reckon()
    this.#debt += 1
    this.#learn(answer)
    this.#admit()
  }

  #learn(answer: Answer | undefined): void {
    const policy = /;q=(\d+);w=(\d+)/.exec(answer?.headers.get('ratelimit-policy') ?? '')
    const told = answer?.rateLimit
    if (policy === null || told === undefined) {
      this.#limit ??= Infinity // what does not tell its limit has none, until it does
      return
    }
    this.#limit = Number(policy[1])
    this.#perSecond = this.#limit / Number(policy[2])
    // Others may use the same limit. Of what the server counts, as many as are under
    // way may be ours: they are in this account already.
    this.#debt = Math.max(
      Math.min(this.#debt, this.#limit),
      this.#limit - told.remaining - this.#underWay,
    )
  }

  /** Pays back what the time since has paid back. */
  #reckon(): void {
    const now = seconds()
    const paid = (now - this.#reckonedAt) * this.#perSecond
    this.#debt = paid < this.#debt ? this.#debt - paid : 0
    this.#reckonedAt = now
  }

  /** Lets those go that may, and comes back for the next. */
  #admit(): void {
    clearTimeout(this.#timer)
    this.#reckon()
    while (this.#waiting.length > 0) {
      // The first request goes alone: its answer tells the limit.
      if (this.#limit === undefined && this.#underWay > 0) return
      const wait = this.#wait()
      if (wait > 0 && wait <= this.longestWait) {
        this.#timer = setTimeout(() => this.#admit(), wait * 1000)
        return
      }
      this.#underWay++
      this.#waiting.shift()?.()
    }
  }

  /** How many seconds the next request has to wait, as far as it is known now. */
  #wait(): number {
    const over = this.#debt + this.#underWay + 1 - (this.#limit ?? Infinity)
    return over > 0 ? Math.max(over / this.#perSecond, 0.001) : 0
  }
}

const seconds = () => performance.now() / 1000
