/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A QEMU TCG plugin (interface version 1) that records kernel visits: from the last instruction at
 * EL0 through all kernel instructions to the next one at EL0. Visits of one row of the benchmark
 * with the same path are kept once and counted.
 *
 * Arguments: out=FILE, mark=ADDRESS, rows=COUNT, entry=ADDRESS, from=ADDRESS (several). The guest
 * says which row is being measured by storing anything to the byte at mark + row; row 0 is "none".
 * With `from`, only visits that begin at one of those instructions are kept.
 *
 * The interface is declared here as far as it is used, since no package ships its header.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void exec_fn(unsigned cpu, void *data);
typedef void mem_fn(unsigned cpu, uint32_t info, uint64_t address, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                           void (*fn)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_fn *fn, int flags,
                                            void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, mem_fn *fn, int flags,
                                      int read_write, void *data);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*fn)(uint64_t id, void *data), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
bool qemu_plugin_mem_is_store(uint32_t info);

enum {
    NO_REGISTERS = 0,
    READ_AND_WRITE = 3,
    MAX_STEPS = 1 << 20, /* of one visit; the rest is only counted */
    MAX_ACCESSES = 1 << 18,
    MAX_PATHS = 256, /* different paths kept for one row */
    MAX_FROM = 16,
    MAX_ROWS = 1024
};

struct access {
    uint64_t address;
    bool is_store;
};

/* One path through the kernel, and how often it was taken. */
struct visit {
    uint64_t from, to; /* program counters at EL0 */
    uint64_t hash;
    uint64_t length;
    uint64_t count;
    uint64_t last; /* running number of its last visit */
    uint64_t *step;
    struct access *access;
    size_t access_count;
};

struct row {
    struct visit path[MAX_PATHS];
    unsigned count;
    uint64_t dropped;
};

extern int qemu_plugin_version;
int qemu_plugin_version = 1;
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

static const char *out_name;
static uint64_t mark, row_count;
static uint64_t wanted[MAX_FROM];
static unsigned from_count;
static struct row rows[MAX_ROWS];
static unsigned current_row;
static bool in_kernel;
static uint64_t last_user_pc, visit_number;
static uint64_t boot_length; /* instructions from the kernel's first to the program's first */
static uint64_t entry;
static bool booted;
static struct visit now;

static bool is_wanted(uint64_t from)
{
    for (unsigned i = 0; i < from_count; i++)
        if (wanted[i] == from)
            return true;
    return from_count == 0;
}

static void begin_visit(void)
{
    in_kernel = true;
    now.from = last_user_pc;
    now.hash = 1469598103934665603u; /* FNV-1a */
    now.length = 0;
    now.access_count = 0;
}

static void *copy(const void *from, size_t bytes)
{
    void *to = malloc(bytes ? bytes : 1);
    if (!to)
        abort();
    return memcpy(to, from, bytes);
}

/* The record of the visit that has just ended: a known path, or a new one, or NULL when the row's
 * table is full. */
static struct visit *find_path(struct row *row)
{
    for (unsigned i = 0; i < row->count; i++) {
        struct visit *v = &row->path[i];
        if (v->hash == now.hash && v->from == now.from && v->to == now.to &&
            v->length == now.length)
            return v;
    }
    if (row->count == MAX_PATHS)
        return NULL;
    struct visit *v = &row->path[row->count++];
    *v = now;
    v->count = 0;
    v->step = copy(now.step, sizeof(uint64_t) * (now.length < MAX_STEPS ? now.length : MAX_STEPS));
    v->access = NULL;
    return v;
}

static void end_visit(uint64_t to)
{
    in_kernel = false;
    if (current_row == 0 || !is_wanted(now.from))
        return;
    now.to = to;
    struct row *row = &rows[current_row];
    struct visit *v = find_path(row);
    if (!v) {
        row->dropped++;
        return;
    }
    v->count++;
    v->last = ++visit_number;
    free(v->access);
    v->access = copy(now.access, sizeof(struct access) * now.access_count);
    v->access_count = now.access_count;
}

