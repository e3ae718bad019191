/* Writing protobuf's wire format, for `rows.c`: Python values as fields of a message.
 * Functions that return an int return -1 with a Python error set where they fail.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <datetime.h>

#define EPOCH_SECONDS 946684800LL /* services.clock */

enum { VARINT = 0, FIXED64 = 1, BYTES = 2 };

typedef struct {
    unsigned char *data;
    Py_ssize_t size, room;
} Buffer;

static int reserve(Buffer *to, Py_ssize_t more)
{
    if (to->size + more <= to->room)
        return 0;
    Py_ssize_t room = 2 * (to->size + more) + 512;
    unsigned char *data = PyMem_Realloc(to->data, room);
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    to->data = data;
    to->room = room;
    return 0;
}

/* The writers of single bytes rely on what their callers have reserved. */
static void put_varint(Buffer *to, unsigned long long value)
{
    while (value > 127) {
        to->data[to->size++] = (unsigned char)(value | 128);
        value >>= 7;
    }
    to->data[to->size++] = (unsigned char)value;
}

static int put_number(Buffer *to, int field, long long value)
{
    if (reserve(to, 20) < 0)
        return -1;
    put_varint(to, (unsigned)field << 3 | VARINT);
    put_varint(to, (unsigned long long)value);
    return 0;
}

static int put_utf8(Buffer *to, int field, const char *utf8, Py_ssize_t size)
{
    if (reserve(to, size + 20) < 0)
        return -1;
    put_varint(to, (unsigned)field << 3 | BYTES);
    put_varint(to, (unsigned long long)size);
    memcpy(to->data + to->size, utf8, size);
    to->size += size;
    return 0;
}

static int put_text(Buffer *to, int field, PyObject *text)
{
    Py_ssize_t size;
    const char *utf8 = PyUnicode_AsUTF8AndSize(text, &size);
    return utf8 == NULL ? -1 : put_utf8(to, field, utf8, size);
}

/* Fields that are written already. */
static int put_bytes(Buffer *to, PyObject *bytes)
{
    Py_ssize_t size = PyBytes_GET_SIZE(bytes);
    if (reserve(to, size) < 0)
        return -1;
    memcpy(to->data + to->size, PyBytes_AS_STRING(bytes), size);
    to->size += size;
    return 0;
}

/* A message within a message: `begin` leaves a byte for its length, `end` makes room
 * for more if it was longer than that byte can tell. */
static Py_ssize_t begin(Buffer *to, int field)
{
    if (reserve(to, 20) < 0)
        return -1;
    put_varint(to, (unsigned)field << 3 | BYTES);
    return ++to->size;
}

static int end(Buffer *to, Py_ssize_t start)
{
    Py_ssize_t size = to->size - start, more = 0;
    for (Py_ssize_t left = size; left > 127; left >>= 7)
        more++;
    if (reserve(to, more) < 0)
        return -1;
    memmove(to->data + start + more, to->data + start, size);
    to->size = start - 1;
    put_varint(to, (unsigned long long)size);
    to->size += size;
    return 0;
}

/* Microseconds since 2000-01-01. */
static int put_instant(Buffer *to, int field, long long moment)
{
    long long second = moment / 1000000, left = moment % 1000000;
    if (left < 0) {
        second--;
        left += 1000000;
    }
    Py_ssize_t start = begin(to, field);
    if (start < 0 || put_number(to, 1, second + EPOCH_SECONDS) < 0 ||
        put_number(to, 2, left * 1000) < 0)
        return -1;
    return end(to, start);
}

static int put_moment(Buffer *to, int field, PyObject *value)
{
    long long moment = PyLong_AsLongLong(value);
    if (moment == -1 && PyErr_Occurred())
        return -1;
    return put_instant(to, field, moment);
}

static int put_day(Buffer *to, int field, long long year, long long month, long long day)
{
    Py_ssize_t start = begin(to, field);
    if (start < 0 || put_number(to, 1, year) < 0 || put_number(to, 2, month) < 0 ||
        put_number(to, 3, day) < 0)
        return -1;
    return end(to, start);
}

static int put_date(Buffer *to, int field, PyObject *day)
{
    if (!PyDate_Check(day)) {
        PyErr_SetString(PyExc_TypeError, "a date's column holds no date");
        return -1;
    }
    return put_day(to, field, PyDateTime_GET_YEAR(day), PyDateTime_GET_MONTH(day),
                   PyDateTime_GET_DAY(day));
}

static int put_texts(Buffer *to, int field, PyObject *texts)
{
    if (!PyList_Check(texts)) {
        PyErr_SetString(PyExc_TypeError, "an array's column holds no list");
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(texts); i++)
        if (put_text(to, field, PyList_GET_ITEM(texts, i)) < 0)
            return -1;
    return 0;
}

/* google.protobuf.Struct, Value and ListValue. */
static int put_struct(Buffer *to, int field, PyObject *json);

static int put_double(Buffer *to, int field, double value)
{
    if (reserve(to, 20) < 0)
        return -1;
    put_varint(to, (unsigned)field << 3 | FIXED64);
    if (PyFloat_Pack8(value, (char *)to->data + to->size, 1) < 0)
        return -1;
    to->size += 8;
    return 0;
}

static int put_value(Buffer *to, int field, PyObject *json);

static int put_list(Buffer *to, int field, PyObject *list)
{
    Py_ssize_t start = begin(to, field);
    /* What nests deeper than Python calls do is an error, not the end of the stack. */
    if (start < 0 || Py_EnterRecursiveCall(" while packing JSON"))
        return -1;
    int done = 0;
    for (Py_ssize_t i = 0; !done && i < PyList_GET_SIZE(list); i++)
        done = put_value(to, 1, PyList_GET_ITEM(list, i));
    Py_LeaveRecursiveCall();
    return done < 0 ? -1 : end(to, start);
}

static int put_value(Buffer *to, int field, PyObject *json)
{
    Py_ssize_t start = begin(to, field);
    int done = -1;
    if (start < 0)
        return -1;
    if (json == Py_None)
        done = put_number(to, 1, 0);
    else if (PyBool_Check(json))
        done = put_number(to, 4, json == Py_True);
    else if (PyUnicode_Check(json))
        done = put_text(to, 3, json);
    else if (PyDict_Check(json))
        done = put_struct(to, 5, json);
    else if (PyList_Check(json))
        done = put_list(to, 6, json);
    else {
        double number = PyFloat_AsDouble(json);
        done = number == -1.0 && PyErr_Occurred() ? -1 : put_double(to, 2, number);
    }
    return done < 0 ? -1 : end(to, start);
}

static int put_struct(Buffer *to, int field, PyObject *json)
{
    PyObject *key, *value;
    Py_ssize_t position = 0, start = begin(to, field);
    if (!PyDict_Check(json)) {
        PyErr_SetString(PyExc_TypeError, "an object's column holds no dict");
        return -1;
    }
    if (start < 0 || Py_EnterRecursiveCall(" while packing JSON"))
        return -1;
    int done = 0;
    while (!done && PyDict_Next(json, &position, &key, &value)) {
        Py_ssize_t entry = begin(to, 1);
        done = entry < 0 || put_text(to, 1, key) < 0 || put_value(to, 2, value) < 0
                   ? -1
                   : end(to, entry);
    }
    Py_LeaveRecursiveCall();
    return done < 0 ? -1 : end(to, start);
}
