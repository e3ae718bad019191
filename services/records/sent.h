/* Reading the bytes of `record_send`, for `rows.c`: the columns of a row as PostgreSQL
 * sends them, written as fields of a message without a Python object for each.
 * Functions that return an int return -1 with a Python error set where they fail.
 */

#include "wire.h"

typedef struct {
    const unsigned char *at, *end;
} Sent;

/* The types of columns (`pg_type.oid`). */
enum {
    BOOL = 16,
    INT8 = 20,
    INT2 = 21,
    INT4 = 23,
    TEXT = 25,
    TEXTS = 1009,
    BPCHAR = 1042,
    VARCHAR = 1043,
    DATE = 1082,
    MOMENT = 1184,
    NUMERIC = 1700,
    JSONB = 3802
};

static int not_sent(void)
{
    PyErr_SetString(PyExc_TypeError, "a column holds what its field does not");
    return -1;
}

static int take_int(Sent *from, int size, long long *value)
{
    if (from->end - from->at < size)
        return not_sent();
    unsigned long long bits = 0;
    for (int i = 0; i < size; i++)
        bits = bits << 8 | *from->at++;
    int unused = 64 - 8 * size;
    *value = (long long)(bits << unused) >> unused;
    return 0;
}

/* So many bytes; `length` -1 is NULL, which leaves `part->at` NULL. */
static int take_part(Sent *from, long long length, Sent *part)
{
    *part = (Sent){NULL, NULL};
    if (length == -1)
        return 0;
    if (length < 0 || length > from->end - from->at)
        return not_sent();
    *part = (Sent){from->at, from->at + length};
    from->at += length;
    return 0;
}

static int take_column(Sent *from, long long *type, Sent *part)
{
    long long length;
    if (take_int(from, 4, type) < 0 || take_int(from, 4, &length) < 0)
        return -1;
    return take_part(from, length, part);
}

static int take_whole(Sent from, long long type, long long *value)
{
    int size = (int)(from.end - from.at);
    if (type == BOOL ? size != 1 : type == INT2 ? size != 2 : type == INT4 ? size != 4
                                                                             : size != 8)
        return not_sent();
    return take_int(&from, size, value);
}

static int put_sent_text(Buffer *to, int field, Sent text)
{
    return put_utf8(to, field, (const char *)text.at, text.end - text.at);
}

/* A date is the number of days since 2000-01-01. */
static int put_sent_date(Buffer *to, int field, Sent from)
{
    long long day;
    if (take_int(&from, 4, &day) < 0)
        return -1;
    if (day < -730119 || day > 2921939) { /* 0001-01-01 and 9999-12-31 */
        PyErr_SetString(PyExc_ValueError, "a date's column holds no day of a year");
        return -1;
    }
    /* Days to a date of the civil calendar, in years that begin in March. */
    day += 730425;
    long long era = day / 146097, of_era = day % 146097;
    long long year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    long long of_year = of_era - (365 * year + year / 4 - year / 100);
    long long month = (5 * of_year + 2) / 153;
    long long of_month = of_year - (153 * month + 2) / 5 + 1;
    return put_day(to, field, year + 400 * era + (month >= 10),
                   month < 10 ? month + 3 : month - 9, of_month);
}

/* Writes the digits of a numeric, four from each of base 10,000. The first stands at
 * `weight`; those before and after what was sent are 0. `last` is the last one's place.
 * Returns the end of the text, which has no exponent and no zeros at its end. */
static char *spell(char *at, Sent from, long long weight, long long last)
{
    const char *begun = at;
    for (long long place = weight < 0 ? 0 : weight; place >= (last < 0 ? last : 0); place--) {
        long long digit = 0;
        if (place <= weight && place >= last)
            take_int(&from, 2, &digit);
        if (place == -1)
            *at++ = '.';
        for (int unit = 1000; unit; unit /= 10)
            if (place < 0 || at != begun || digit / unit || (place == 0 && unit == 1))
                *at++ = (char)('0' + digit / unit % 10);
    }
    while (last < 0 && at[-1] == '0')
        at--;
    return last < 0 && at[-1] == '.' ? at - 1 : at;
}

/* What `plain` makes of a number, as google.type.Decimal. */
static int put_sent_numeric(Buffer *to, int field, Sent from)
{
    long long count, weight, sign, scale;
    if (take_int(&from, 2, &count) < 0 || take_int(&from, 2, &weight) < 0 ||
        take_int(&from, 2, &sign) < 0 || take_int(&from, 2, &scale) < 0)
        return -1;
    if (count < 0 || from.end - from.at != 2 * count || (sign != 0 && sign != 0x4000))
        return not_sent(); /* also what is no number, and infinity */
    long long last = weight - count + 1;
    char *text = PyMem_Malloc(
        4 * ((weight < 0 ? 0 : weight) - (last < 0 ? last : 0) + 1) + 2);
    Py_ssize_t start = text == NULL ? -1 : begin(to, field);
    if (start < 0) {
        PyMem_Free(text);
        return PyErr_Occurred() ? -1 : (PyErr_NoMemory(), -1);
    }
    *text = '-';
    char *at = spell(text + (sign && count), from, weight, last);
    int done = put_utf8(to, 1, text, at - text);
    PyMem_Free(text);
    return done < 0 ? -1 : end(to, start);
}

static int put_sent_texts(Buffer *to, int field, Sent from)
{
    long long levels, ignored, count, length;
    if (take_int(&from, 4, &levels) < 0 || take_int(&from, 4, &ignored) < 0 ||
        take_int(&from, 4, &ignored) < 0)
        return -1;
    if (levels == 0)
        return 0;
    if (levels != 1)
        return not_sent();
    if (take_int(&from, 4, &count) < 0 || take_int(&from, 4, &ignored) < 0)
        return -1;
    for (Sent text; count > 0; count--) {
        if (take_int(&from, 4, &length) < 0 || take_part(&from, length, &text) < 0)
            return -1;
        if (text.at == NULL)
            return not_sent();
        if (put_sent_text(to, field, text) < 0)
            return -1;
    }
    return 0;
}
