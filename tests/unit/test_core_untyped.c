/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Untyped_Retype: every check in its order, and what Untypeds, watermarks and resets do.
 */
#include <stdlib.h>

#include "cdt.h"
#include "core_fixture.h"

enum {
    RETYPE = LABEL_UNTYPED_RETYPE,
    ROOT = SLOT_INIT_CNODE
};

/* The root CNode of the fixture: 2^radix slots, guard 0 of 64 − radix bits (abi/boot.md §3). */
static uint64_t radix(void)
{
    return fx.info->init_cnode_bits;
}
static uint64_t slots(void)
{
    return 1ull << radix();
}

/* ---- checks, abi/invocations.md §3, in the order of its rows ---- */

static void row_1_truncated(void **unused)
{
    (void)unused;
    REFUSED(fx.memory, RETYPE, W(10, 64, 0, 0, 0), C(ROOT), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(fx.memory, RETYPE, W(10, 64, 0, 0, 0, 0), C(), ERROR_TRUNCATED_MESSAGE, I());
}

static void label_comes_before_length(void **unused)
{
    (void)unused; /* abi/invocations.md §1: label first; abi/vectors.md §2: label 2 → Illegal */
    REFUSED(fx.memory, LABEL_TCB_READ_REGISTERS, W(), C(), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(fx.memory, 0, W(), C(), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(fx.memory, LABEL_COUNT, W(), C(), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(fx.memory, (1ull << 52) - 1, W(), C(), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(fx.memory, 1ull << 32 | RETYPE, W(), C(), ERROR_ILLEGAL_OPERATION, I());
}

static void row_2_type(void **unused)
{
    (void)unused;
    REFUSED(fx.memory, RETYPE, W(10, 64, 0, 65, 0, 0), C(ROOT), ERROR_INVALID_ARGUMENT, I(0));
    REFUSED(fx.memory, RETYPE, W(~0ull, 64, 0, 65, 0, 0), C(ROOT), ERROR_INVALID_ARGUMENT, I(0));
}

static void row_3_size(void **unused)
{
    (void)unused; /* abi/vectors.md §2 */
    REFUSED(fx.memory, RETYPE, W(OBJECT_TCB, 64, 0, 65, 0, 1), C(ROOT), ERROR_RANGE, I(0, 0x2f));
    REFUSED(fx.memory, RETYPE, W(OBJECT_CNODE, 60, 0, 65, 0, 1), C(ROOT), ERROR_RANGE, I(0, 0x2f));
    REFUSED(fx.memory, RETYPE, W(OBJECT_CNODE, 43, 0, 65, 0, 1), C(ROOT), ERROR_RANGE, I(0, 0x2f));
    REFUSED(fx.memory, RETYPE, W(OBJECT_CNODE, ~0ull, 0, 65, 0, 1), C(ROOT), ERROR_RANGE,
            I(0, 0x2f));
    REFUSED(fx.memory, RETYPE, W(OBJECT_UNTYPED, 48, 0, 65, 0, 1), C(ROOT), ERROR_RANGE,
            I(0, 0x2f));
    REFUSED(fx.memory, RETYPE, W(OBJECT_UNTYPED, 1ull << 32, 0, 65, 0, 1), C(ROOT), ERROR_RANGE,
            I(0, 0x2f));
}

static void rows_4_and_5_least_sizes(void **unused)
{
    (void)unused;
    REFUSED(fx.memory, RETYPE, W(OBJECT_CNODE, 0, 0, 65, 0, 1), C(ROOT), ERROR_INVALID_ARGUMENT,
            I(1));
    REFUSED(fx.memory, RETYPE, W(OBJECT_UNTYPED, 3, 0, 65, 0, 1), C(ROOT), ERROR_INVALID_ARGUMENT,
            I(1));
}

static void row_6_destination_lookup(void **unused)
{
    uint64_t guard = 64 - radix();
    (void)unused; /* abi/objects.md §4.1; abi/invocations.md §1, slot() */
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 65, ~0ull, 0), C(ROOT), ERROR_RANGE,
            I(1, 0x40));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, ~0ull, ~0ull, 0), C(ROOT), ERROR_RANGE,
            I(1, 0x40));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 40, ~0ull, 0), C(ROOT), ERROR_FAILED_LOOKUP,
            I(0, LOOKUP_GUARD_MISMATCH, 40, 0, guard));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 1ull << 20, 64, ~0ull, 0), C(ROOT),
            ERROR_FAILED_LOOKUP, I(0, LOOKUP_GUARD_MISMATCH, 64, 0, guard));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, guard, ~0ull, 0), C(ROOT),
            ERROR_FAILED_LOOKUP, I(0, LOOKUP_DEPTH_MISMATCH, guard, 64));
    /* Not a CNode with a depth: InvalidRoot, before the depth's range. */
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 65, ~0ull, 0), C(SLOT_INIT_TCB),
            ERROR_FAILED_LOOKUP, I(0, LOOKUP_INVALID_ROOT));
}

