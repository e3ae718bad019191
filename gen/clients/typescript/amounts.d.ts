/**
 * Exact decimal numbers, such as amounts of money.
 *
 * A JavaScript number is binary: it cannot hold `0.1`, nor more than about 16 digits. An
 * `Amount` keeps every digit.
 */
/** A decimal text without needless zeros; undefined for what is no plain decimal. */
export declare function plain(text: string): string | undefined;
/** Whether a JavaScript number holds a plain decimal text with all its digits. */
export declare function fits(text: string): boolean;
/** A decimal number with all its digits. It never changes. */
export declare class Amount {
    /** The digits, without needless zeros: `1200.5`. Equal amounts have equal texts. */
    readonly text: string;
    /** @param text Such as `1200.50`: no exponent, no separators, no currency. */
    constructor(text: string);
    /** The amount that is so many of the currency's minor units, such as cents. */
    static ofMinor(units: bigint, places?: number): Amount;
    /**
     * How many minor units it is, to calculate with: `toMinor()` of 1200.5 is 120050n.
     *
     * @throws {RangeError} It has more decimal places.
     */
    toMinor(places?: number): bigint;
    /**
     * The amount as a number.
     *
     * @throws {RangeError} A number cannot hold all its digits.
     */
    toNumber(): number;
    toString(): string;
    /** The text: written as a JSON number, the next reader could lose digits. */
    toJSON(): string;
    /** What `<`, `-` and the like take: the number, if it holds all digits. */
    [Symbol.toPrimitive](hint: string): string | number;
}
