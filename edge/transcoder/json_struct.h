/* Writing google.protobuf.Struct and Value as JSON, for `encode.c`. A struct holds values,
 * and a value may hold a struct. `spell` writes the numbers that the C code cannot write.
 */

#include "json_text.h"

static int put_struct(Buffer *to, Bytes from, PyObject *spell);

static int put_value(Buffer *to, Bytes from, PyObject *spell);

static int put_values(Buffer *to, Bytes from, PyObject *spell)
{
    Item item;
    int found, first = 1;
    if (put(to, "[", 1) < 0)
        return -1;
    for (; (found = take(&from, &item)) > 0; first = 0)
        if ((!first && put(to, ",", 1) < 0) || put_value(to, item.bytes, spell) < 0)
            return -1;
    return found < 0 ? -1 : put(to, "]", 1);
}

static int put_value(Buffer *to, Bytes from, PyObject *spell)
{
    Item item, last = {0};
    int found;
    while ((found = take(&from, &item)) > 0)
        last = item;
    if (found < 0)
        return -1;
    switch (last.number) {
    case 2: return put_double(to, last.bytes, spell);
    case 3: return put_text(to, last.bytes);
    case 4: return last.value ? put(to, "true", 4) : put(to, "false", 5);
    case 5: return put_struct(to, last.bytes, spell);
    case 6: break;
    default: return put(to, "null", 4);
    }
    /* Nesting deeper than Python's recursion limit is an error, not a stack overflow. */
    if (Py_EnterRecursiveCall(" while writing JSON"))
        return -1;
    int done = put_values(to, last.bytes, spell);
    Py_LeaveRecursiveCall();
    return done;
}

typedef struct {
    Bytes key, value;
} Entry;

static int by_key(const void *one, const void *other)
{
    Bytes a = ((const Entry *)one)->key, b = ((const Entry *)other)->key;
    Py_ssize_t sizes[2] = {a.end - a.at, b.end - b.at};
    int order = memcmp(a.at, b.at, sizes[0] < sizes[1] ? sizes[0] : sizes[1]);
    return order ? order : (sizes[0] > sizes[1]) - (sizes[0] < sizes[1]);
}

/* Entries are sorted by key: equal answers must be equal byte for byte. */
static int put_entries(Buffer *to, Bytes from, Entry *entries, PyObject *spell)
{
    static const unsigned char none[1];
    Item entry, item;
    int found, count = 0;
    while ((found = take(&from, &entry)) > 0) {
        Entry *taken = entries + count++;
        *taken = (Entry){{none, none}, {none, none}};
        while ((found = take(&entry.bytes, &item)) > 0)
            *(item.number == 1 ? &taken->key : &taken->value) = item.bytes;
        if (found < 0)
            return -1;
    }
    if (found < 0 || put(to, "{", 1) < 0)
        return -1;
    qsort(entries, count, sizeof *entries, by_key);
    for (int i = 0; i < count; i++)
        if ((i > 0 && put(to, ",", 1) < 0) || put_text(to, entries[i].key) < 0 ||
            put(to, ":", 1) < 0 || put_value(to, entries[i].value, spell) < 0)
            return -1;
    return put(to, "}", 1);
}

static int put_struct(Buffer *to, Bytes from, PyObject *spell)
{
    Bytes again = from;
    Item item;
    int found, count = 1;
    while ((found = take(&again, &item)) > 0)
        count++;
    Entry *entries = found < 0 ? NULL : PyMem_Malloc(count * sizeof *entries);
    if (entries == NULL)
        return found < 0 ? -1 : (PyErr_NoMemory(), -1);
    int done = Py_EnterRecursiveCall(" while writing JSON") ? -1 : 0;
    if (done == 0) {
        done = put_entries(to, from, entries, spell);
        Py_LeaveRecursiveCall();
    }
    PyMem_Free(entries);
    return done;
}
