export class Pace {
    longestWait;
    #limit; // undefined until an answer has stated it
    #perSecond = Infinity;
    #debt = 0;
    #reckonedAt = seconds();
    #underWay = 0;
    #waiting = [];
    #timer;
    /**
     * @param longestWait Seconds. If the next request would wait longer, it is sent at once,
     *   so that its call ends with the server's own refusal.
     */
    constructor(longestWait) {
        this.longestWait = longestWait;
    }
    /** Resolves when a request may be sent. Call `settle` after every request. */
    async enter(signal) {
        signal?.throwIfAborted();
        await new Promise((resolve, reject) => {
            const leave = () => {
                this.#waiting.splice(this.#waiting.indexOf(go), 1);
                reject(signal?.reason);
            };
            const go = () => {
                signal?.removeEventListener('abort', leave);
                resolve();
            };
            signal?.addEventListener('abort', leave, { once: true });
            this.#waiting.push(go);
            this.#admit();
        });
    }
    /** Records the answer to a request; undefined if there was none. */
    settle(answer) {
        this.#underWay--;
        this.#reckon();
        this.#debt += 1;
        this.#learn(answer);
        this.#admit();
    }
    #learn(answer) {
        const policy = /;q=(\d+);w=(\d+)/.exec(answer?.headers.get('ratelimit-policy') ?? '');
        const told = answer?.rateLimit;
        if (policy === null || told === undefined) {
            this.#limit ??= Infinity; // no stated limit means none, until one is stated
            return;
        }
        this.#limit = Number(policy[1]);
        this.#perSecond = this.#limit / Number(policy[2]);
        // Other clients may use the same limit. The server's count may include our requests in
        // flight, which are in this account already.
        this.#debt = Math.max(Math.min(this.#debt, this.#limit), this.#limit - told.remaining - this.#underWay);
    }
    /** Decreases the debt by the time since the last call. */
    #reckon() {
        const now = seconds();
        const paid = (now - this.#reckonedAt) * this.#perSecond;
        this.#debt = paid < this.#debt ? this.#debt - paid : 0;
        this.#reckonedAt = now;
    }
    /** Releases the requests that may be sent, and sets a timer for the next. */
    #admit() {
        clearTimeout(this.#timer);
        this.#reckon();
        while (this.#waiting.length > 0) {
            // The first request is sent alone: its answer states the limit.
            if (this.#limit === undefined && this.#underWay > 0)
                return;
            const wait = this.#wait();
            if (wait > 0 && wait <= this.longestWait) {
                this.#timer = setTimeout(() => this.#admit(), wait * 1000);
                return;
            }
            this.#underWay++;
            this.#waiting.shift()?.();
        }
    }
    /** The seconds that the next request must wait, as far as known now. */
    #wait() {
        const over = this.#debt + this.#underWay + 1 - (this.#limit ?? Infinity);
        return over > 0 ? Math.max(over / this.#perSecond, 0.001) : 0;
    }
}
const seconds = () => performance.now() / 1000;