static void row_7_destination_is_no_cnode(void **unused)
{
    (void)unused;
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, SLOT_INIT_TCB, 64, ~0ull, 0), C(ROOT),
            ERROR_FAILED_LOOKUP, I(0, LOOKUP_MISSING_CAPABILITY, 64));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, fx_slot(), 64, ~0ull, 0), C(ROOT),
            ERROR_FAILED_LOOKUP, I(0, LOOKUP_MISSING_CAPABILITY, 64));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, ~0ull, 0), C(SLOT_INIT_TCB),
            ERROR_FAILED_LOOKUP, I(0, LOOKUP_MISSING_CAPABILITY, 0));
}

static void rows_8_to_10_ranges(void **unused)
{
    uint64_t last = slots() - 1;
    (void)unused;
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, slots(), 0), C(ROOT), ERROR_RANGE,
            I(0, last));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, ~0ull, 0), C(ROOT), ERROR_RANGE,
            I(0, last));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, last, 0), C(ROOT), ERROR_RANGE,
            I(1, 0x100));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, last, 257), C(ROOT), ERROR_RANGE,
            I(1, 0x100));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, last, ~0ull), C(ROOT), ERROR_RANGE,
            I(1, 0x100));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, last - 5, 7), C(ROOT), ERROR_RANGE,
            I(1, 6));
}

static void row_11_occupied(void **unused)
{
    uint64_t first = fx_slots(3);
    uint64_t middle = first + 1;
    (void)unused;
    REFUSED(fx.memory, RETYPE, W(OBJECT_HUGE_PAGE, 0, 0, 0, SLOT_INIT_TCB, 1), C(ROOT),
            ERROR_DELETE_FIRST, I());
    OK(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, middle, 1), C(ROOT));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, first, 3), C(ROOT), ERROR_DELETE_FIRST,
            I());
    assert_true(cap_is_null(fx_cap(first)));
}

static void row_12_memory(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 14);
    uint64_t slot = fx_slots(4);
    (void)
        unused; /* abi/vectors.md §2: fresh one, then after an endpoint at 0, notification at 32 */
    REFUSED(untyped, RETYPE, W(OBJECT_HUGE_PAGE, 0, 0, 0, slot, 1), C(ROOT),
            ERROR_NOT_ENOUGH_MEMORY, I(0x4000));
    REFUSED(untyped, RETYPE, W(OBJECT_SMALL_PAGE, 0, 0, 0, slot, 4 + 1), C(ROOT),
            ERROR_NOT_ENOUGH_MEMORY, I(0x4000));
    OK(untyped, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, slot, 1), C(ROOT));
    OK(untyped, RETYPE, W(OBJECT_NOTIFICATION, 0, 0, 0, slot + 1, 1), C(ROOT));
    assert_int_equal(cap_object(fx_cap(slot)), cap_object(fx_cap(untyped)));
    assert_int_equal(cap_object(fx_cap(slot + 1)), cap_object(fx_cap(untyped)) + 32);
    REFUSED(untyped, RETYPE, W(OBJECT_UNTYPED, 47, 0, 0, slot + 2, 1), C(ROOT),
            ERROR_NOT_ENOUGH_MEMORY, I(0x4000 - 64));
}

static void row_13_device(void **unused)
{
    uint64_t device = fx_device(21);
    uint64_t slot = fx_slots(3);
    (void)unused; /* abi/vectors.md §2: TCB from a device untyped → InvArg(1); §11: CNode too */
    for (unsigned type = OBJECT_TCB; type < OBJECT_TYPE_COUNT; type++) {
        if (type == OBJECT_HUGE_PAGE || type == OBJECT_SMALL_PAGE || type == OBJECT_LARGE_PAGE)
            continue;
        REFUSED(device, RETYPE, W(type, 5, 0, 0, slot, 1), C(ROOT), ERROR_INVALID_ARGUMENT, I(1));
    }
    OK(device, RETYPE, W(OBJECT_SMALL_PAGE, 0, 0, 0, slot, 1), C(ROOT));
    OK(device, RETYPE, W(OBJECT_UNTYPED, 12, 0, 0, slot + 1, 1), C(ROOT));
    assert_true(frame_is_device(fx_cap(slot)));
    assert_true(untyped_is_device(fx_cap(slot + 1)));
    /* Space is checked before the device (abi/objects.md §2, order note). */
    REFUSED(slot + 1, RETYPE, W(OBJECT_CNODE, 8, 0, 0, slot + 2, 1), C(ROOT),
            ERROR_NOT_ENOUGH_MEMORY, I(0x1000));
}

