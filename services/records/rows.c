/* Packs rows of the database into protobuf's wire format: what the functions do that
 * `rows.py` generates, some four times faster. `tests/services/records/test_rows.py` holds
 * the two against each other; where there is no compiler, the other serves alone.
 * Rows that nobody looks into come as the bytes of `record_send`, in their first column:
 * that saves an object for each value.
 *
 *     Packer(fields, etag, told, sent) -> packer
 *                                       fields: ((number, kind, call), ...), one a column;
 *                                       etag: the number of the version's field;
 *                                       told: bytes that each message ends with;
 *                                       sent: whether rows come as bytes
 *     packer.row(row, business_id)      bytes of the one message
 *     packer.rows(rows, business_id)    bytes of a message that has them in field 1
 *
 * A row is the tenant, the columns, the version. The kinds: s text, v number, t moment,
 * d date, n anything that `call` makes a text of, l texts, j JSON.
 */

#include "sent_json.h"

typedef struct {
    int number;
    char kind;
    PyObject *call; /* borrowed from `fields` */
} Column;

typedef struct Packer Packer;
typedef int (*PutRow)(Packer *, Buffer *, PyObject *, PyObject *);

struct Packer {
    PyObject_HEAD
    PyObject *fields;
    Py_ssize_t count;
    Column *columns;
    int etag; /* the number of the field that holds the version */
    PyObject *told;
    PutRow put;
};

static int put_spelled(Buffer *to, const Column *column, PyObject *value)
{
    PyObject *text = PyObject_CallOneArg(column->call, value);
    if (text == NULL)
        return -1;
    Py_ssize_t start = begin(to, column->number);
    int done = start < 0 || put_text(to, 1, text) < 0 ? -1 : end(to, start);
    Py_DECREF(text);
    return done;
}

static int put_column(Buffer *to, const Column *column, PyObject *value)
{
    if (value == Py_None)
        return 0;
    switch (column->kind) {
    case 's': return put_text(to, column->number, value);
    case 't': return put_moment(to, column->number, value);
    case 'd': return put_date(to, column->number, value);
    case 'n': return put_spelled(to, column, value);
    case 'l': return put_texts(to, column->number, value);
    case 'j': return put_struct(to, column->number, value);
    }
    long long number = PyLong_AsLongLong(value);
    if (number == -1 && PyErr_Occurred())
        return -1;
    return put_number(to, column->number, number);
}

static int put_row(Packer *self, Buffer *to, PyObject *row, PyObject *business_id)
{
    PyObject *value = PySequence_GetItem(row, 0);
    int done = value == NULL ? -1 : PyObject_RichCompareBool(value, business_id, Py_EQ);
    Py_XDECREF(value);
    if (done == 0)
        PyErr_SetString(PyExc_AssertionError,
                        "a statement brought a row of another tenant");
    if (done != 1)
        return -1;
    for (Py_ssize_t i = 0; i < self->count; i++) {
        value = PySequence_GetItem(row, i + 1);
        done = value == NULL ? -1 : put_column(to, self->columns + i, value);
        Py_XDECREF(value);
        if (done < 0)
            return -1;
    }
    value = PySequence_GetItem(row, self->count + 1);
    PyObject *etag = value == NULL ? NULL : PyObject_Str(value);
    done = etag == NULL ? -1 : put_text(to, self->etag, etag);
    Py_XDECREF(etag);
    Py_XDECREF(value);
    return done < 0 ? -1 : put_bytes(to, self->told);
}

static PyObject *finished(Buffer *to, int done)
{
    PyObject *bytes = NULL;
    if (done == 0)
        bytes = PyBytes_FromStringAndSize((char *)to->data, to->size);
    PyMem_Free(to->data);
    return bytes;
}

static int put_sent_column(Buffer *to, const Column *column, long long type, Sent from)
{
    long long number;
    switch (column->kind) {
    case 's':
        if (type != TEXT && type != VARCHAR && type != BPCHAR)
            return not_sent();
        return put_sent_text(to, column->number, from);
    case 't':
        if (type != MOMENT || take_int(&from, 8, &number) < 0)
            return not_sent();
        return put_instant(to, column->number, number);
    case 'd':
        return type != DATE ? not_sent() : put_sent_date(to, column->number, from);
    case 'n':
        return type != NUMERIC ? not_sent() : put_sent_numeric(to, column->number, from);
    case 'l':
        return type != TEXTS ? not_sent() : put_sent_texts(to, column->number, from);
    case 'j':
        return type != JSONB ? not_sent() : put_sent_struct(to, column->number, from);
    }
    if (take_whole(from, type, &number) < 0)
        return -1;
    return put_number(to, column->number, number);
}

