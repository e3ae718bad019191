/* Members that a record has in JSON besides those of its message, for `encode.c`.
 * Functions that return an int return -1 with a Python error set where they fail.
 */

#include "json_struct.h"

/* The text of a field of a message, "" if it is unset. */
static PyObject *text_of(Bytes from, int number)
{
    Item item;
    Bytes text = {from.at, from.at};
    while (take(&from, &item) > 0)
        if (item.number == number) {
            text = item.bytes;
            break;
        }
    return PyUnicode_DecodeUTF8((const char *)text.at, text.end - text.at, NULL);
}

static int put_bytes(Buffer *to, PyObject *bytes)
{
    return put(to, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
}

/* Writes over the last brace: for each member its key, then the text that belongs to the
 * record's id, or the text for all others; and the tail. */
static int put_members(Buffer *to, Bytes record, int id, PyObject *members, PyObject *tail)
{
    PyObject *name = text_of(record, id), *key, *texts, *other;
    int done = name == NULL ? -1 : 0;
    to->size--;
    for (Py_ssize_t i = 0; !done && i < PyList_GET_SIZE(members); i++) {
        PyObject *member = PyList_GET_ITEM(members, i);
        if (!PyTuple_Check(member)) {
            done = malformed();
            break;
        }
        if (!PyArg_ParseTuple(member, "SO!S", &key, &PyDict_Type, &texts, &other)) {
            done = -1;
            break;
        }
        PyObject *text = PyDict_GetItemWithError(texts, name);
        if (text == NULL)
            text = other;
        if (PyErr_Occurred() || !PyBytes_Check(text))
            done = malformed();
        else
            done = put_bytes(to, key) < 0 ? -1 : put_bytes(to, text);
    }
    Py_XDECREF(name);
    return done < 0 ? -1 : put_bytes(to, tail);
}