/* ---- objects.md §1: fresh caps and objects ---- */

static void sizes_of_objects(void **unused)
{
    static const struct {
        enum object_type type;
        uint64_t argument;
        unsigned bits;
    } rows[] = {
        {OBJECT_UNTYPED, 7, 7},      {OBJECT_TCB, 63, 11},       {OBJECT_ENDPOINT, 63, 4},
        {OBJECT_NOTIFICATION, 9, 5}, {OBJECT_CNODE, 3, 8},       {OBJECT_VSPACE, 0, 12},
        {OBJECT_SMALL_PAGE, 0, 12},  {OBJECT_PAGE_TABLE, 0, 12},
    };
    (void)unused;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t untyped = fx_new(OBJECT_UNTYPED, 13);
        uint64_t slot = fx_new_from(untyped, rows[i].type, rows[i].argument);
        assert_int_equal(cap_object_bits(fx_cap(slot)), rows[i].bits);
        assert_int_equal(untyped_watermark(fx_cap(untyped)), 1u << rows[i].bits);
        fx_delete(slot);
        fx_delete(untyped);
    }
}

static void fresh_caps(void **unused)
{
    struct cap endpoint = fx_cap(fx_new(OBJECT_ENDPOINT, 0));
    struct cap notification = fx_cap(fx_new(OBJECT_NOTIFICATION, 0));
    struct cap frame = fx_cap(fx_new(OBJECT_SMALL_PAGE, 0));
    struct cap cnode = fx_cap(fx_new(OBJECT_CNODE, 4));
    (void)unused; /* abi/objects.md §1, below the table */
    assert_int_equal(ipc_rights(endpoint), RIGHTS_ALL);
    assert_int_equal(ipc_badge(endpoint), 0);
    assert_int_equal(ipc_rights(notification), RIGHT_READ | RIGHT_WRITE);
    assert_int_equal(ipc_badge(notification), 0);
    assert_int_equal(frame_rights(frame), RIGHT_READ | RIGHT_WRITE);
    assert_int_equal(mapping_asid(frame), 0);
    assert_int_equal(cnode_radix(cnode), 4);
    assert_int_equal(cnode_guard(cnode), 0);
    assert_int_equal(cnode_guard_size(cnode), 0);
}

static void fresh_thread(void **unused)
{
    const struct tcb *tcb = fx_tcb(fx_new(OBJECT_TCB, 0));
    (void)unused; /* abi/objects.md §1 */
    assert_int_equal(tcb->state, THREAD_INACTIVE);
    assert_int_equal(tcb->priority, 0);
    assert_int_equal(tcb->mcp, 0);
    assert_int_equal(tcb->fault_handler, 0);
    assert_int_equal(tcb->flags, 0);
    assert_int_equal(tcb->domain, 0);
    assert_int_equal(tcb->slice, 5); /* abi/scheduling.md §1 */
    for (unsigned i = 0; i < REG_COUNT; i++)
        assert_int_equal(tcb->context.reg[i], i == REG_SPSR ? 0x40 : 0);
    for (unsigned i = 0; i < TCB_SLOT_COUNT; i++)
        assert_true(cap_is_null(tcb->slots[i].cap) || i == TCB_REPLY);
}

/* ---- objects.md §2 ---- */

static void watermark_is_rounded_up_to_the_object(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 13);
    uint64_t base = cap_object(fx_cap(untyped));
    (void)unused; /* steps 3 and 4 */
    fx_new_from(untyped, OBJECT_ENDPOINT, 0);
    uint64_t tcb = fx_new_from(untyped, OBJECT_TCB, 0);
    assert_int_equal(cap_object(fx_cap(tcb)), base + 2048);
    assert_int_equal(untyped_watermark(fx_cap(untyped)), 4096);
    uint64_t slot = fx_slots(2);
    OK(untyped, RETYPE, W(OBJECT_UNTYPED, 11, 0, 0, slot, 2), C(ROOT));
    assert_int_equal(cap_object(fx_cap(slot)), base + 4096);
    assert_int_equal(cap_object(fx_cap(slot + 1)), base + 6144);
    REFUSED(untyped, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, fx_slot(), 1), C(ROOT),
            ERROR_NOT_ENOUGH_MEMORY, I(0));
}

