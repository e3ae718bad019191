/**
 * Writes the own fields of a tenant as types, so that the compiler knows them.
 *
 * The same definitions make the same text: it names no time and no address. So it can be
 * kept beside the program, and checked against the tenant in CI.
 */
import { OWNERS } from './operations.js';
const ANY_OBJECT = '{object}';
const HEAD = `\
// The tenant's own fields as types. Written by \`prospectconnect-codegen\`; do not edit.
`;
const RECEIVED = {
    integer: 'number', decimal: 'number', boolean: 'boolean', date: 'string',
    timestamp: 'string', text: 'string', long_text: 'string', email: 'string',
    phone: 'string', country: 'string', url: 'string', user: 'string', record: 'string',
};
const SENT = {
    ...RECEIVED, integer: 'number | Amount', decimal: 'number | Amount', timestamp: 'string | Date',
};
const EQUAL = ['eq', 'neq'];
const LISTED = ['in', 'not_in'];
const RANGES = ['gt', 'gte', 'lt', 'lte'];
const EMPTY = ['is_empty', 'is_not_empty'];
const PARTS = ['contains', 'not_contains'];
const RANGED = { one: [...EQUAL, ...RANGES], several: LISTED, two: true, none: EMPTY };
const CHOSEN = { one: EQUAL, several: LISTED, none: EMPTY };
const TEXTS = {
    one: [...EQUAL, ...PARTS, 'starts_with', 'ends_with'], several: LISTED, none: EMPTY,
};
const OPERATORS = {
    integer: RANGED, decimal: RANGED, date: RANGED, timestamp: RANGED,
    text: TEXTS, email: TEXTS, phone: TEXTS, country: TEXTS, url: TEXTS,
    select: CHOSEN, user: CHOSEN, record: CHOSEN, boolean: { one: EQUAL },
    multi_select: { one: PARTS, several: ['any_of', 'all_of', 'none_of'], none: EMPTY },
};
const RESULTS = { string: 'text', number: 'decimal', boolean: 'boolean' };
/**
 * A module with the types of own fields. For contacts these are `ContactFields`, as
 * answers have them, `NewContactFields` for what is sent, `ContactFieldFilter` for
 * conditions, and `contactFields(record)`.
 */
export function typescriptTypes(fields) {
    const byObject = new Map();
    for (const field of fields) {
        if (field.archived)
            continue;
        byObject.set(field.object, [...(byObject.get(field.object) ?? []), field]);
    }
    const slugs = [...byObject.keys()].sort(byCode);
    const parts = slugs.map((slug) => {
        const members = [...(byObject.get(slug) ?? [])];
        return partOf(slug, members.sort((one, other) => byCode(one.key, other.key)));
    });
    if (parts.length === 0)
        return `${HEAD}export {}\n`;
    const kinds = [...byObject.values()].flat().map(kindOf);
    const isExact = kinds.some((kind) => SENT[kind]?.includes('Amount'));
    const names = isExact ? 'Amount, records' : 'records';
    return [`${HEAD}import type { ${names} } from '@prospectconnect/client'\n`, ...parts].join('\n');
}
function byCode(one, other) {
    return one < other ? -1 : one > other ? 1 : 0;
}
/** What the types of an object begin with: `Contact`, `MachinesRecord`. */
function nameOf(slug) {
    const builtIn = Object.hasOwn(OWNERS, slug) ? OWNERS[slug] : undefined;
    if (builtIn !== undefined)
        return builtIn;
    const words = slug
        .split('_')
        .map((word) => (/^[a-z]/.test(word) ? word[0]?.toUpperCase() + word.slice(1) : `_${word}`));
    return `${words.join('')}Record`;
}
function partOf(slug, fields) {
    const name = nameOf(slug);
    const record = Object.hasOwn(OWNERS, slug) ? OWNERS[slug] : OWNERS[ANY_OBJECT];
    const written = fields.filter(({ type }) => type !== 'formula');
    const conditions = fields.flatMap(conditionsOf);
    return `\
/** Own fields of \`${slug}\`, in answers. */
export type ${name}Fields = {
${membersOf(fields, receivedType)}}

/** Own fields of \`${slug}\`, in requests. */
export type New${name}Fields = {
${membersOf(written, sentType)}}

/** Conditions on own fields of \`${slug}\`. */
export type ${name}FieldFilter =${conditions.map((each) => `\n  | ${each}`).join('') || ' never'}

/** The own fields of a record of \`${slug}\`, with their types. */
export function ${name[0]?.toLowerCase()}${name.slice(1)}Fields(record: records.${record}): ${name}Fields {
  return record.custom_fields as ${name}Fields
}
`;
}
function membersOf(fields, typeOf) {
    return fields
        .map((field) => `  /** ${comment(field)} */\n  ${field.key}?: ${typeOf(field)} | null\n`)
        .join('');
}
function receivedType(field) {
    return valueType(field, RECEIVED, field.options);
}
/** Archived options are refused in requests. */
function sentType(field) {
    return valueType(field, SENT, field.options.filter(({ archived }) => !archived));
}
function valueType(field, types, options) {
    const choices = options.map(({ value }) => `'${value}'`).join(' | ') || 'string';
    if (field.type === 'select')
        return `(${choices})`;
    if (field.type === 'multi_select')
        return `(${choices})[]`;
    return types[kindOf(field)] ?? 'string | number | boolean | string[]';
}
/** The type of a field, or that of what a formula gives. */
function kindOf({ type, result }) {
    return type === 'formula' ? (RESULTS[result ?? ''] ?? '') : type;
}
function conditionsOf(field) {
    const operators = OPERATORS[kindOf(field)];
    if (operators === undefined)
        return []; // no filter compares it
    const name = `field: 'custom_fields.${field.key}'`;
    const whole = valueType(field, SENT, field.options);
    const value = field.type === 'multi_select' ? whole.slice(0, -2) : whole;
    const made = [condition(name, operators.one, `value: ${value}`)];
    if (operators.several)
        made.push(condition(name, operators.several, `values: (${value})[]`));
    if (operators.two)
        made.push(condition(name, ['between'], `values: [${value}, ${value}]`));
    if (operators.none)
        made.push(condition(name, operators.none));
    return made;
}
function condition(name, operators, ...more) {
    const choices = operators.map((each) => `'${each}'`).join(' | ');
    return `{ ${[name, `operator: ${choices}`, ...more].join('; ')} }`;
}
/** The label and the description on one line, without line breaks of theirs. */
function comment({ label, description }) {
    const told = [label, description].filter(Boolean).join('. ');
    return told.replace(/[\p{C}\p{Z}]+/gu, ' ').trim().replaceAll('*/', '* /');
}
