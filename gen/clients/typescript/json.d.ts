/**
 * Writes a value as JSON.
 *
 * @param amounts The paths of amounts: names joined by dots.
 * @param compared The fields that conditions compare with amounts, at any depth.
 * @throws {TypeError} JSON cannot express a part of it; the message names the part.
 */
export declare function write(value: unknown, amounts?: readonly string[], compared?: readonly string[]): string;
/**
 * Reads JSON. A number that JavaScript cannot represent becomes an `Amount`, anywhere.
 *
 * @param amounts The paths where every number becomes an `Amount`: names joined by dots.
 */
export declare function read(text: string, amounts?: readonly string[]): unknown;
