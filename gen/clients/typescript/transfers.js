import { ProspectConnectError } from './problems.js';
// 2 GiB, the most that an import takes, are 512 of these; it takes 1,000 parts.
const PIECE_BYTES = 4 * 1024 * 1024;
// How long a piece may take: at 14 KB each second it is there.
const PIECE_SECONDS = 300;
/** What has arrived is not the file that the API has. It was deleted. */
export class FileDiffers extends ProspectConnectError {
}
/** A call without a body. */
export function plain(method, path, signal, headers = {}) {
    return { method, path, headers, keyed: false, repeatable: true, signal };
}
/** Sends a file in parts, without those that have arrived. */
export async function sent(send, path, file, arrived, teller, signal) {
    const { open } = await import('node:fs/promises');
    const content = await open(file, 'r');
    let count = 0;
    try {
        const total = (await content.stat()).size;
        const tell = teller(total);
        for (let begin = 0; begin < total || count === 0; begin += PIECE_BYTES) {
            const piece = await read(content, begin, Math.min(PIECE_BYTES, total - begin));
            count += 1;
            if (arrived.get(count) !== (await digest(piece, 'hex'))) {
                const headers = { 'Content-Digest': `sha-256=:${await digest(piece, 'base64')}:` };
                const call = plain('PUT', `${path}/content/${count}`, signal, headers);
                await send({ ...call, content: piece, seconds: PIECE_SECONDS });
            }
            tell(begin + piece.length);
        }
    }
    finally {
        await content.close();
    }
    if ([...arrived.keys()].some((number) => number > count)) {
        throw new TypeError('The import has parts of a longer file. Create another one.');
    }
}
/**
 * Fetches a file, unless it is there. What has arrived is kept beside it, under a name of
 * its own, so that the next try goes on from there.
 */
export async function fetched(send, source, target, tell, signal) {
    const { mkdir, open, rename, unlink } = await import('node:fs/promises');
    const { basename, dirname, join } = await import('node:path');
    await mkdir(dirname(target), { recursive: true });
    if ((await hashOf(target)) === source.sha256)
        return tell(source.size);
    const name = `.${basename(target)}.${source.sha256.slice(0, 16)}.part`;
    const partial = join(dirname(target), name);
    const file = await open(partial, 'a+');
    try {
        let begin = (await file.stat()).size;
        while (begin < source.size) {
            const end = Math.min(begin + PIECE_BYTES, source.size);
            const headers = { Range: `bytes=${begin}-${end - 1}`, 'If-Match': `"${source.sha256}"` };
            const call = plain('GET', source.path, signal, headers);
            const { status, bytes } = await send({ ...call, seconds: PIECE_SECONDS });
            if (status !== 206 || bytes.length !== end - begin) {
                throw new FileDiffers(`${basename(target)}: the answer is not the range.`);
            }
            await file.appendFile(bytes);
            tell(end);
            begin = end;
        }
    }
    finally {
        await file.close();
    }
    if ((await hashOf(partial)) !== source.sha256) {
        await unlink(partial);
        throw new FileDiffers(`${basename(target)}: its SHA-256 is not ${source.sha256}.`);
    }
    await rename(partial, target);
}
/** Bytes of a file from a place on; fewer at its end. */
async function read(file, begin, length) {
    const piece = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
        const { bytesRead } = await file.read(piece, filled, length - filled, begin + filled);
        if (bytesRead === 0)
            return piece.slice(0, filled);
        filled += bytesRead;
    }
    return piece;
}
async function digest(piece, encoding) {
    const { createHash } = await import('node:crypto');
    return createHash('sha256').update(piece).digest(encoding);
}
/** The SHA-256 of a file; undefined if there is none. */
async function hashOf(path) {
    const { createHash } = await import('node:crypto');
    const { open } = await import('node:fs/promises');
    const file = await open(path, 'r').catch(() => undefined);
    if (file === undefined)
        return undefined;
    const hash = createHash('sha256');
    try {
        let begin = 0;
        for (;;) {
            const piece = await read(file, begin, PIECE_BYTES);
            if (piece.length === 0)
                return hash.digest('hex');
            hash.update(piece);
            begin += piece.length;
        }
    }
    finally {
        await file.close();
    }
}
