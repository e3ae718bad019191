import type * as records from './records.js';
/**
 * A module with the types of own fields. For contacts these are `ContactFields`, as
 * answers have them, `NewContactFields` for what is sent, `ContactFieldFilter` for
 * conditions, and `contactFields(record)`.
 */
export declare function typescriptTypes(fields: Iterable<records.Field>): string;
