#!/usr/bin/env node
/** The command `prospectconnect-codegen`. */
import process from 'node:process';
import { typescriptTypes } from './own_fields.js';
import { ProspectConnect } from './client.js';
import { Problem, Unreachable } from './problems.js';
const ADDRESS = 'https://papi.prospectconnect.ai';
// The same as those of `pcrm`.
const REFUSED = 1;
const WRONG_USE = 2;
const NOT_LOGGED_IN = 3;
const NOT_REACHED = 4;
const HELP = `\
usage: prospectconnect-codegen [--check] [--url URL] FILE

Writes the tenant's own fields as types of TypeScript into a file, such as own_fields.ts.

  --check    write nothing; fail if the file is not up to date
  --url URL  the address of the API (default: PCRM_URL, or ${ADDRESS})

The token comes from PCRM_TOKEN. It needs the scope schema.read.

exit status: 0 done, 1 refused by the API or out of date, 2 wrong use, 3 no token,
4 the API was not reached
`;
/** What the command line asks for; undefined for one that is malformed. */
function wanted(given) {
    const found = { file: '', check: false, address: process.env.PCRM_URL || ADDRESS };
    const left = [...given];
    for (let each = left.shift(); each !== undefined; each = left.shift()) {
        if (each === '--check')
            found.check = true;
        else if (each === '--url' && left[0])
            found.address = left.shift() ?? '';
        else if (each.startsWith('-') || found.file)
            return undefined;
        else
            found.file = each;
    }
    return found.file ? found : undefined;
}
async function main(given) {
    if (given.includes('--help') || given.includes('-h')) {
        process.stdout.write(HELP);
        return 0;
    }
    const told = wanted(given);
    if (told === undefined)
        return failed(WRONG_USE, HELP.split('\n')[0] ?? '');
    const token = (process.env.PCRM_TOKEN ?? '').trim();
    if (!token)
        return failed(NOT_LOGGED_IN, 'Set PCRM_TOKEN to a token with the scope schema.read.');
    const fields = [];
    try {
        const client = new ProspectConnect({ token, address: told.address });
        for await (const field of client.fields.search())
            fields.push(field);
    }
    catch (error) {
        return failed(statusOf(error), error.message);
    }
    return write(told, typescriptTypes(fields));
}
function statusOf(error) {
    if (error instanceof Unreachable)
        return NOT_REACHED;
    return error instanceof Problem ? REFUSED : WRONG_USE;
}
function failed(status, why) {
    process.stderr.write(`${why}\n`);
    return status;
}
/** Writes a file that differs. One that does not keeps its time. */
async function write({ file, check }, text) {
    const { readFile, rename, writeFile } = await import('node:fs/promises');
    const { basename, dirname, join } = await import('node:path');
    if ((await readFile(file, 'utf8').catch(() => undefined)) === text)
        return 0;
    if (check)
        return failed(REFUSED, `${file} is not up to date. Run it without --check.`);
    const fresh = join(dirname(file), `.${basename(file)}.${crypto.randomUUID()}.new`);
    await writeFile(fresh, text);
    await rename(fresh, file);
    return 0;
}
process.exitCode = await main(process.argv.slice(2));
