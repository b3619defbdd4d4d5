/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Page_Map and Page_Unmap by the fast path against the ordinary way: random calls, each executed
 * both ways from the same state. Memory (page tables and caps among it), registers, address space
 * and FP unit must be the same bit by bit; the machine checks the order of stores and
 * invalidations. A third, watched run tells which way the call went.
 */
#include <stdlib.h>

#include "core_fixture.h"
#include "diag.h"
#include "fpu.h"
#include "internal.h"
#include "pte.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    CASES = 6000,
    PLACES = 6, /* page-sized places under one level-3 table */
    FRAMES = 12,
    SPACES = 8,
    BUFFER = 0x10000000 /* IPC buffer's user address */
};
#define V 0x100000000000ull /* nothing is mapped in its 512 GiB (abi/vectors.md §6) */

static uint64_t frames[FRAMES], spaces[SPACES], thread, shape, seed = 1;

static uint64_t word(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1dull;
}
static uint64_t below(uint64_t n)
{
    return (word() >> 20) % n;
}
static bool one_in(uint64_t n)
{
    return below(n) == 0;
}

/* ---- the world ---- */

static void map_tables(uint64_t space, uint64_t va, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        OK(fx_new(OBJECT_PAGE_TABLE, 0), LABEL_PAGE_TABLE_MAP, W(va, 0), C(space));
}

/* Small, large and huge frames, of RAM and devices, with all kinds of rights. */
static void make_frames(void)
{
    uint64_t small = fx_new(OBJECT_SMALL_PAGE, 0);
    uint64_t large = fx_new_from(fx_device(21), OBJECT_LARGE_PAGE, 0);
    uint64_t list[FRAMES] = {small,
                             fx_copy(small, RIGHT_READ | RIGHT_WRITE),
                             fx_copy(small, RIGHT_READ),
                             fx_copy(small, 0),
                             fx_new(OBJECT_SMALL_PAGE, 0),
                             fx_new(OBJECT_SMALL_PAGE, 0),
                             fx_new_from(fx_device(12), OBJECT_SMALL_PAGE, 0),
                             large,
                             fx_copy(large, RIGHT_READ),
                             fx_new_from(fx_device(30), OBJECT_HUGE_PAGE, 0),
                             fx_new(OBJECT_ENDPOINT, 0),
                             fx_slot()};
    memcpy(frames, list, sizeof frames);
    uint64_t pa = cap_object(fx_cap(small)); /* taken for a table it leads to itself */
    for (unsigned i = 0; i < PTE_ENTRIES; i++)
        ((uint64_t *)hal_window(paddr(pa)))[i] = pte_table(pa);
}

static void make_spaces(void)
{
    uint64_t other = fx_new(OBJECT_VSPACE, 0), bare = fx_new(OBJECT_VSPACE, 0);
    OK(SLOT_INIT_ASID_POOL, LABEL_ASID_POOL_ASSIGN, W(), C(other));
    uint64_t list[SPACES] = {
        SLOT_INIT_VSPACE, SLOT_INIT_VSPACE, SLOT_INIT_VSPACE, other, other, bare,
        frames[0],        fx_slot()};
    memcpy(spaces, list, sizeof spaces);
    map_tables(SLOT_INIT_VSPACE, V, 3);
    map_tables(SLOT_INIT_VSPACE, V + (1ull << 30), 1);
    map_tables(other, V, 3);
}

/* The caller names its caps through the root CNode, or through one of 2 slots in front of it. */
static int setup(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, FX_RAM);
    platform.options.root_cnode_bits = 10;
    fx_boot(&platform);
    fx.unchecked = true;
    make_frames();
    make_spaces();
    shape = fx_new(OBJECT_CNODE, 1);
    OK(shape, LABEL_CNODE_MINT, W(0, 1, ROOT, FX_DEPTH, RIGHTS_ALL, 53), C(ROOT));
    thread = fx_thread(200, true);
    fx_switch(fx_tcb(thread));
    return 0;
}

/* ---- a random call ---- */

static uint64_t random_address(void)
{
    static const uint64_t odd[] = {V + 0x80,         V + (1ull << 39),
                                   USER_TOP - 0xfff, USER_TOP + 1,
                                   ~0xfffull,        V | 1ull << 48,
                                   V | 1ull << 47,   0,
                                   V + (1ull << 30), V + (2ull << 30),
                                   V + (1ull << 21), V + (3ull << 21),
                                   V + (1ull << 48), BUFFER};
    return one_in(3) ? odd[below(sizeof odd / sizeof odd[0])]
                     : V + below(PLACES) * 0x1000 + (one_in(8) ? 2ull << 21 : 0);
}

