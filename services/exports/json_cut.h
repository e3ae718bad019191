/* Reading records of compact JSON, as the encoder of answers writes them, for `cells.c`:
 * no white space, and of escapes with `\u` those of control characters alone. Nothing is
 * read beyond the end of what is malformed.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct {
    const char *at, *end;
} Slice;

typedef struct {
    char *data;
    Py_ssize_t size, room;
} Buffer;

static int put(Buffer *to, const char *text, Py_ssize_t size)
{
    if (size == 0) /* the buffer may have no memory yet */
        return 0;
    if (to->size + size > to->room) {
        Py_ssize_t room = 2 * (to->size + size) + 1024;
        char *data = PyMem_Realloc(to->data, room);
        if (data == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        to->data = data;
        to->room = room;
    }
    memcpy(to->data + to->size, text, size);
    to->size += size;
    return 0;
}

static int malformed(void)
{
    PyErr_SetString(PyExc_ValueError, "not a record of compact JSON");
    return -1;
}

/* Where a string ends that has begun before `at`: behind its quotation mark. NULL if it
 * does not end. */
static const char *string_end(const char *at, const char *end)
{
    while (at < end && *at != '"')
        at += *at == '\\' ? 2 : 1;
    return at < end ? at + 1 : NULL;
}

static const char *value_end(const char *at, const char *end)
{
    Py_ssize_t depth = 0;
    while (at < end) {
        char byte = *at;
        if (depth == 0 && (byte == ',' || byte == '}' || byte == ']'))
            return at;
        at++;
        if (byte == '"') {
            at = string_end(at, end);
            if (at == NULL || depth == 0)
                return at;
        } else if (byte == '{' || byte == '[')
            depth++;
        else if ((byte == '}' || byte == ']') && --depth == 0)
            return at;
    }
    return NULL;
}

/* Takes the next member of an object, whose brace is taken already. `key` has its
 * quotation marks. 1 for a member, 0 at the end, -1 with an error. */
static int take_member(Slice *rest, Slice *key, Slice *value)
{
    if (rest->at < rest->end && *rest->at == ',')
        rest->at++;
    if (rest->at >= rest->end)
        return malformed();
    if (*rest->at == '}')
        return 0;
    key->at = rest->at;
    key->end = *key->at == '"' ? string_end(key->at + 1, rest->end) : NULL;
    if (key->end == NULL || key->end >= rest->end || *key->end != ':')
        return malformed();
    value->at = key->end + 1;
    value->end = value_end(value->at, rest->end);
    if (value->end == NULL || value->end == value->at)
        return malformed();
    rest->at = value->end;
    return 1;
}

/* Takes the next element of a list, likewise. */
static int take_element(Slice *rest, Slice *value)
{
    if (rest->at < rest->end && *rest->at == ',')
        rest->at++;
    if (rest->at >= rest->end)
        return malformed();
    if (*rest->at == ']')
        return 0;
    value->at = rest->at;
    value->end = value_end(rest->at, rest->end);
    if (value->end == NULL || value->end == value->at)
        return malformed();
    rest->at = value->end;
    return 1;
}

static int hex_digit(char digit)
{
    return digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10;
}

/* Appends the text of a string, which is given without its quotation marks. */
static int put_unescaped(Buffer *to, Slice from)
{
    static const char letters[] = "btnfr", meant[] = "\b\t\n\f\r";
    while (from.at < from.end) {
        const char *stop = memchr(from.at, '\\', from.end - from.at);
        const char *plain = stop == NULL ? from.end : stop;
        if (put(to, from.at, plain - from.at) < 0)
            return -1;
        if (stop == NULL)
            break;
        if (from.end - stop < 2)
            return malformed();
        char byte = stop[1];
        const char *letter = memchr(letters, byte, 5);
        from.at = stop + 2;
        if (letter != NULL)
            byte = meant[letter - letters];
        else if (byte == 'u') {
            if (from.end - from.at < 4 || memcmp(from.at, "00", 2) != 0 ||
                !Py_ISXDIGIT(from.at[2]) || !Py_ISXDIGIT(from.at[3]))
                return malformed();
            byte = (char)(hex_digit(from.at[2]) << 4 | hex_digit(from.at[3]));
            from.at += 4;
        }
        if (put(to, &byte, 1) < 0)
            return -1;
    }
    return 0;
}
