/* Cuts records of JSON into the cells of tables. `cells.py` does the same in Python, a
 * tenth as fast; `tests/services/exports/test_cutting.py` compares the two.
 *
 *     Cutter(fields, forms, compose)
 *     cutter.rows(lines) -> bytes      rows of comma-separated values
 *     cutter.columns(lines) -> list    for each column a list of its values
 *
 * `fields` are ((name, place, keys), ...), sorted: the name as JSON text, the column that has
 * its value or -1, and ((key, place), ...), sorted, of those keys of the object that have
 * columns of their own. If it has such keys, the column of the name has the object without
 * them. `forms` has a letter for each column, how `columns` tells its values: t the text of
 * one value, j JSON text, l a list of texts. `compose` makes the text of a cell of the JSON
 * of a list that is not simply joined by `|`.
 */

#include "csv_cell.h"
#include "json_names.h"

typedef struct {
    PyObject_HEAD
    PyObject *fields, *forms, *compose;
    Name all; /* its keys are the fields */
    Slice *values;
    Py_ssize_t width;
} Cutter;

static int cut_object(Cutter *self, Name *name, Slice object)
{
    Slice key, value;
    int found, *likely = &name->first;
    name->rest.size = 0;
    if (object.at >= object.end || *object.at != '{')
        return *object.at == 'n' ? 0 : malformed();
    object.at++;
    while ((found = take_member(&object, &key, &value)) > 0) {
        Name *inner = find(name, key, *likely);
        if (inner == NULL) {
            if (name->place >= 0 && put_member(&name->rest, key, value) < 0)
                return -1;
            continue;
        }
        *likely = (int)(inner - name->keys);
        likely = &inner->next;
        if (inner->count == 0)
            self->values[inner->place] = value;
        else if (cut_object(self, inner, value) < 0)
            return -1;
    }
    if (found < 0 || name->rest.size == 0)
        return found;
    if (put(&name->rest, "}", 1) < 0)
        return -1;
    self->values[name->place] =
        (Slice){name->rest.data, name->rest.data + name->rest.size};
    return 0;
}

/* Cuts a line: sets the value of each column, NULL where it has none. */
static int cut(Cutter *self, PyObject *line)
{
    memset(self->values, 0, self->width * sizeof *self->values);
    if (!PyBytes_Check(line)) {
        PyErr_SetString(PyExc_TypeError, "a line is bytes");
        return -1;
    }
    const char *at = PyBytes_AS_STRING(line);
    if (cut_object(self, &self->all, (Slice){at, at + PyBytes_GET_SIZE(line)}) < 0)
        return -1;
    for (Py_ssize_t i = 0; i < self->width; i++)
        if (self->values[i].at != NULL && *self->values[i].at == 'n')
            self->values[i] = (Slice){NULL, NULL};
    return 0;
}

static int put_list(Cutter *self, Buffer *to, Slice list, Buffer *scratch)
{
    int done = join(scratch, list);
    if (done < 0)
        return -1;
    if (done)
        return put_cell(to, (Slice){scratch->data, scratch->data + scratch->size});
    Py_ssize_t size;
    PyObject *text = PyObject_CallFunction(self->compose, "y#", list.at, list.end - list.at);
    const char *utf8 = text == NULL ? NULL : PyUnicode_AsUTF8AndSize(text, &size);
    done = utf8 == NULL ? -1 : put_cell(to, (Slice){utf8, utf8 + size});
    Py_XDECREF(text);
    return done;
}

static int put_value(Cutter *self, Buffer *to, Slice value, Buffer *scratch)
{
    scratch->size = 0;
    if (*value.at == '[')
        return value.end - value.at == 2 ? 0 : put_list(self, to, value, scratch);
    if (*value.at == '{' && value.end - value.at == 2)
        return 0;
    if (*value.at != '"')
        return put_cell(to, value);
    value.at++, value.end--;
    if (memchr(value.at, '\\', value.end - value.at) == NULL)
        return put_cell(to, value);
    if (put_unescaped(scratch, value) < 0)
        return -1;
    return put_cell(to, (Slice){scratch->data, scratch->data + scratch->size});
}

static int put_row(Cutter *self, Buffer *to, Buffer *scratch)
{
    Py_ssize_t start = to->size;
    for (Py_ssize_t i = 0; i < self->width; i++) {
        if (i && put(to, ",", 1) < 0)
            return -1;
        if (self->values[i].at != NULL &&
            put_value(self, to, self->values[i], scratch) < 0)
            return -1;
    }
    if (to->size == start && put(to, "\"\"", 2) < 0) /* an empty line is no row */
        return -1;
    return put(to, "\r\n", 2);
}

static PyObject *cutter_rows(Cutter *self, PyObject *lines)
{
    if (!PyList_Check(lines))
        return PyErr_Format(PyExc_TypeError, "rows(list of lines)");
    Buffer to = {0}, scratch = {0};
    int done = 0;
    for (Py_ssize_t i = 0; !done && i < PyList_GET_SIZE(lines); i++)
        if (cut(self, PyList_GET_ITEM(lines, i)) < 0 || put_row(self, &to, &scratch) < 0)
            done = -1;
    PyObject *rows = done ? NULL : PyBytes_FromStringAndSize(to.data, to.size);
    PyMem_Free(to.data);
    PyMem_Free(scratch.data);
    return rows;
}