static int put_sent_row(Packer *self, Buffer *to, PyObject *row, PyObject *business_id)
{
    PyObject *bytes = PySequence_GetItem(row, 0);
    if (bytes == NULL || !PyBytes_Check(bytes)) {
        Py_XDECREF(bytes);
        return bytes == NULL ? -1 : not_sent();
    }
    const unsigned char *data = (const unsigned char *)PyBytes_AS_STRING(bytes);
    Sent from = {data, data + PyBytes_GET_SIZE(bytes)}, part;
    long long count, type, version;
    char etag[24];
    Py_ssize_t size;
    const char *tenant = PyUnicode_AsUTF8AndSize(business_id, &size);
    int done = tenant == NULL || take_int(&from, 4, &count) < 0 ||
                       take_column(&from, &type, &part) < 0
                   ? -1
                   : 0;
    if (!done && (part.at == NULL || part.end - part.at != size ||
                  memcmp(part.at, tenant, size) != 0)) {
        PyErr_SetString(PyExc_AssertionError,
                        "a statement brought a row of another tenant");
        done = -1;
    }
    if (!done && count != self->count + 2)
        done = not_sent();
    for (Py_ssize_t i = 0; !done && i < self->count; i++) {
        done = take_column(&from, &type, &part);
        if (!done && part.at != NULL)
            done = put_sent_column(to, self->columns + i, type, part);
    }
    if (!done)
        done = take_column(&from, &type, &part);
    if (!done && part.at == NULL)
        done = not_sent();
    if (!done)
        done = take_whole(part, type, &version) < 0
                   ? -1
                   : put_utf8(to, self->etag, etag,
                              snprintf(etag, sizeof etag, "%lld", version));
    Py_DECREF(bytes);
    return done < 0 ? -1 : put_bytes(to, self->told);
}

static PyObject *packer_row(Packer *self, PyObject *const *given, Py_ssize_t count)
{
    Buffer to = {0};
    if (count != 2)
        return PyErr_Format(PyExc_TypeError, "row(row, business_id)");
    return finished(&to, self->put(self, &to, given[0], given[1]));
}

static PyObject *packer_rows(Packer *self, PyObject *const *given, Py_ssize_t count)
{
    Buffer to = {0};
    if (count != 2 || !PyList_Check(given[0]))
        return PyErr_Format(PyExc_TypeError, "rows(list of rows, business_id)");
    int done = 0;
    for (Py_ssize_t i = 0; !done && i < PyList_GET_SIZE(given[0]); i++) {
        Py_ssize_t start = begin(&to, 1);
        PyObject *row = PyList_GET_ITEM(given[0], i);
        done = start < 0 || self->put(self, &to, row, given[1]) < 0 ? -1 : end(&to, start);
    }
    return finished(&to, done);
}

static int packer_init(Packer *self, PyObject *given, PyObject *named)
{
    static char *names[] = {"fields", "etag", "told", "sent", NULL};
    PyObject *fields, *told;
    int sent;
    if (!PyArg_ParseTupleAndKeywords(given, named, "O!iSp", names, &PyTuple_Type, &fields,
                                     &self->etag, &told, &sent))
        return -1;
    self->put = sent ? put_sent_row : put_row;
    Py_XSETREF(self->fields, Py_NewRef(fields));
    Py_XSETREF(self->told, Py_NewRef(told));
    self->count = PyTuple_GET_SIZE(fields);
    PyMem_Free(self->columns);
    self->columns = PyMem_Calloc(self->count + 1, sizeof(Column));
    if (self->columns == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < self->count; i++) {
        Column *column = self->columns + i;
        int kind;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(fields, i), "iCO", &column->number, &kind,
                              &column->call))
            return -1;
        column->kind = (char)kind;
    }
    return 0;
}

static void packer_dealloc(Packer *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->columns);
    Py_XDECREF(self->fields);
    Py_XDECREF(self->told);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef packer_methods[] = {
    {"row", (PyCFunction)(void (*)(void))packer_row, METH_FASTCALL, NULL},
    {"rows", (PyCFunction)(void (*)(void))packer_rows, METH_FASTCALL, NULL},
    {NULL},
};

static PyType_Slot packer_slots[] = {
    {Py_tp_init, packer_init},
    {Py_tp_dealloc, packer_dealloc},
    {Py_tp_methods, packer_methods},
    {0, NULL},
};

static PyType_Spec packer_spec = {
    .name = "services.records._rows.Packer",
    .basicsize = sizeof(Packer),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = packer_slots,
};

static int execute(PyObject *module)
{
    PyDateTime_IMPORT;
    PyObject *type = PyType_FromSpec(&packer_spec);
    if (type == NULL || PyDateTimeAPI == NULL)
        return -1;
    return PyModule_AddObject(module, "Packer", type);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "services.records._rows", .m_slots = slots};

PyMODINIT_FUNC PyInit__rows(void)
{
    return PyModuleDef_Init(&definition);
}
