/* Reading protobuf's wire format and writing single values as JSON, for `encode.c`.
 * Functions that return an int return -1 with a Python error set where they fail.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

typedef struct {
    char *data;
    Py_ssize_t size, room;
} Buffer;

typedef struct {
    const unsigned char *at, *end;
} Bytes;

/* What a field's tag led to: a number, or bytes. */
typedef struct {
    int number;
    unsigned long long value;
    Bytes bytes;
} Item;

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
    PyErr_SetString(PyExc_ValueError, "not a message");
    return -1;
}

/* Reading the wire: 1 for an item, 0 at the end, -1 for what is no message. */

static int take_varint(Bytes *from, unsigned long long *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && from->at < from->end; shift += 7) {
        unsigned char byte = *from->at++;
        *value |= (unsigned long long)(byte & 127) << shift;
        if (byte < 128)
            return 1;
    }
    return malformed();
}

static int take(Bytes *from, Item *item)
{
    unsigned long long tag;
    *item = (Item){0, 0, {from->at, from->at}};
    if (from->at >= from->end)
        return 0;
    if (take_varint(from, &tag) < 0)
        return -1;
    item->number = (int)(tag >> 3);
    unsigned long long size = (tag & 7) == 1 ? 8 : (tag & 7) == 5 ? 4 : 0;
    if ((tag & 7) == 0)
        return take_varint(from, &item->value);
    if ((tag & 7) == 2 && take_varint(from, &size) < 0)
        return -1;
    if (size == 0 && (tag & 7) != 2)
        return malformed();
    if (size > (unsigned long long)(from->end - from->at))
        return malformed();
    item->bytes = (Bytes){from->at, from->at + size};
    from->at += size;
    return 1;
}

/* The numbers of a small message, by field. */
static int take_numbers(Bytes from, long long *values, int count)
{
    Item item;
    int found;
    memset(values, 0, count * sizeof *values);
    while ((found = take(&from, &item)) > 0)
        if (item.number > 0 && item.number <= count)
            values[item.number - 1] = (long long)item.value;
    return found;
}

static int put_text(Buffer *to, Bytes text)
{
    static const char hex[] = "0123456789abcdef", plain[] = "btn?fr";
    if (put(to, "\"", 1) < 0)
        return -1;
    const unsigned char *start = text.at;
    for (const unsigned char *at = text.at; at < text.end; at++) {
        char escape[6] = {'\\', (char)*at, '0', '0', 0, 0};
        int size = 2;
        if (*at >= 32 && *at != '"' && *at != '\\')
            continue;
        if (*at >= 8 && *at <= 13 && *at != 11)
            escape[1] = plain[*at - 8];
        else if (*at < 32) {
            escape[1] = 'u';
            escape[4] = hex[*at >> 4];
            escape[5] = hex[*at & 15];
            size = 6;
        }
        if (put(to, (const char *)start, at - start) < 0 || put(to, escape, size) < 0)
            return -1;
        start = at + 1;
    }
    if (put(to, (const char *)start, text.end - start) < 0)
        return -1;
    return put(to, "\"", 1);
}

/* RFC 3339 in UTC, at most microseconds, trailing zeros trimmed. */
static int put_timestamp(Buffer *to, Bytes from)
{
    long long value[2], day, second;
    char text[64];
    if (take_numbers(from, value, 2) < 0)
        return -1;
    day = value[0] / 86400;
    second = value[0] % 86400;
    if (second < 0) {
        day--;
        second += 86400;
    }
    /* Days to a date of the civil calendar, in years that begin in March. */
    day += 719468;
    long long era = (day >= 0 ? day : day - 146096) / 146097, of_era = day - era * 146097;
    long long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    long long of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (int)(5 * of_year + 2) / 153;
    int of_month = (int)of_year - (153 * month + 2) / 5 + 1;
    year += era * 400 + (month >= 10);
    int size = snprintf(text, sizeof text, "\"%04d-%02d-%02dT%02d:%02d:%02d", (int)year,
                        month < 10 ? month + 3 : month - 9, of_month,
                        (int)second / 3600, (int)second / 60 % 60, (int)second % 60);
    if (value[1] >= 1000) {
        size += snprintf(text + size, sizeof text - size, ".%06d", (int)value[1] / 1000);
        while (text[size - 1] == '0')
            size--;
    }
    memcpy(text + size, "Z\"", 2);
    return put(to, text, size + 2);
}

static int put_date(Buffer *to, Bytes from)
{
    long long value[3];
    char text[64];
    if (take_numbers(from, value, 3) < 0)
        return -1;
    int size = snprintf(text, sizeof text, "\"%04d-%02d-%02d\"", (int)value[0],
                        (int)value[1], (int)value[2]);
    return put(to, text, size);
}

static int put_spelled(Buffer *to, PyObject *spell, PyObject *value)
{
    PyObject *text = value == NULL ? NULL : PyObject_CallOneArg(spell, value);
    int done = -1;
    if (text != NULL && PyBytes_Check(text))
        done = put(to, PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text));
    else if (text != NULL)
        PyErr_SetString(PyExc_TypeError, "spell returned no bytes");
    Py_XDECREF(text);
    Py_XDECREF(value);
    return done;
}

/* Only digits with at most a sign and a point are plainly a JSON number. */
static int put_decimal(Buffer *to, Bytes from, PyObject *spell)
{
    Item item;
    Bytes text = {NULL, NULL};
    int found, points = 0;
    while ((found = take(&from, &item)) > 0)
        if (item.number == 1)
            text = item.bytes;
    if (found < 0)
        return -1;
    const unsigned char *at = text.at;
    if (at < text.end && *at == '-')
        at++;
    int plain = at < text.end && *at >= '1' && *at <= '9' && text.end[-1] != '.';
    for (; plain && at < text.end; at++)
        plain = (*at >= '0' && *at <= '9') || (*at == '.' && ++points == 1);
    if (plain)
        return put(to, (const char *)text.at, text.end - text.at);
    return put_spelled(
        to, spell,
        PyUnicode_DecodeUTF8((const char *)text.at, text.end - text.at, NULL));
}

static int put_double(Buffer *to, Bytes from, PyObject *spell)
{
    char text[32];
    if (from.end - from.at != 8)
        return malformed();
    double value = PyFloat_Unpack8((const char *)from.at, 1);
    if (value >= -9007199254740992.0 && value <= 9007199254740992.0 &&
        value == (double)(long long)value)
        return put(to, text, snprintf(text, sizeof text, "%lld", (long long)value));
    return put_spelled(to, spell, PyFloat_FromDouble(value));
}
