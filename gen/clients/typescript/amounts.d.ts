/**
 * Exact decimal numbers, such as amounts of money.
 *
 * A JavaScript number is binary: it cannot represent `0.1` exactly, nor more than about 16
 * digits. An `Amount` keeps every digit.
 */
/** A decimal text without needless zeros; undefined for a text that is no plain decimal. */
export declare function plain(text: string): string | undefined;
/** Whether a JavaScript number keeps all digits of a plain decimal text. */
export declare function fits(text: string): boolean;
/** A decimal number with all its digits. It never changes. */
export declare class Amount {
    /** The digits, without needless zeros: `1200.5`. Equal amounts have equal texts. */
    readonly text: string;
    /** @param text Such as `1200.50`: no exponent, no separators, no currency. */
    constructor(text: string);
    /** The amount for a number of the currency's minor units, such as cents. */
    static ofMinor(units: bigint, places?: number): Amount;
    /**
     * The amount in minor units, for calculations: `toMinor()` of 1200.5 is 120050n.
     *
     * @throws {RangeError} It has more decimal places.
     */
    toMinor(places?: number): bigint;
    /**
     * The amount as a number.
     *
     * @throws {RangeError} A number cannot represent all its digits.
     */
    toNumber(): number;
    toString(): string;
    /** The text. It is no JSON number, because the next parser could lose digits. */
    toJSON(): string;
    /** The value for operators such as `<` and `-`: the number, if it keeps all digits. */
    [Symbol.toPrimitive](hint: string): string | number;
}
