/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Life of the start states (world.h): making each on a machine of its own, keeping it, going back.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#include "machine.h"
#include "world_make.h"

/* A start state: its maker and the options of its machine. */
struct recipe {
    const char *name;
    void (*make)(void);
    uint8_t domains;
    uint8_t slice_ticks;
    bool benchmark_calls;
};

static const struct recipe recipes[WORLD_COUNT] = {
    [WORLD_PEERS] = {"peers", make_peers, 1, 5, false},
    [WORLD_DOMAINS] = {"domains", make_domains, 2, 5, false},
    [WORLD_KNOT] = {"knot", make_knot, 1, 5, false},
    [WORLD_ACCOUNTS] = {"accounts", make_peers, 1, 5, true},
    [WORLD_PARTITIONS] = {"partitions", make_partitions, 2, 5, false},
    [WORLD_EXCHANGE] = {"exchange", make_exchange, 1, 1, false},
    [WORLD_TREE] = {"tree", make_tree, 1, 1, false},
    [WORLD_POOL] = {"pool", make_pool, 1, 1, false},
    [WORLD_SPACES] = {"spaces", make_spaces, 1, 1, false},
};

/* What is kept of each. */
static struct {
    struct cpu *cpu;
    uint64_t root_cnode;
    void *snapshot[2]; /* without and with the core's events */
} kept[WORLD_COUNT];

static unsigned now; /* the state that the machine was put into */

const char *world_name(unsigned world)
{
    return recipes[world % WORLD_COUNT].name;
}

unsigned world_now(void)
{
    return now;
}

uint64_t world_root_cnode(void)
{
    return kept[now].root_cnode;
}

static void create(const struct recipe *recipe, bool traced)
{
    struct platform platform;
    machine_small_platform(&platform, WORLD_RAM_BYTES);
    platform.max_irq = WORLD_MAX_IRQ;
    platform.options.log = traced ? LOG_TRACE : LOG_QUIET;
    platform.options.smc = true;
    platform.options.slice_ticks = recipe->slice_ticks;
    platform.options.benchmark_calls = recipe->benchmark_calls;
    platform.options.domains = recipe->domains;
    platform.options.domain_schedules = recipe->domains > 1 ? 4 : 2;
    machine_create(&platform, 0);
}

static void check_root_cnode(const struct cpu *cpu)
{
    struct cap root = cpu->current->slots[TCB_CSPACE].cap;
    kept[now].root_cnode = cap_object(root);
    if (cnode_radix(root) != WORLD_ROOT_RADIX)
        make_give_up("radix of the initial CNode", cnode_radix(root));
    if (!cap_is_null(slots_at(cap_object(root))[WORLD_TCB_A - 1].cap))
        make_give_up("the boot caps reach beyond slot", WORLD_TCB_A - 1);
}

static void make(void *recipe)
{
    struct cpu *cpu = machine_boot();
    kept[now].cpu = cpu;
    check_root_cnode(cpu);
    make_on(cpu);
    ((const struct recipe *)recipe)->make();
    cpu->kernel->work_limit = 1; /* every unit of long work asks for interrupts */
}

static void keep(unsigned world, bool traced)
{
    static char console[4096];
    struct recipe recipe = recipes[world];
    now = world;
    create(&recipe, traced);
    machine_console_capture(console, sizeof console);
    int status = machine_guard(make, &recipe);
    if (status != MACHINE_RAN_ON) {
        fprintf(stderr, "fuzz: start state %s ended with status %d: %s%.*s\n", recipe.name, status,
                status == MACHINE_VIOLATION ? machine_violation() : "", (int)machine_console_used(),
                console);
        exit(2);
    }
    void *snapshot = malloc(machine_snapshot_bytes());
    if (!snapshot)
        make_give_up("no memory for a snapshot", world);
    machine_snapshot(snapshot);
    kept[world].snapshot[traced] = snapshot;
}

void world_make_all(void)
{
    for (unsigned i = 0; i < WORLD_COUNT; i++) {
        keep(i, true);
        keep(i, false);
    }
}

struct cpu *world_reset(unsigned world, bool traced)
{
    now = world % WORLD_COUNT;
    machine_restore(kept[now].snapshot[traced]);
    return kept[now].cpu;
}
