/* Writes messages as public JSON, from protobuf's wire format. It does the same as the
 * functions that `encode.py` generates together with orjson, about eight times faster.
 * `tests/edge/transcoder/test_encode.py` compares the two byte for byte. Without a compiler,
 * only the Python version exists.
 *
 *     Encoder(fields, spell, told) fields: ((number, kind, key, sub, repeated, unset,
 *                                            in_part), ...)
 *     encoder(data) -> bytes       data: a message, serialized
 *     encoder.each(data, members, tail) -> list
 *                                  the JSON of each message in its field 1; instead of the
 *                                  last brace each has members and the tail
 *
 * Fields are written in this order: `key` with its colon, then the value, or `unset` if there
 * is no value; an empty `unset` leaves the field out. `spell` writes the numbers that the C
 * code cannot write. `told` is the number of the field that lists, in a partial answer, the
 * fields to write; 0 if there is none. `in_part`: 1 if no other answer has the field, 2 if the
 * list is there where it is named, even empty. The kinds: s text, i int32, b bool, e enum (sub:
 * the JSON of each number), t Timestamp, d Date, n Decimal, o Struct, v Value, m message (sub:
 * its Encoder).
 */

#include "json_members.h"

#define MOST_FIELDS 64 /* of a message, and the greatest number */
#define MOST_NAMES 512 /* bytes of names that are remembered */

enum { ONLY_NAMED = 1, NAMED_EMPTY = 2 }; /* of `in_part` */

typedef struct {
    int number, repeated, in_part;
    char kind;
    const char *key, *unset;
    Py_ssize_t key_size, unset_size;
    PyObject *sub; /* borrowed from `fields`, like the texts */
} Field;

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyObject *fields, *spell;
    Py_ssize_t count;
    int told;
    Field *items;
    signed char slot[MOST_FIELDS];
    /* The names in the last partial answer, as they were sent, and what they marked. */
    unsigned char names[MOST_NAMES];
    Py_ssize_t names_size;
    char marked[MOST_FIELDS];
} Encoder;

static int put_message(Encoder *self, Buffer *to, Bytes from);

static int put_one(Encoder *self, Buffer *to, const Field *field, const Item *item)
{
    char text[32];
    switch (field->kind) {
    case 's': return put_text(to, item->bytes);
    case 't': return put_timestamp(to, item->bytes);
    case 'd': return put_date(to, item->bytes);
    case 'n': return put_decimal(to, item->bytes, self->spell);
    case 'o': return put_struct(to, item->bytes, self->spell);
    case 'v': return put_value(to, item->bytes, self->spell);
    case 'm': return put_message((Encoder *)field->sub, to, item->bytes);
    case 'b': return item->value ? put(to, "true", 4) : put(to, "false", 5);
    case 'i':
        return put(to, text, snprintf(text, sizeof text, "%d", (int)item->value));
    }
    PyObject *names = field->sub; /* of an enum */
    if (item->value >= (unsigned long long)PyTuple_GET_SIZE(names))
        return put(to, "null", 4);
    PyObject *name = PyTuple_GET_ITEM(names, item->value);
    return put(to, PyBytes_AS_STRING(name), PyBytes_GET_SIZE(name));
}

static int put_list(Encoder *self, Buffer *to, const Field *field, Bytes from)
{
    Item item;
    int found, first = 1;
    if (put(to, "[", 1) < 0)
        return -1;
    while ((found = take(&from, &item)) > 0) {
        if (item.number != field->number)
            continue;
        if ((!first && put(to, ",", 1) < 0) || put_one(self, to, field, &item) < 0)
            return -1;
        first = 0;
    }
    return found < 0 ? -1 : put(to, "]", 1);
}

/* Marks the fields that a partial answer contains, by their names. The records of a page
 * have the same names: they are looked up for the first one alone. */
static void mark_told(Encoder *self, Bytes names, char *told)
{
    Item name;
    Py_ssize_t all = names.end - names.at;
    if (all == self->names_size && memcmp(names.at, self->names, all) == 0) {
        memcpy(told, self->marked, MOST_FIELDS);
        return;
    }
    const unsigned char *begun = names.at;
    memset(told, 0, MOST_FIELDS);
    while (take(&names, &name) > 0) {
        if (name.number != self->told)
            continue;
        Py_ssize_t size = name.bytes.end - name.bytes.at;
        for (int i = 0; i < self->count; i++) {
            const Field *field = self->items + i; /* its key has quotes and a colon */
            if (field->key_size - 3 == size &&
                memcmp(name.bytes.at, field->key + 1, size) == 0)
                told[i] = 1;
        }
    }
    if (all <= MOST_NAMES) {
        memcpy(self->names, begun, all);
        memcpy(self->marked, told, MOST_FIELDS);
        self->names_size = all;
    }
}

/* The recursion is bounded by the descriptors: no message contains itself. */
static int put_message(Encoder *self, Buffer *to, Bytes from)
{
    Item items[MOST_FIELDS], item;
    const unsigned char *since[MOST_FIELDS] = {NULL}; /* the first position of each field */
    Bytes names = {NULL, NULL}, rest = from;
    int found, first = 1;
    for (const unsigned char *tag = rest.at; (found = take(&rest, &item)) > 0;
         tag = rest.at) {
        int slot = (unsigned)item.number < MOST_FIELDS ? self->slot[item.number] : -1;
        if (self->told && item.number == self->told)
            names = (Bytes){names.at == NULL ? tag : names.at, rest.at};
        if (slot < 0)
            continue;
        if (since[slot] == NULL)
            since[slot] = tag;
        items[slot] = item;
    }
    if (found < 0 || put(to, "{", 1) < 0)
        return -1;
    char told[MOST_FIELDS];
    if (names.at != NULL)
        mark_told(self, names, told);
    for (int i = 0; i < self->count; i++) {
        const Field *field = self->items + i;
        int is_empty = names.at != NULL && told[i] && field->in_part == NAMED_EMPTY;
        if (since[i] == NULL && field->unset_size == 0 && !is_empty)
            continue;
        if (names.at != NULL ? !told[i] : field->in_part == ONLY_NAMED && self->told)
            continue;
        if ((!first && put(to, ",", 1) < 0) || put(to, field->key, field->key_size) < 0)
            return -1;
        first = 0;
        if (since[i] == NULL) {
            if (is_empty ? put(to, "[]", 2) < 0
                         : put(to, field->unset, field->unset_size) < 0)
                return -1;
        } else if (field->repeated) {
            if (put_list(self, to, field, (Bytes){since[i], from.end}) < 0)
                return -1;
        } else if (put_one(self, to, field, items + i) < 0)
            return -1;
    }
    return put(to, "}", 1);
}

