/* Reading the JSON text of a `jsonb` column, for `rows.c`, as google.protobuf.Struct.
 * PostgreSQL has written the text, so that it is JSON; what is not is an error all the
 * same. It puts `, ` and `: ` between values and no other white space.
 */

#include "sent.h"

static int not_json(void)
{
    PyErr_SetString(PyExc_ValueError, "a column holds no JSON object");
    return -1;
}

static int is_next(Sent *from, char wanted)
{
    while (from->at < from->end && *from->at == ' ')
        from->at++;
    if (from->at >= from->end || *from->at != (unsigned char)wanted)
        return 0;
    from->at++;
    return 1;
}

static int take_word(Sent *from, const char *word, Py_ssize_t size)
{
    if (from->end - from->at < size || memcmp(from->at, word, size) != 0)
        return not_json();
    from->at += size;
    return 0;
}

/* Four hexadecimal digits. PostgreSQL escapes control characters alone. */
static int take_code(Sent *from, unsigned *code)
{
    *code = 0;
    for (int i = 0; i < 4; i++) {
        if (from->at >= from->end || !Py_ISXDIGIT(*from->at))
            return not_json();
        int letter = *from->at++;
        *code = *code << 4 | (letter <= '9' ? letter - '0' : (letter | 32) - 'a' + 10);
    }
    return *code < 128 ? 0 : not_json();
}

/* A text whose first quote was read, as the field of a message. */
static int put_json_text(Buffer *to, int field, Sent *from)
{
    static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const unsigned char *start = from->at;
    while (from->at < from->end && *from->at != '"')
        from->at += *from->at == '\\' ? 2 : 1;
    if (from->at >= from->end)
        return not_json();
    Sent text = {start, from->at++};
    if (memchr(start, '\\', text.end - start) == NULL)
        return put_sent_text(to, field, text);
    char *made = PyMem_Malloc(text.end - start), *at = made;
    if (made == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    int done = 0;
    while (!done && text.at < text.end) {
        unsigned code = *text.at++;
        if (code == '\\') {
            code = *text.at++;
            const char *known = strchr(escapes, (int)code);
            if (code == 'u')
                done = take_code(&text, &code);
            else if (known != NULL && *known)
                code = (unsigned char)meant[known - escapes];
            else
                done = not_json();
        }
        *at++ = (char)code;
    }
    if (!done)
        done = put_utf8(to, field, made, at - made);
    PyMem_Free(made);
    return done;
}

/* A double. Up to 15 digits with up to 22 places are exact by one division; what has
 * more is read as Python does. */
static int put_json_number(Buffer *to, int field, Sent *from)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const unsigned char *start = from->at;
    int minus = *from->at == '-', digits = 0, places = -1;
    long long whole = 0;
    for (from->at += minus; from->at < from->end; from->at++) {
        if (*from->at == '.' && places < 0) {
            places = 0;
            continue;
        }
        if (!Py_ISDIGIT(*from->at))
            break;
        places += places >= 0;
        if (++digits <= 15)
            whole = 10 * whole + (*from->at - '0');
    }
    if (digits == 0)
        return not_json();
    double value = (double)whole / powers[places > 0 && places < 16 ? places : 0];
    value = minus ? -value : value;
    if (digits > 15) {
        PyObject *text =
            PyUnicode_DecodeASCII((const char *)start, from->at - start, NULL);
        PyObject *number = text == NULL ? NULL : PyFloat_FromString(text);
        Py_XDECREF(text);
        if (number == NULL)
            return -1;
        value = PyFloat_AS_DOUBLE(number);
        Py_DECREF(number);
    }
    return put_double(to, field, value);
}

static int put_json_members(Buffer *to, int field, Sent *from);
static int put_json_value(Buffer *to, int field, Sent *from);

/* A list whose first bracket was read. */
static int put_json_list(Buffer *to, int field, Sent *from)
{
    Py_ssize_t start = begin(to, field);
    /* What nests deeper than Python calls do is an error, not the end of the stack. */
    if (start < 0 || Py_EnterRecursiveCall(" while packing JSON"))
        return -1;
    int done = 0, more = !is_next(from, ']');
    while (!done && more) {
        done = put_json_value(to, 1, from);
        more = !done && is_next(from, ',');
        if (!done && !more && !is_next(from, ']'))
            done = not_json();
    }
    Py_LeaveRecursiveCall();
    return done < 0 ? -1 : end(to, start);
}

static int put_json_value(Buffer *to, int field, Sent *from)
{
    Py_ssize_t start = begin(to, field);
    int done = -1;
    if (start < 0)
        return -1;
    if (is_next(from, '"'))
        done = put_json_text(to, 3, from);
    else if (is_next(from, '{'))
        done = put_json_members(to, 5, from);
    else if (is_next(from, '['))
        done = put_json_list(to, 6, from);
    else if (from->at >= from->end)
        return not_json();
    else if (*from->at == 'n')
        done = take_word(from, "null", 4) < 0 ? -1 : put_number(to, 1, 0);
    else if (*from->at == 't')
        done = take_word(from, "true", 4) < 0 ? -1 : put_number(to, 4, 1);
    else if (*from->at == 'f')
        done = take_word(from, "false", 5) < 0 ? -1 : put_number(to, 4, 0);
    else
        done = put_json_number(to, 2, from);
    return done < 0 ? -1 : end(to, start);
}

/* An object whose first brace was read. */
static int put_json_members(Buffer *to, int field, Sent *from)
{
    Py_ssize_t start = begin(to, field);
    if (start < 0 || Py_EnterRecursiveCall(" while packing JSON"))
        return -1;
    int done = 0, more = !is_next(from, '}');
    while (!done && more) {
        Py_ssize_t entry = begin(to, 1);
        if (entry < 0 || !is_next(from, '"'))
            done = entry < 0 ? -1 : not_json();
        else if (put_json_text(to, 1, from) < 0)
            done = -1;
        else if (!is_next(from, ':'))
            done = not_json();
        else
            done = put_json_value(to, 2, from) < 0 ? -1 : end(to, entry);
        more = !done && is_next(from, ',');
        if (!done && !more && !is_next(from, '}'))
            done = not_json();
    }
    Py_LeaveRecursiveCall();
    return done < 0 ? -1 : end(to, start);
}

/* A column of `jsonb`: the version of its format, which is 1, and the text. */
static int put_sent_struct(Buffer *to, int field, Sent from)
{
    if (from.at >= from.end || *from.at++ != 1 || !is_next(&from, '{'))
        return not_json();
    if (put_json_members(to, field, &from) < 0)
        return -1;
    return from.at == from.end ? 0 : not_json();
}
