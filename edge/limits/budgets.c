/* The table of the rate limits' budgets, in memory that processes share. It does the same
 * as `budget_table.py` in a tenth of the time, so its lock is rarely contended.
 * `tests/edge/limits/test_budget_table.py` compares the two. Without a compiler, only the
 * Python version exists.
 *
 *     Table(memory, slots, file)        as in Python; `file` is not used here
 *     table.take(token, tenant, own, shared, now)
 *     table.pace(address, limit, now)
 *     table.give_back(address, limit)
 *
 * Keys are hashes, times are nanoseconds; a limit is window, interval and burst.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <sched.h>
#include <stdint.h>
#include <time.h>

enum { BUCKET_SLOTS = 8, SLOT_WORDS = 2, REGIONS = 3, LOCK_BYTES = 64 };
enum { TOKENS = 0, TENANTS = 1, ADDRESSES = 2 };

#define SPINS 100
/* The lock is held for about thirty nanoseconds. A process that holds it longer than this
 * has died or is stopped. Another then takes the lock; one request may be miscounted. */
#define PATIENCE_NANOSECONDS 100000000LL

typedef struct {
    int64_t window, interval, burst;
} Limit;

typedef struct {
    PyObject_HEAD
    Py_buffer memory;
    uint64_t *words;
    uint64_t slots;
    uint32_t *lock; /* 1 while a process holds it */
} Table;