static PyObject *encoder_call(PyObject *callable, PyObject *const *given, size_t count,
                              PyObject *named)
{
    Encoder *self = (Encoder *)callable;
    if (PyVectorcall_NARGS(count) != 1 || named != NULL || !PyBytes_Check(given[0]))
        return PyErr_Format(PyExc_TypeError, "encoder(bytes)");
    const unsigned char *data = (const unsigned char *)PyBytes_AS_STRING(given[0]);
    Buffer to = {0};
    PyObject *json = NULL;
    if (put_message(self, &to, (Bytes){data, data + PyBytes_GET_SIZE(given[0])}) == 0)
        json = PyBytes_FromStringAndSize(to.data, to.size);
    PyMem_Free(to.data);
    return json;
}

static PyObject *encoder_each(Encoder *self, PyObject *given)
{
    int slot = self->slot[1];
    PyObject *data, *members, *tail;
    if (!PyArg_ParseTuple(given, "SO!S", &data, &PyList_Type, &members, &tail))
        return NULL;
    if (slot < 0 || self->items[slot].kind != 'm')
        return PyErr_Format(PyExc_TypeError, "each(bytes of messages)");
    Encoder *sub = (Encoder *)self->items[slot].sub;
    const unsigned char *at = (const unsigned char *)PyBytes_AS_STRING(data);
    Bytes rest = {at, at + PyBytes_GET_SIZE(data)};
    PyObject *found = PyList_New(0);
    Buffer to = {0};
    Item item;
    int id = 0;
    for (int i = 0; i < sub->count; i++)
        if (sub->items[i].key_size == 5 && memcmp(sub->items[i].key, "\"id\":", 5) == 0)
            id = sub->items[i].number;
    while (found != NULL && take(&rest, &item) > 0) {
        if (item.number != 1)
            continue;
        to.size = 0;
        PyObject *json = NULL;
        int done = put_message(sub, &to, item.bytes);
        if (done == 0 && PyList_GET_SIZE(members))
            done = put_members(&to, item.bytes, id, members, tail);
        if (done == 0)
            json = PyBytes_FromStringAndSize(to.data, to.size);
        if (json == NULL || PyList_Append(found, json) < 0)
            Py_CLEAR(found);
        Py_XDECREF(json);
    }
    PyMem_Free(to.data);
    if (found != NULL && PyErr_Occurred())
        Py_CLEAR(found);
    return found;
}

static int encoder_init(Encoder *self, PyObject *given, PyObject *named)
{
    PyObject *fields, *spell;
    if (named != NULL || !PyArg_ParseTuple(given, "O!Oi", &PyTuple_Type, &fields,
                                           &spell, &self->told))
        return -1;
    self->count = PyTuple_GET_SIZE(fields);
    memset(self->slot, -1, sizeof self->slot);
    self->items = PyMem_Calloc(self->count + 1, sizeof(Field));
    if (self->items == NULL || self->count > MOST_FIELDS)
        return PyErr_NoMemory(), -1;
    for (int i = 0; i < self->count; i++) {
        Field *field = self->items + i;
        int kind;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(fields, i), "iCy#Opy#i", &field->number,
                              &kind, &field->key, &field->key_size, &field->sub,
                              &field->repeated, &field->unset, &field->unset_size,
                              &field->in_part))
            return -1;
        if (field->number < 1 || field->number >= MOST_FIELDS)
            return PyErr_SetString(PyExc_ValueError, "a field's number"), -1;
        field->kind = (char)kind;
        self->slot[field->number] = (signed char)i;
    }
    self->fields = Py_NewRef(fields);
    self->spell = Py_NewRef(spell);
    self->call = encoder_call;
    return 0;
}

static void encoder_dealloc(Encoder *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->items);
    Py_XDECREF(self->fields);
    Py_XDECREF(self->spell);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef encoder_methods[] = {
    {"each", (PyCFunction)encoder_each, METH_VARARGS, NULL},
    {NULL},
};

static PyMemberDef encoder_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Encoder, call), READONLY, NULL},
    {NULL},
};

static PyType_Slot encoder_slots[] = {
    {Py_tp_init, encoder_init},
    {Py_tp_dealloc, encoder_dealloc},
    {Py_tp_call, PyVectorcall_Call},
    {Py_tp_members, encoder_members},
    {Py_tp_methods, encoder_methods},
    {0, NULL},
};

static PyType_Spec encoder_spec = {
    .name = "edge.transcoder._encode.Encoder",
    .basicsize = sizeof(Encoder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL,
    .slots = encoder_slots,
};

static int execute(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&encoder_spec);
    return type == NULL ? -1 : PyModule_AddObject(module, "Encoder", type);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "edge.transcoder._encode", .m_slots = slots};

PyMODINIT_FUNC PyInit__encode(void)
{
    return PyModuleDef_Init(&definition);
}