static void new_caps_are_children_and_independent(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 12);
    uint64_t slot = fx_slots(3);
    (void)unused; /* step 5 */
    OK(untyped, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, slot, 3), C(ROOT));
    for (unsigned i = 0; i < 3; i++) {
        assert_true(cdt_is_ancestor(fx_at(untyped), fx_at(slot + i)));
        for (unsigned j = 0; j < 3; j++)
            assert_false(i != j && cdt_is_ancestor(fx_at(slot + i), fx_at(slot + j)));
    }
    OK(ROOT, LABEL_CNODE_REVOKE, W(untyped, FX_DEPTH), C());
    for (unsigned i = 0; i < 3; i++)
        assert_true(cap_is_null(fx_cap(slot + i)));
}

static void reset_when_childless_zeroes(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 13);
    uint64_t frame = fx_new_from(untyped, OBJECT_SMALL_PAGE, 0);
    uint64_t *words = hal_window(paddr(cap_object(fx_cap(frame))));
    (void)unused; /* steps 1 and 2, "free space is zero" */
    memset(words, 0xa5, 4096);
    fx_delete(frame);
    assert_int_equal(untyped_watermark(fx_cap(untyped)), 4096); /* until the next Retype */
    uint64_t cnode = fx_new_from(untyped, OBJECT_CNODE, 7);
    assert_int_equal(cap_object(fx_cap(cnode)), cap_object(fx_cap(untyped)));
    for (unsigned i = 0; i < 512; i++)
        assert_int_equal(words[i], 0);
}

static void reset_is_preempted_and_resumes(void **unused)
{
    enum {
        CHUNKS = 4096 / 256 /* abi/boot.md §6: CONFIG_RESET_CHUNK_BITS 8 */
    };
    void *start = malloc(machine_snapshot_bytes());
    struct machine_hash end = {{0, 0}};
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 12);
    uint64_t frame = fx_new_from(untyped, OBJECT_SMALL_PAGE, 0);
    (void)unused;
    memset(hal_window(paddr(cap_object(fx_cap(frame)))), 0xff, 4096);
    fx_delete(frame);
    fx.cpu->kernel->work_limit = 1;
    machine_snapshot(start);
    for (unsigned unit = 0; unit <= CHUNKS; unit++) {
        machine_preempt_at(unit);
        OK(untyped, RETYPE, W(OBJECT_SMALL_PAGE, 0, 0, 0, frame, 1), C(ROOT));
        assert_int_equal(machine_preempt_asked(), CHUNKS);
        struct machine_hash hash = machine_hash();
        if (unit == 0)
            end = hash;
        assert_memory_equal(&hash, &end, sizeof hash);
        machine_restore(start);
    }
    free(start);
}

static void preempted_reset_shows_its_progress(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 12);
    uint64_t frame = fx_new_from(untyped, OBJECT_SMALL_PAGE, 0);
    (void)unused; /* abi/objects.md §2 step 2: the watermark decreases as it goes */
    fx_delete(frame);
    fx.cpu->kernel->work_limit = 1;
    machine_preempt_at(3);
    struct context *c = &fx.root->context;
    struct list words = W(OBJECT_SMALL_PAGE, 0, 0, 0, frame, 1);
    for (unsigned i = 0; i < 4; i++)
        c->reg[REG_X2 + i] = words.v[i];
    struct ipc_buffer *buffer = hal_window(paddr(cap_object(fx.root->slots[TCB_IPC_BUFFER].cap)));
    buffer->msg[4] = words.v[4];
    buffer->msg[5] = words.v[5];
    buffer->caps_or_badges[0] = ROOT;
    c->reg[REG_X0] = untyped;
    c->reg[REG_X1] = msginfo_new(RETYPE, 0, 1, 6);
    c->reg[REG_X7] = (uint64_t)SYS_CALL;
    fx_trap(TRAP_SYSCALL, 0, 0);
    assert_int_equal(untyped_watermark(fx_cap(untyped)), 4096 - 3 * 256);
    /* abi/syscalls.md §9: the svc runs again with its registers as at entry. */
    assert_int_equal(c->next_pc, c->reg[REG_PC]);
    assert_int_equal(c->reg[REG_X0], untyped);
    assert_int_equal(c->reg[REG_X1], msginfo_new(RETYPE, 0, 1, 6));
    assert_true(cap_is_null(fx_cap(frame)));
}