/* The kernel's first instructions include some at physical addresses. */
static void count_boot(uint64_t pc)
{
    booted = pc == entry;
    if (!booted && (pc >> 63 || boot_length > 0))
        boot_length++;
}

static void on_execute(unsigned cpu, void *data)
{
    uint64_t pc = (uint64_t)(uintptr_t)data;
    (void)cpu;
    if (!booted)
        count_boot(pc);
    if (pc >> 63) {
        if (!in_kernel)
            begin_visit();
        if (now.length < MAX_STEPS)
            now.step[now.length] = pc;
        now.length++;
        now.hash = (now.hash ^ pc) * 1099511628211u;
    } else {
        if (in_kernel)
            end_visit(pc);
        last_user_pc = pc;
    }
}

static void on_access(unsigned cpu, uint32_t info, uint64_t address, void *data)
{
    (void)cpu;
    if ((uint64_t)(uintptr_t)data >> 63) {
        if (now.access_count < MAX_ACCESSES)
            now.access[now.access_count++] =
                (struct access){address, qemu_plugin_mem_is_store(info)};
    } else if (address - mark < row_count && qemu_plugin_mem_is_store(info)) {
        current_row = (unsigned)(address - mark);
    }
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    size_t n = qemu_plugin_tb_n_insns(tb);
    for (size_t i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        void *pc = (void *)(uintptr_t)qemu_plugin_insn_vaddr(insn);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_execute, NO_REGISTERS, pc);
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, NO_REGISTERS, READ_AND_WRITE, pc);
    }
}

/* visit ROW COUNT LAST FROM TO LENGTH / s PC… (the steps) / r or w ADDRESS… (the accesses) */
static void write_visit(FILE *out, unsigned row, const struct visit *v)
{
    fprintf(out, "visit %u %" PRIu64 " %" PRIu64 " %" PRIx64 " %" PRIx64 " %" PRIu64 "\ns", row,
            v->count, v->last, v->from, v->to, v->length);
    for (uint64_t i = 0; i < v->length && i < MAX_STEPS; i++)
        fprintf(out, " %" PRIx64, v->step[i]);
    for (int store = 0; store < 2; store++) {
        fputs(store ? "\nw" : "\nr", out);
        for (size_t i = 0; i < v->access_count; i++)
            if (v->access[i].is_store == store)
                fprintf(out, " %" PRIx64, v->access[i].address);
    }
    fputc('\n', out);
}

static void on_exit_of_qemu(uint64_t id, void *data)
{
    (void)id;
    (void)data;
    FILE *out = fopen(out_name, "w");
    if (!out) {
        fprintf(stderr, "visits: cannot write %s\n", out_name);
        return;
    }
    fprintf(out, "boot %" PRIu64 "\n", boot_length);
    for (unsigned r = 1; r < row_count; r++) {
        for (unsigned i = 0; i < rows[r].count; i++)
            write_visit(out, r, &rows[r].path[i]);
        if (rows[r].dropped)
            fprintf(out, "dropped %u %" PRIu64 "\n", r, rows[r].dropped);
    }
    fclose(out);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0)
            out_name = strdup(argv[i] + 4);
        else if (strncmp(argv[i], "mark=", 5) == 0)
            mark = strtoull(argv[i] + 5, NULL, 0);
        else if (strncmp(argv[i], "rows=", 5) == 0)
            row_count = strtoull(argv[i] + 5, NULL, 0);
        else if (strncmp(argv[i], "entry=", 6) == 0)
            entry = strtoull(argv[i] + 6, NULL, 0);
        else if (strncmp(argv[i], "from=", 5) == 0 && from_count < MAX_FROM)
            wanted[from_count++] = strtoull(argv[i] + 5, NULL, 0);
    }
    now.step = malloc(sizeof(uint64_t) * MAX_STEPS);
    now.access = malloc(sizeof(struct access) * MAX_ACCESSES);
    if (!out_name || !mark || row_count < 2 || row_count > MAX_ROWS || !now.step || !now.access) {
        fprintf(stderr, "visits: expected out=FILE, mark=ADDRESS and rows=2..%d\n", MAX_ROWS);
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_exit_of_qemu, NULL);
    return 0;
}
