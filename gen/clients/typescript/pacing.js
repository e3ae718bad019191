export class Pace {
    longestWait;
    #limit; // undefined until an answer has said it
    #perSecond = Infinity;
    #debt = 0;
    #reckonedAt = seconds();
    #underWay = 0;
    #waiting = [];
    #timer;
    /**
     * @param longestWait Seconds. When the next request had to wait longer, it is sent all
     *   the same, so that its call ends with the server's own refusal.
     */
    constructor(longestWait) {
        this.longestWait = longestWait;
    }
    /** Resolves when a request may be sent. What is sent must be `settle`d. */
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
    /** Learns what became of a request that was sent; undefined when no answer came. */
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
            this.#limit ??= Infinity; // what does not tell its limit has none, until it does
            return;
        }
        this.#limit = Number(policy[1]);
        this.#perSecond = this.#limit / Number(policy[2]);
        // Others may use the same limit. Of what the server counts, as many as are under
        // way may be ours: they are in this account already.
        this.#debt = Math.max(Math.min(this.#debt, this.#limit), this.#limit - told.remaining - this.#underWay);
    }
    /** Pays back what the time since has paid back. */
    #reckon() {
        const now = seconds();
        const paid = (now - this.#reckonedAt) * this.#perSecond;
        this.#debt = paid < this.#debt ? this.#debt - paid : 0;
        this.#reckonedAt = now;
    }
    /** Lets those go that may, and comes back for the next. */
    #admit() {
        clearTimeout(this.#timer);
        this.#reckon();
        while (this.#waiting.length > 0) {
            // The first request goes alone: its answer tells the limit.
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
    /** How many seconds the next request has to wait, as far as it is known now. */
    #wait() {
        const over = this.#debt + this.#underWay + 1 - (this.#limit ?? Infinity);
        return over > 0 ? Math.max(over / this.#perSecond, 0.001) : 0;
    }
}
const seconds = () => performance.now() / 1000;