/* A value as `columns` tells it in a form. */
static PyObject *told(Slice value, char form, Buffer *scratch)
{
    scratch->size = 0;
    if (value.at == NULL)
        return Py_NewRef(Py_None);
    if (form == 'j' || *value.at != '"')
        return PyUnicode_DecodeUTF8(value.at, value.end - value.at, NULL);
    value.at++, value.end--;
    if (memchr(value.at, '\\', value.end - value.at) == NULL)
        return PyUnicode_DecodeUTF8(value.at, value.end - value.at, NULL);
    if (put_unescaped(scratch, value) < 0)
        return NULL;
    return PyUnicode_DecodeUTF8(scratch->data, scratch->size, NULL);
}

static PyObject *told_list(Slice value, Buffer *scratch)
{
    if (value.at == NULL)
        return Py_NewRef(Py_None);
    PyObject *texts = PyList_New(0);
    Slice rest = {value.at + 1, value.end}, each;
    int found = 0;
    while (texts != NULL && (found = take_element(&rest, &each)) > 0) {
        PyObject *text = told(each, 't', scratch);
        if (text == NULL || PyList_Append(texts, text) < 0)
            Py_CLEAR(texts);
        Py_XDECREF(text);
    }
    if (found < 0)
        Py_CLEAR(texts);
    return texts;
}

static int add_values(Cutter *self, PyObject *columns, Py_ssize_t row, Buffer *scratch)
{
    const char *forms = PyBytes_AS_STRING(self->forms);
    for (Py_ssize_t i = 0; i < self->width; i++) {
        PyObject *value = forms[i] == 'l' ? told_list(self->values[i], scratch)
                                          : told(self->values[i], forms[i], scratch);
        if (value == NULL)
            return -1;
        PyList_SET_ITEM(PyList_GET_ITEM(columns, i), row, value);
    }
    return 0;
}

static PyObject *cutter_columns(Cutter *self, PyObject *lines)
{
    if (!PyList_Check(lines))
        return PyErr_Format(PyExc_TypeError, "columns(list of lines)");
    Py_ssize_t count = PyList_GET_SIZE(lines);
    PyObject *columns = PyList_New(self->width);
    for (Py_ssize_t i = 0; columns != NULL && i < self->width; i++) {
        PyObject *column = PyList_New(count);
        if (column == NULL)
            Py_CLEAR(columns);
        else
            PyList_SET_ITEM(columns, i, column);
    }
    Buffer scratch = {0};
    for (Py_ssize_t i = 0; columns != NULL && i < count; i++)
        if (cut(self, PyList_GET_ITEM(lines, i)) < 0 ||
            add_values(self, columns, i, &scratch) < 0)
            Py_CLEAR(columns);
    PyMem_Free(scratch.data);
    return columns;
}

static int cutter_init(Cutter *self, PyObject *given, PyObject *named)
{
    PyObject *fields, *forms, *compose;
    if (named != NULL || self->fields != NULL ||
        !PyArg_ParseTuple(given, "OSO", &fields, &forms, &compose))
        return PyErr_Occurred() ? -1 : malformed();
    self->fields = Py_NewRef(fields);
    self->forms = Py_NewRef(forms);
    self->compose = Py_NewRef(compose);
    self->width = PyBytes_GET_SIZE(forms);
    self->values = PyMem_Calloc(self->width + 1, sizeof(Slice));
    if (self->values == NULL)
        return PyErr_NoMemory(), -1;
    self->all.place = -1; /* members without a column are left out */
    return read_names(&self->all, fields, self->width);
}

static void cutter_dealloc(Cutter *self)
{
    PyTypeObject *type = Py_TYPE(self);
    forget(&self->all);
    PyMem_Free(self->values);
    Py_XDECREF(self->fields);
    Py_XDECREF(self->forms);
    Py_XDECREF(self->compose);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef cutter_methods[] = {
    {"rows", (PyCFunction)cutter_rows, METH_O, NULL},
    {"columns", (PyCFunction)cutter_columns, METH_O, NULL},
    {NULL},
};

static PyType_Slot cutter_slots[] = {
    {Py_tp_init, cutter_init},
    {Py_tp_dealloc, cutter_dealloc},
    {Py_tp_methods, cutter_methods},
    {0, NULL},
};

static PyType_Spec cutter_spec = {
    .name = "services.exports._cells.Cutter",
    .basicsize = sizeof(Cutter),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = cutter_slots,
};

static int execute(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&cutter_spec);
    return type == NULL ? -1 : PyModule_AddObject(module, "Cutter", type);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "services.exports._cells", .m_slots = slots};

PyMODINIT_FUNC PyInit__cells(void)
{
    return PyModuleDef_Init(&definition);
}