static void copy_of_untyped_takes_its_place(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 12);
    uint64_t copy = fx_copy(untyped, RIGHTS_ALL);
    (void)unused; /* abi/vectors.md §3, last row */
    REFUSED(untyped, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, fx_slot(), 1), C(ROOT),
            ERROR_NOT_ENOUGH_MEMORY, I(0));
    REFUSED(ROOT, LABEL_CNODE_COPY, W(fx_slot(), FX_DEPTH, untyped, FX_DEPTH, 15), C(ROOT),
            ERROR_REVOKE_FIRST, I());
    REFUSED(ROOT, LABEL_CNODE_MINT, W(fx_slot(), FX_DEPTH, untyped, FX_DEPTH, 15, 0), C(ROOT),
            ERROR_REVOKE_FIRST, I());
    fx_new_from(copy, OBJECT_ENDPOINT, 0);
    OK(ROOT, LABEL_CNODE_REVOKE, W(untyped, FX_DEPTH), C());
    assert_true(cap_is_null(fx_cap(copy)));
    fx_new_from(untyped, OBJECT_ENDPOINT, 0);
}

static void device_memory_is_not_touched(void **unused)
{
    uint64_t device = fx_device(13);
    uint64_t untyped = fx_new_from(device, OBJECT_UNTYPED, 13);
    uint64_t frame = fx_new_from(untyped, OBJECT_SMALL_PAGE, 0);
    (void)unused; /* "Device memory is never touched": there is none behind it here */
    fx_delete(frame);
    frame = fx_new_from(untyped, OBJECT_SMALL_PAGE, 0);
    assert_int_equal(cap_object(fx_cap(frame)), cap_object(fx_cap(untyped)));
}

static void fan_out(void **unused)
{
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 12);
    uint64_t first = fx_slots(256);
    (void)unused; /* abi/invocations.md §3 row 9: 256 at once */
    OK(untyped, RETYPE, W(OBJECT_ENDPOINT, 0, 0, 0, first, 256), C(ROOT));
    for (unsigned i = 0; i < 256; i++)
        assert_int_equal(cap_object(fx_cap(first + i)), cap_object(fx_cap(untyped)) + 16 * i);
    assert_int_equal(untyped_watermark(fx_cap(untyped)), 4096);
}

static void into_a_nested_cnode(void **unused)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    (void)unused; /* depth 64 names the slot that holds the CNode (abi/invocations.md §3 row 6) */
    OK(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, cnode, FX_DEPTH, 3, 2), C(ROOT));
    assert_int_equal(cap_type(cnode_of(fx_cap(cnode))[3].cap), CAP_ENDPOINT);
    assert_int_equal(cap_type(cnode_of(fx_cap(cnode))[4].cap), CAP_ENDPOINT);
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, cnode, FX_DEPTH, 15, 2), C(ROOT), ERROR_RANGE,
            I(1, 1));
    REFUSED(fx.memory, RETYPE, W(OBJECT_ENDPOINT, 0, cnode, FX_DEPTH, 16, 1), C(ROOT), ERROR_RANGE,
            I(0, 15));
}

static void send_drops_errors(void **unused)
{
    (void)unused; /* abi/syscalls.md §3: errors are reported only to Call */
    fx_syscall(SYS_SEND, fx.memory, RETYPE, W(10, 64, 0, 0, 0, 0), C(ROOT));
    assert_int_equal(fx.root->context.reg[REG_X0], fx.memory);
    assert_int_equal(fx.root->context.reg[REG_X1], msginfo_new(RETYPE, 0, 1, 6));
    assert_int_equal(fx.root->context.reg[REG_X2], 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(row_1_truncated),
        FX_CASE(label_comes_before_length),
        FX_CASE(row_2_type),
        FX_CASE(row_3_size),
        FX_CASE(rows_4_and_5_least_sizes),
        FX_CASE(row_6_destination_lookup),
        FX_CASE(row_7_destination_is_no_cnode),
        FX_CASE(rows_8_to_10_ranges),
        FX_CASE(row_11_occupied),
        FX_CASE(row_12_memory),
        FX_CASE(row_13_device),
        FX_CASE(sizes_of_objects),
        FX_CASE(fresh_caps),
        FX_CASE(fresh_thread),
        FX_CASE(watermark_is_rounded_up_to_the_object),
        FX_CASE(new_caps_are_children_and_independent),
        FX_CASE(reset_when_childless_zeroes),
        FX_CASE(reset_is_preempted_and_resumes),
        FX_CASE(preempted_reset_shows_its_progress),
        FX_CASE(copy_of_untyped_takes_its_place),
        FX_CASE(device_memory_is_not_touched),
        FX_CASE(fan_out),
        FX_CASE(into_a_nested_cnode),
        FX_CASE(send_drops_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
