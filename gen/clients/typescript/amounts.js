/**
 * Exact decimal numbers, such as amounts of money.
 *
 * A JavaScript number is binary: it cannot represent `0.1` exactly, nor more than about 16
 * digits. An `Amount` keeps every digit.
 */
const DECIMAL = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;
/** A decimal text without needless zeros; undefined for a text that is no plain decimal. */
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
/** Whether a JavaScript number keeps all digits of a plain decimal text. */
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
    /** The amount for a number of the currency's minor units, such as cents. */
    static ofMinor(units, places = 2) {
        const digits = String(units < 0n ? -units : units).padStart(places + 1, '0');
        const split = digits.length - places;
        const text = places ? `${digits.slice(0, split)}.${digits.slice(split)}` : digits;
        return new Amount(units < 0n ? `-${text}` : text);
    }
    /**
     * The amount in minor units, for calculations: `toMinor()` of 1200.5 is 120050n.
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
     * @throws {RangeError} A number cannot represent all its digits.
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
    /** The text. It is no JSON number, because the next parser could lose digits. */
    toJSON() {
        return this.text;
    }
    /** The value for operators such as `<` and `-`: the number, if it keeps all digits. */
    [Symbol.toPrimitive](hint) {
        return hint === 'string' ? this.text : this.toNumber();
    }
}
