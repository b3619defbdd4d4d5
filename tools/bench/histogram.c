/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A QEMU TCG plugin (interface version 1) that counts how often each instruction runs, from the
 * machine's first one to the first in the upper half of the addresses: all that a boot loader does
 * before it enters the kernel. Argument: out=FILE, which gets a line "ADDRESS COUNT" for each.
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

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                           void (*fn)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, exec_fn *fn, int flags,
                                            void *data);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*fn)(uint64_t id, void *data), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

#define SLOTS (1u << 20) /* of the table of instructions; a loader has some 70 000 */

struct counter {
    uint64_t address; /* 0 = free */
    uint64_t count;
};

static struct counter counters[SLOTS];
static bool kernel_entered;
static const char *out_name;

static void executed(unsigned cpu, void *data)
{
    struct counter *c = data;

    (void)cpu;
    kernel_entered = kernel_entered || c->address >> 48 != 0;
    if (!kernel_entered) {
        c->count++;
    }
}

static struct counter *counter_of(uint64_t address)
{
    uint64_t i = (address / 4) % SLOTS;

    while (counters[i].address != 0 && counters[i].address != address) {
        i = (i + 1) % SLOTS;
    }
    counters[i].address = address;
    return &counters[i];
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    if (kernel_entered) {
        return;
    }
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

        qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, 0,
                                               counter_of(qemu_plugin_insn_vaddr(insn)));
    }
}

static void finished(uint64_t id, void *unused)
{
    FILE *out = fopen(out_name, "w");

    (void)id;
    (void)unused;
    if (out == NULL) {
        fprintf(stderr, "histogram: %s: cannot be written\n", out_name);
        return;
    }
    for (uint64_t i = 0; i < SLOTS; i++) {
        if (counters[i].count != 0) {
            fprintf(out, "0x%" PRIx64 " %" PRIu64 "\n", counters[i].address, counters[i].count);
        }
    }
    fclose(out);
}

int qemu_plugin_version = 1;
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    if (argc != 1 || strncmp(argv[0], "out=", 4) != 0) {
        fprintf(stderr, "histogram: expected out=FILE\n");
        return 1;
    }
    out_name = argv[0] + 4;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, finished, NULL);
    return 0;
}
