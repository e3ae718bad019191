/**
 * Exact decimal numbers, such as amounts of money.
 *
 * A JavaScript number is binary: it cannot hold `0.1`, nor more than about 16 digits. An
 * `Amount` keeps every digit.
 */
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;
/** A decimal text without needless zeros; undefined for what is no plain decimal. */
export function plain(text) {
    const [, sign = '', whole, fraction = ''] = DECIMAL.exec(text) ?? [];
    if (whole === undefined)
        return undefined;
    let end = fraction.length;
    while (fraction[end - 1] === '0')
        end--;
    const digits = end > 0 ? `${whole}.${fraction.slice(0, end)}` : whole;
    return digits === '0' ? digits : sign + digits;
}
/** Whether a JavaScript number holds a plain decimal text with all its digits. */
export function fits(text) {
    return String(Number(text)) === text;
}
/** A decimal number with all its digits. It never changes. */
export class Amount {
    /** The digits, without needless zeros: `1200.5`. Equal amounts have equal texts. */
    text;
    /** @param text Such as `1200.50`: no exponent, no separators, no currency. */
    constructor(text) {
        const found = typeof text === 'string' ? plain(text) : undefined;
        if (found === undefined) {
            throw new TypeError("An amount is made of a text such as '1200.50'.");
        }
        this.text = found;
    }
    /** The amount that is so many of the currency's minor units, such as cents. */
    static ofMinor(units, places = 2) {
        const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
        const split = digits.length - places;
        const text = places ? `${digits.slice(0, split)}.${digits.slice(split)}` : digits;
        return new Amount(units < 0n ? `-${text}` : text);
    }
    /**
     * How many minor units it is, to calculate with: `toMinor()` of 1200.5 is 120050n.
     *
     * @throws {RangeError} It has more decimal places.
     */
    toMinor(places = 2) {
        const [whole = '', fraction = ''] = this.text.split('.');
        if (fraction.length > places) {
            throw new RangeError(`${this.text} has more than ${places} decimal places.`);
        }
        return BigInt(whole + fraction.padEnd(places, '0'));
    }
    /**
     * The amount as a number.
     *
     * @throws {RangeError} A number cannot hold all its digits.
     */
    toNumber() {
        if (!fits(this.text)) {
            throw new RangeError(`A number cannot hold all digits of ${this.text}.`);
        }
        return Number(this.text);
    }
    toString() {
        return this.text;
    }
    /** The text: written as a JSON number, the next reader could lose digits. */
    toJSON() {
        return this.text;
    }
    /** What `<`, `-` and the like take: the number, if it holds all digits. */
    [Symbol.toPrimitive](hint) {
        return hint === 'string' ? this.text : this.toNumber();
    }
}
