/**
 * Lossless JSON: amounts keep their digits in both directions. A value that JSON cannot
 * express is refused; `JSON.stringify` would write `null` or leave it out.
 */
import { Amount, fits, plain } from './amounts.js';
const DEEPEST = 100; // levels; a value that contains itself has more
// From here on, the distance between numbers is more than a cent (2^-6), so a number that
// was written with cents has already lost them.
const CENTS_END = 2 ** 46;
/**
 * Writes a value as JSON.
 *
 * @param amounts The paths of amounts: names joined by dots.
 * @param compared The fields that conditions compare with amounts, at any depth.
 * @throws {TypeError} JSON cannot express a part of it; the message names the part.
 */
export function write(value, amounts = [], compared = []) {
    return written(value, { amounts, compared, path: '', depth: 0, inCondition: false });
}
function written(value, at) {
    if (value === null || typeof value === 'boolean')
        return String(value);
    if (typeof value === 'string')
        return quoted(value, at);
    if (typeof value === 'number')
        return numeral(value, at);
    if (typeof value === 'bigint' && fits(String(value)))
        return String(value);
    if (typeof value === 'bigint')
        refuse(at, 'a bigint that no number holds: use an Amount');
    if (typeof value !== 'object')
        refuse(at, typeof value);
    if (at.depth > DEEPEST)
        refuse(at, 'nested too deep, or inside itself');
    if (Array.isArray(value)) {
        const items = Array.from(value);
        return `[${items.map((item, index) => written(item, below(at, `[${index}]`)))}]`;
    }
    return objectOf(value, at);
}
function objectOf(value, at) {
    if (value instanceof Amount)
        return value.text;
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    if (kind === 'Date')
        return timestamp(value, at);
    if ('toJSON' in value && typeof value.toJSON === 'function') {
        const told = value.toJSON();
        // Date libraries return `null` for an invalid date: it would clear the field.
        if (told === null)
            refuse(at, `an object of ${value.constructor?.name} without a value`);
        return written(told, { ...at, depth: at.depth + 1 });
    }
    if (kind !== 'Object')
        refuse(at, `a ${kind}`);
    const inCondition = at.compared.includes(value.field ?? '');
    const members = Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => {
        const place = { ...below(at, at.path && '.', name), inCondition };
        return `${quoted(name, place)}:${written(item, place)}`;
    });
    return `{${members}}`;
}
function below(at, ...steps) {
    return { ...at, path: at.path + steps.join(''), depth: at.depth + 1 };
}
function quoted(text, at) {
    if (/\p{Surrogate}/u.test(text))
        refuse(at, 'a string with half a surrogate pair');
    return JSON.stringify(text);
}
function numeral(value, at) {
    if (!Number.isFinite(value))
        refuse(at, String(value));
    const isAmount = at.inCondition || at.amounts.includes(at.path.replace(/\[\d+\]/g, ''));
    if (isAmount && Math.abs(value) >= CENTS_END) {
        refuse(at, 'a number too large to hold cents: use an Amount');
    }
    return JSON.stringify(value);
}
/** A time in RFC 3339, which has the years 0 to 9999. */
function timestamp(value, at) {
    if (Number.isNaN(value.getTime()))
        refuse(at, 'an invalid Date');
    const text = value.toISOString();
    if (!/^\d{4}-/.test(text))
        refuse(at, 'a Date beyond the year 9999, or before 0');
    return JSON.stringify(text);
}
function refuse({ path }, what) {
    throw new TypeError(`JSON cannot express ${path || 'the body'}: it is ${what}.`);
}
const STRINGS_AND_NUMBERS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
/**
 * Reads JSON. A number that JavaScript cannot represent becomes an `Amount`, anywhere.
 *
 * @param amounts The paths where every number becomes an `Amount`: names joined by dots.
 */
export function read(text, amounts = []) {
    const mark = crypto.randomUUID(); // no answer can contain it
    const marked = text.replace(STRINGS_AND_NUMBERS, (token) => {
        const digits = token.startsWith('"') ? undefined : plain(token);
        return digits === undefined || fits(digits) ? token : `"${mark}${digits}"`;
    });
    const json = marked === text
        ? JSON.parse(text)
        : JSON.parse(marked, (_, value) => typeof value === 'string' && value.startsWith(mark)
            ? new Amount(value.slice(mark.length))
            : value);
    for (const path of amounts)
        makeExact(json, path.split('.'));
    return json;
}
/** Converts the numbers at a path to amounts. */
function makeExact(node, [name = '', ...rest]) {
    if (Array.isArray(node)) {
        for (const item of node)
            makeExact(item, [name, ...rest]);
    }
    else if (typeof node === 'object' && node !== null) {
        const members = node;
        const value = members[name];
        if (rest.length > 0)
            makeExact(value, rest);
        else if (typeof value === 'number')
            members[name] = new Amount(String(value));
    }
}
