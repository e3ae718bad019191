/** The stream of changes: its request, and its events from the bytes that arrive. */
import { Answer } from './answers.js';
import { read, write } from './json.js';
import { problemOf, Unreachable } from './problems.js';
const LARGEST = 64 * 1024 * 1024; // characters of an event; the API's are far smaller
/**
 * The events of a stream. One that is cut off at the end is none.
 *
 * @throws {Problem} The API ends the stream.
 * @throws {Unreachable} An event is no change.
 */
export async function* eventsOf(chunks) {
    const decoder = new TextDecoder();
    let rest = '';
    let told = {};
    for await (const chunk of chunks) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > LARGEST) {
            throw new Unreachable('The stream has an event without an end.');
        }
        for (const line of lines.map((each) => each.replace(/\r$/, ''))) {
            const [, name, text] = /^([^:]*):? ?(.*)$/s.exec(line);
            if (name)
                told[name] = text ?? '';
            else if (line === '' && Object.keys(told).length > 0) {
                yield eventOf(told);
                told = {};
            }
        }
    }
}
function eventOf({ id, event, data }) {
    if (data === undefined)
        return { cursor: id, change: undefined };
    let change;
    try {
        change = read(data);
    }
    catch (cause) {
        throw new Unreachable('The stream has an event that is no change.', { cause });
    }
    if (event !== 'problem')
        return { cursor: id, change: change };
    const { status } = change;
    throw problemOf(new Answer(status, new Headers(), data));
}
/** The call that begins a stream, after a cursor if there is one. */
export function streamCall({ start, resources, types, filters, include }, cursor, signal) {
    const lists = { resources, types, include };
    const given = Object.entries(lists).map(([name, texts]) => {
        if (texts && !Array.isArray(texts))
            throw new TypeError(`The ${name} are no list.`);
        return [name, texts?.map(encodeURIComponent).join(',')];
    });
    if (start)
        given.push(['start', encodeURIComponent(start)]);
    if (filters)
        given.push(['filters', encodeURIComponent(write(filters))]);
    const query = given.filter(([, text]) => text).map((each) => each.join('='));
    return {
        method: 'GET',
        path: `/v1/changes/stream${query.length ? `?${query.join('&')}` : ''}`,
        headers: {
            Accept: 'text/event-stream',
            ...(cursor && { 'Last-Event-ID': cursor }),
        },
        keyed: false,
        repeatable: true,
        signal,
    };
}
