/* The names of members that have columns, for `cells.c`. Include `json_cut.h` first. */

typedef struct Name {
    const char *text;
    Py_ssize_t size;
    int place, count;
    int first, next; /* its key that came first, and the name that came after it, last time */
    struct Name *keys;
    Buffer rest;
} Name;

/* Finds a key by halves, beginning with the one that is likely. */
static Name *find(Name *within, Slice key, int likely)
{
    Py_ssize_t size = key.end - key.at;
    int low = 0, high = within->count - 1;
    for (int middle = likely; low <= high; middle = (low + high) / 2) {
        Name *name = within->keys + middle;
        int order = memcmp(key.at, name->text, size < name->size ? size : name->size);
        if (order == 0 && size == name->size)
            return name;
        if (order < 0 || (order == 0 && size < name->size))
            high = middle - 1;
        else
            low = middle + 1;
    }
    return NULL;
}

static int put_member(Buffer *to, Slice key, Slice value)
{
    if (put(to, to->size ? "," : "{", 1) < 0)
        return -1;
    return put(to, key.at, value.end - key.at); /* there is only a colon between them */
}

static void forget(Name *name)
{
    for (int i = 0; name->keys != NULL && i < name->count; i++)
        forget(name->keys + i);
    PyMem_Free(name->keys);
    PyMem_Free(name->rest.data);
    *name = (Name){0};
}

/* Reads ((name, place, keys), ...), or ((key, place), ...). */
static int read_names(Name *within, PyObject *given, Py_ssize_t width)
{
    Py_ssize_t count = PyTuple_Check(given) ? PyTuple_GET_SIZE(given) : -1;
    if (count < 0 || count > INT_MAX)
        return PyErr_SetString(PyExc_TypeError, "names are a tuple"), -1;
    within->keys = PyMem_Calloc(count + 1, sizeof(Name));
    if (within->keys == NULL)
        return PyErr_NoMemory(), -1;
    within->count = (int)count;
    for (int i = 0; i < count; i++) {
        Name *name = within->keys + i;
        PyObject *keys = NULL;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(given, i), "y#i|O", &name->text, &name->size,
                              &name->place, &keys))
            return -1;
        if (keys != NULL && read_names(name, keys, width) < 0)
            return -1;
        if (name->place >= width || (name->place < 0 && name->count == 0))
            return PyErr_SetString(PyExc_ValueError, "there is no such column"), -1;
    }
    return 0;
}