static int64_t monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void lock(Table *self)
{
    int64_t ends = 0;
    for (int spins = 0;; spins++) {
        uint32_t freed = 0;
        if (__atomic_compare_exchange_n(self->lock, &freed, 1, 0, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return;
        if (spins < SPINS)
            continue;
        if (ends == 0)
            ends = monotonic() + PATIENCE_NANOSECONDS;
        else if (monotonic() > ends)
            return;
        sched_yield(); /* its holder may wait for this processor */
    }
}

static void unlock(Table *self)
{
    __atomic_store_n(self->lock, 0, __ATOMIC_RELEASE);
}

/* The slot of a key, or the one that it may replace. */
static uint64_t *slot(Table *self, uint64_t key, int region)
{
    uint64_t buckets = self->slots / BUCKET_SLOTS;
    uint64_t first = region * self->slots + key % buckets * BUCKET_SLOTS;
    uint64_t *at = self->words + first * SLOT_WORDS, *oldest = at;
    for (int number = 0; number < BUCKET_SLOTS; number++, at += SLOT_WORDS) {
        if (at[0] == key)
            return at;
        if (at[1] < oldest[1])
            oldest = at;
    }
    oldest[0] = key;
    oldest[1] = 0;
    return oldest;
}

/* The current TAT of a budget; see `budget_table.py`. */
static int64_t standing(const Limit *limit, uint64_t kept, int64_t now)
{
    int64_t tat = (int64_t)kept;
    return tat <= now || tat > now + 2 * limit->window ? now : tat;
}

static int read_number(PyObject *given, int64_t *number)
{
    *number = PyLong_AsLongLong(given);
    return *number == -1 && PyErr_Occurred() ? -1 : 0;
}

static int read_limit(PyObject *given, Limit *limit)
{
    if (!PyTuple_Check(given) || PyTuple_GET_SIZE(given) != 3) {
        PyErr_SetString(PyExc_TypeError, "a limit is window, interval and burst");
        return -1;
    }
    return read_number(PyTuple_GET_ITEM(given, 0), &limit->window) < 0 ||
                   read_number(PyTuple_GET_ITEM(given, 1), &limit->interval) < 0 ||
                   read_number(PyTuple_GET_ITEM(given, 2), &limit->burst) < 0
               ? -1
               : 0;
}

/* Whether a method can run: the table is open, and the number of arguments is right. */
static int is_ready(const Table *self, Py_ssize_t given, Py_ssize_t wanted)
{
    if (self->words == NULL)
        PyErr_SetString(PyExc_ValueError, "the table is closed");
    else if (given != wanted)
        PyErr_Format(PyExc_TypeError, "takes %zd arguments", wanted);
    return self->words != NULL && given == wanted;
}

static PyObject *table_take(Table *self, PyObject *const *args, Py_ssize_t given)
{
    int64_t token_key, tenant_key, now;
    Limit own, shared;
    if (!is_ready(self, given, 5) || read_number(args[0], &token_key) < 0 ||
        read_number(args[1], &tenant_key) < 0 || read_limit(args[2], &own) < 0 ||
        read_limit(args[3], &shared) < 0 || read_number(args[4], &now) < 0)
        return NULL;
    lock(self);
    uint64_t *token = slot(self, (uint64_t)token_key, TOKENS);
    uint64_t *tenant = slot(self, (uint64_t)tenant_key, TENANTS);
    int64_t own_tat = standing(&own, token[1], now);
    int64_t shared_tat = standing(&shared, tenant[1], now);
    int64_t own_wait = own_tat - now - own.burst;
    int64_t shared_wait = shared_tat - now - shared.burst;
    if (own_wait <= 0 && shared_wait <= 0) {
        token[1] = (uint64_t)(own_tat += own.interval);
        tenant[1] = (uint64_t)(shared_tat += shared.interval);
    }
    unlock(self);
    return Py_BuildValue("LLLL", (long long)own_tat, (long long)shared_tat,
                         (long long)own_wait, (long long)shared_wait);
}

static PyObject *table_pace(Table *self, PyObject *const *args, Py_ssize_t given)
{
    int64_t key, now;
    Limit limit;
    if (!is_ready(self, given, 3) || read_number(args[0], &key) < 0 ||
        read_limit(args[1], &limit) < 0 || read_number(args[2], &now) < 0)
        return NULL;
    lock(self);
    uint64_t *address = slot(self, (uint64_t)key, ADDRESSES);
    int64_t tat = standing(&limit, address[1], now);
    int64_t wait = tat - now - limit.burst;
    if (wait <= 0)
        address[1] = (uint64_t)(tat + limit.interval);
    unlock(self);
    return PyLong_FromLongLong(wait > 0 ? wait : 0);
}

static PyObject *table_give_back(Table *self, PyObject *const *args, Py_ssize_t given)
{
    int64_t key;
    Limit limit;
    if (!is_ready(self, given, 2) || read_number(args[0], &key) < 0 ||
        read_limit(args[1], &limit) < 0)
        return NULL;
    lock(self);
    uint64_t *address = slot(self, (uint64_t)key, ADDRESSES);
    int64_t tat = (int64_t)address[1] - limit.interval;
    address[1] = tat > 0 ? (uint64_t)tat : 0;
    unlock(self);
    Py_RETURN_NONE;
}

static PyObject *table_close(Table *self, PyObject *unused)
{
    if (self->words != NULL)
        PyBuffer_Release(&self->memory);
    self->words = NULL;
    Py_RETURN_NONE;
}

static int table_init(Table *self, PyObject *args, PyObject *kwargs)
{
    PyObject *memory;
    Py_ssize_t slots;
    int file;
    if (!PyArg_ParseTuple(args, "Oni", &memory, &slots, &file))
        return -1;
    if (PyObject_GetBuffer(memory, &self->memory, PyBUF_WRITABLE) < 0)
        return -1;
    Py_ssize_t bytes = REGIONS * slots * SLOT_WORDS * (Py_ssize_t)sizeof(uint64_t);
    if (slots < BUCKET_SLOTS || self->memory.len < bytes + LOCK_BYTES) {
        PyBuffer_Release(&self->memory);
        PyErr_SetString(PyExc_ValueError, "the memory is too small for its slots");
        return -1;
    }
    self->words = self->memory.buf;
    self->slots = (uint64_t)slots;
    self->lock = (uint32_t *)((char *)self->memory.buf + bytes);
    return 0;
}

static void table_dealloc(Table *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (self->words != NULL)
        PyBuffer_Release(&self->memory);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static PyMethodDef table_methods[] = {
    {"take", FAST(table_take), NULL},
    {"pace", FAST(table_pace), NULL},
    {"give_back", FAST(table_give_back), NULL},
    {"close", (PyCFunction)table_close, METH_NOARGS, NULL},
    {NULL},
};

static PyType_Slot table_slots[] = {
    {Py_tp_init, table_init},
    {Py_tp_dealloc, table_dealloc},
    {Py_tp_methods, table_methods},
    {0, NULL},
};

static PyType_Spec table_spec = {
    .name = "edge.limits._budgets.Table",
    .basicsize = sizeof(Table),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = table_slots,
};

static int execute(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&table_spec);
    return type == NULL ? -1 : PyModule_AddObject(module, "Table", type);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, execute}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "edge.limits._budgets", .m_slots = slots};

PyMODINIT_FUNC PyInit__budgets(void)
{
    return PyModuleDef_Init(&definition);
}
