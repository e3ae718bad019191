/** Where operations are cut into batches: where no `@ref` leads from one to another. */
/**
 * How many of the operations make the next batch.
 *
 * @param read The operations that were read and not sent: all that remain, or so many that
 *   what refers to one of the first `size` is among them if it can be.
 * @param size The most operations in a batch.
 * @param sent How many were sent before.
 */
export function lengthOfNext(read, size, sent) {
    const { links, repeated } = refsOf(read);
    const lost = links.find((each) => each.first === undefined);
    const most = Math.min(read.length, size, repeated, lost?.index ?? size);
    const last = new Map(links.map(({ first, index }) => [first, index]));
    let length = 0;
    let reached = 0;
    for (let cut = 1; cut <= most; cut++) {
        reached = Math.max(reached, last.get(cut - 1) ?? 0);
        if (reached < cut)
            length = cut;
    }
    if (length > 0)
        return length;
    if (lost !== undefined && lost.index === most) {
        throw new RangeError(`operations[${sent + lost.index}].${lost.place} refers to @${lost.ref}, and no ` +
            `operation before it in its batch of at most ${size} has this ref.`);
    }
    const far = links.find(({ index, first = most }) => first < most && index >= most);
    throw new RangeError(tooFar(far, size, sent));
}
function tooFar(link, size, sent) {
    const { index = 0, place, ref, first = 0 } = link ?? {};
    return (`operations[${sent + index}].${place} refers to @${ref}, which is ` +
        `operations[${sent + first}]: what refers to each other must fit into one batch of ` +
        `at most ${size} operations, in which each ref stands once.`);
}
/** The links among operations, and the first that has the ref of one before. */
function refsOf(read) {
    const links = [];
    const at = new Map();
    let repeated = Infinity;
    for (const [index, operation] of read.entries()) {
        for (const [place, ref, isSure] of placesOf(operation)) {
            const first = at.get(ref);
            if (isSure || first !== undefined)
                links.push({ index, place, ref, first });
        }
        const ref = refOf(operation);
        if (ref === undefined)
            continue;
        if (at.has(ref))
            repeated = Math.min(repeated, index);
        at.set(ref, index);
    }
    return { links, repeated };
}
/** The `ref` of an operation. */
export function refOf(operation) {
    const { ref } = membersOf(operation);
    return typeof ref === 'string' && ref !== '' ? ref : undefined;
}
/**
 * Where an operation may refer to others, the ref, and whether it surely does. A custom
 * field may be a link, or a text that begins with `@`.
 */
function placesOf(operation) {
    const { id, body } = membersOf(operation);
    const fields = membersOf(body);
    const given = [['id', id, true]];
    for (const [name, value] of Object.entries(fields)) {
        if (name.endsWith('_id'))
            given.push([`body.${name}`, value, true]);
    }
    for (const [key, value] of Object.entries(membersOf(fields.custom_fields))) {
        given.push([`body.custom_fields.${key}`, value, false]);
    }
    return given.flatMap(([place, value, isSure]) => typeof value === 'string' && value.startsWith('@')
        ? [[place, value.slice(1), isSure]]
        : []);
}
function membersOf(value) {
    return typeof value === 'object' && value !== null
        ? value
        : {};
}