/* Writes the message; returns whether it is a Map. */
static bool random_call(void)
{
    struct tcb *tcb = fx_tcb(thread);
    struct ipc_buffer *buffer = hal_window(paddr(cap_object(fx_cap(thread + 1))));
    uint64_t *reg = tcb->context.reg;
    bool map = !one_in(3);
    uint64_t length = one_in(12) ? below(128) : map ? 3 : 0;
    uint64_t extra = one_in(12) ? below(4) : map;
    uint64_t label = one_in(24) ? below(60) : map ? LABEL_PAGE_MAP : LABEL_PAGE_UNMAP;
    reg[REG_X0] = frames[below(one_in(3) ? FRAMES : 5)];
    reg[REG_X1] = msginfo_new(label, one_in(24) ? below(8) : 0, extra, length);
    reg[REG_X2] = random_address();
    reg[REG_X3] = one_in(4) ? word() : below(8);
    reg[REG_X4] = one_in(4) ? word() : below(8);
    reg[REG_X5] = word();
    reg[REG_X7] = (uint64_t)(int64_t)(one_in(24) ? SYS_SEND : SYS_CALL);
    for (unsigned i = 0; i < 3; i++)
        buffer->caps_or_badges[i] = spaces[below(one_in(3) ? SPACES : 4)];
    return map;
}

static void run_the_thread(void)
{
    fx_switch(fx_tcb(thread));
    fpu_switch(fx.cpu, fx_tcb(thread)); /* as at the end of a kernel entry */
}

/* Another CSpace, buffer or use of FP from here on. */
static void disturb(void)
{
    struct tcb *tcb = fx_tcb(thread);
    fx_switch(fx.root);
    switch (below(4)) {
    case 0: OK(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, SLOT_INIT_VSPACE)); break;
    case 1:
        /* 64 = radix 1 + guard of 53 + radix 10: the same names, but deeper */
        OK(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(shape, SLOT_INIT_VSPACE));
        break;
    case 2: OK(thread, LABEL_TCB_SET_IPC_BUFFER, W(one_in(4) ? 0 : BUFFER), C(thread + 1)); break;
    default: tcb->fp_live = one_in(2);
    }
    run_the_thread();
}

/* ---- the comparison ---- */

struct end {
    struct machine_hash memory;
    struct fp_state fp;
    uint64_t root, asid, fpu;
    const struct context *next;
};

static struct end run(bool fast, bool watched)
{
    struct end end;
    memset(&end, 0, sizeof end); /* padding too */
    fx.cpu->fast = fast;
    fx.cpu->watched = watched;
    fx_trap(TRAP_SYSCALL, 0x56000000, 0);
    fx.cpu->fast = fx.cpu->watched = false;
    end.memory = machine_hash();
    end.fp = machine.model.fp;
    end.root = machine.model.root;
    end.asid = machine.model.asid;
    end.fpu = machine.model.fpu;
    end.next = core_current(fx.cpu);
    return end;
}

static void both_ways_end_in_the_same_state(void **unused)
{
    void *state = malloc(machine_snapshot_bytes());
    unsigned taken[2] = {0, 0}, left[2] = {0, 0};
    (void)unused;
    for (unsigned n = 0; n < CASES; n++) {
        if (one_in(16))
            disturb();
        bool map = random_call();
        const uint64_t *reg = fx.cpu->current->context.reg;
        const uint64_t call[2] = {reg[REG_X0], reg[REG_X1]};
        machine_snapshot(state);
        struct end quick = run(true, false);
        machine_restore(state);
        uint64_t entries = fx.cpu->diag->entries;
        struct end watched = run(true, true);
        entries = fx.cpu->diag->entries - entries;
        machine_restore(state);
        struct end ordinary = run(false, false);
        if (memcmp(&quick, &ordinary, sizeof quick) != 0)
            fail_msg("case %u: the fast path ends in another state: label %llu, slot %llu", n,
                     (unsigned long long)msginfo_label(call[1]), (unsigned long long)call[0]);
        if (memcmp(&watched, &ordinary, sizeof watched) != 0)
            fail_msg("case %u: watching changes the state", n);
        (entries ? left : taken)[map]++;
        if (n % 64 == 0)
            assert_null(fx_broken());
        if (fx.cpu->current != fx_tcb(thread)) { /* it faulted */
            (void)fx_call(thread, LABEL_TCB_RESUME, W(), C());
            run_the_thread();
        }
    }
    free(state);
    for (unsigned i = 0; i < 2; i++) {
        print_message("%-10s %5u fast, %5u ordinary\n", i ? "Page_Map" : "Page_Unmap", taken[i],
                      left[i]);
        assert_true(taken[i] >= CASES / 20 && left[i] >= CASES / 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_ways_end_in_the_same_state, setup, fx_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
