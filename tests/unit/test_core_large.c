/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Long work on large memory: preemptible cache operations and Retype, IPC buffers in large frames
 * (abi/vspace.md §6, §7, abi/objects.md §2, §3.5).
 */
#include "core_fixture.h"
#include "thread.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    RW = RIGHT_READ | RIGHT_WRITE,
    PIECES = 512 /* pages of a large frame */
};
#define RAM (32ull << 20)
#define V   0x100000000000ull

static uint64_t large;

static int setup(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, RAM);
    fx_boot(&platform);
    large = fx_new(OBJECT_LARGE_PAGE, 0);
    for (unsigned i = 0; i < 2; i++)
        OK(fx_new(OBJECT_PAGE_TABLE, 0), LABEL_PAGE_TABLE_MAP, W(V, 0), C(SLOT_INIT_VSPACE));
    OK(large, LABEL_PAGE_MAP, W(V, RW, ATTR_DEFAULT), C(SLOT_INIT_VSPACE));
    return 0;
}

static void large_frames_start_zeroed_and_aligned(void **unused)
{
    const uint64_t *word = hal_window(paddr(cap_object(fx_cap(large))));
    (void)unused;
    assert_int_equal(cap_object(fx_cap(large)) % (2 << 20), 0);
    for (unsigned i = 0; i < 512 * PIECES; i += 64)
        assert_int_equal(word[i], 0);
}

static void buffer_in_a_large_frame(void **unused)
{
    uint64_t thread = fx_thread(255, true);
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    (void)unused; /* abi/vspace.md §7: only the address modulo the frame size matters */
    OK(thread, LABEL_TCB_SET_IPC_BUFFER, W(V + 0x1ffc00), C(large));
    assert_ptr_equal(thread_buffer(fx_tcb(thread), true),
                     (char *)hal_window(paddr(cap_object(fx_cap(large)))) + 0x1ffc00);
    OK(thread, LABEL_TCB_SET_IPC_BUFFER, W(~0x3ffull), C(large));
    assert_ptr_equal(thread_buffer(fx_tcb(thread), true),
                     (char *)hal_window(paddr(cap_object(fx_cap(large)))) + 0x1ffc00);
    fx_delete(large); /* the TCB keeps its own copy */
    fx_switch(fx_tcb(thread));
    fx_recv(endpoint);
    fx_switch(fx.root);
    fx_syscall(SYS_SEND, endpoint, 1, W(1, 2, 3, 4, 5, 6), C());
    MESSAGE(fx_tcb(thread), 0, 1, W(1, 2, 3, 4, 5, 6));
}

/* abi/vspace.md §7: frames of all three sizes; the offset is the address modulo the size. The frame
 * of 1 GiB is a made-up cap to all RAM and more, of which only the first MiB is touched. */
static void buffers_of_every_frame_size(void **unused)
{
    static const struct {
        enum frame_size size;
        uint64_t pa, address, offset;
    } rows[] = {
        {FRAME_4K, 0x40800000, V + 0x12345c00, 0xc00},
        {FRAME_2M, 0x40800000, V + 0x12345c00, 0x145c00},
        {FRAME_1G, 0x40000000, V + 0x40800c00, 0x800c00},
    };
    (void)unused;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tcb thread = {.ipc_buffer = rows[i].address};
        struct slot *frame = &thread.slots[TCB_IPC_BUFFER];
        for (unsigned rights = 0; rights <= RW; rights++) {
            frame->cap = cap_frame(rows[i].pa, rows[i].size, rights, false);
            const void *at = hal_window(paddr(rows[i].pa + rows[i].offset));
            assert_ptr_equal(thread_buffer(&thread, true), rights == RW ? at : NULL);
            assert_ptr_equal(thread_buffer(&thread, false), rights & RIGHT_READ ? at : NULL);
        }
        frame->cap = cap_frame(rows[i].pa, rows[i].size, RW, true);
        assert_null(thread_buffer(&thread, true)); /* device memory holds none */
    }
}

static void cache_operations_are_preempted(void **unused)
{
    static const uint64_t labels[] = {LABEL_PAGE_CLEAN_DATA, LABEL_PAGE_INVALIDATE_DATA,
                                      LABEL_PAGE_CLEAN_INVALIDATE_DATA,
                                      LABEL_PAGE_UNIFY_INSTRUCTION};
    (void)unused; /* transparently: same answer, each piece once */
    fx.unchecked = true;
    fx.cpu->kernel->work_limit = 1;
    for (unsigned i = 0; i < 4; i++) {
        for (unsigned unit = 0; unit < PIECES; unit += 73) {
            machine_preempt_at(unit);
            OK(large, labels[i], W(0, 2 << 20), C());
            assert_int_equal(machine_preempt_asked(), PIECES - 1);
        }
        machine_preempt_at(0);
        OK(large, labels[i], W(1, 4097), C()); /* two pieces */
        assert_int_equal(machine_preempt_asked(), 1);
    }
    machine_preempt_at(5);
    OK(SLOT_INIT_VSPACE, LABEL_VSPACE_CLEAN_DATA, W(V + 100, V + (2 << 20)), C());
    assert_int_equal(machine_preempt_asked(), PIECES - 1);
}

static void another_call_starts_afresh(void **unused)
{
    (void)unused; /* the progress of a preempted call serves that very call only */
    fx.cpu->kernel->work_limit = 1;
    machine_preempt_at(7);
    fx_syscall_once(SYS_CALL, large, LABEL_PAGE_CLEAN_DATA, W(0, 2 << 20), C());
    assert_int_equal(fx.root->context.next_pc, fx.root->context.reg[REG_PC]);
    machine_preempt_at(0);
    OK(large, LABEL_PAGE_CLEAN_DATA, W(0, 2 << 20), C());
    assert_int_equal(machine_preempt_asked(), PIECES - 1 - 7);
    machine_preempt_at(0);
    OK(large, LABEL_PAGE_CLEAN_DATA, W(0, 2 << 20), C());
    assert_int_equal(machine_preempt_asked(), PIECES - 1);
}

static void a_refused_call_forgets_its_progress(void **unused)
{
    (void)unused; /* preempted, refused when made again, later made anew: all of it is cleaned */
    fx.cpu->kernel->work_limit = 1;
    machine_preempt_at(7);
    fx_syscall_once(SYS_CALL, large, LABEL_PAGE_CLEAN_DATA, W(0, 2 << 20), C());
    assert_int_not_equal(fx.root->progress_bytes, 0);
    struct context call = fx.root->context;
    uint64_t progress = fx.root->progress_bytes;
    OK(large, LABEL_PAGE_UNMAP, W(), C()); /* as if by another thread: */
    fx.root->context = call;
    fx.root->progress_bytes = progress;
    fx_trap(TRAP_SYSCALL, 0x56000000, 0);
    assert_int_equal(fx_answer(fx.root).label, ERROR_ILLEGAL_OPERATION);
    OK(large, LABEL_PAGE_MAP, W(V, RW, ATTR_DEFAULT), C(SLOT_INIT_VSPACE));
    machine_preempt_at(0);
    OK(large, LABEL_PAGE_CLEAN_DATA, W(0, 2 << 20), C());
    assert_int_equal(machine_preempt_asked(), PIECES - 1);
}

static void an_interrupt_gets_through(void **unused)
{
    uint64_t handler = fx_slot();
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t waiter = fx_thread(255, true);
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 21);
    (void)unused; /* 8192 chunks of reset, 100 units between looks (abi/boot.md §6) */
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, FX_DEPTH), C(ROOT));
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notification));
    OK(SLOT_INIT_TCB, LABEL_TCB_SET_PRIORITY, W(100), C(SLOT_INIT_TCB));
    fx_switch(fx_tcb(waiter));
    fx_recv(notification);
    fx_switch(fx.root);
    uint64_t frame = fx_new_from(untyped, OBJECT_LARGE_PAGE, 0);
    fx_delete(frame);
    machine_irq_line(40, true);
    uint64_t units = fx.cpu->work_units;
    fx_syscall_once(SYS_CALL, untyped, LABEL_UNTYPED_RETYPE,
                    W(OBJECT_LARGE_PAGE, 0, 0, 0, frame, 1), C(ROOT));
    assert_ptr_equal(fx.cpu->current, fx_tcb(waiter));
    assert_int_equal(untyped_watermark(fx_cap(untyped)), (2 << 20) - (100 - units) * 256);
    assert_int_equal(fx.root->state, THREAD_RESTART);
    fx_recv(notification);
    fx_trap(TRAP_SYSCALL, 0x56000000, 0); /* the call goes on */
    assert_ptr_equal(fx.cpu->current, fx.root);
    assert_int_equal(cap_type(fx_cap(frame)), CAP_FRAME);
}

static void deleted_pools_are_looked_behind(void **unused)
{
    enum {
        POOLS = 3
    };
    uint64_t untyped = fx_new(OBJECT_UNTYPED, 14);
    (void)unused; /* a pool may hold 512 ASIDs to invalidate: never two without a look */
    for (unsigned i = 0; i < POOLS; i++) {
        uint64_t page = fx_new_from(untyped, OBJECT_UNTYPED, PAGE_BITS);
        OK(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(fx_slot(), FX_DEPTH), C(page, ROOT));
    }
    machine_preempt_at(0);
    OK(ROOT, LABEL_CNODE_REVOKE, W(untyped, FX_DEPTH), C());
    assert_int_equal(machine_preempt_asked(), POOLS);
}

static void huge_frames_of_a_device(void **unused)
{
    uint64_t huge = fx_new_from(fx_device(30), OBJECT_HUGE_PAGE, 0);
    uint64_t va = V + (1ull << 30);
    (void)unused; /* nothing to clean, nothing to preempt */
    OK(huge, LABEL_PAGE_MAP, W(va, RW, 0), C(SLOT_INIT_VSPACE));
    machine_preempt_at(0);
    OK(huge, LABEL_PAGE_CLEAN_DATA, W(0, 1ull << 30), C());
    assert_int_equal(machine_preempt_asked(), 0);
    REFUSED(huge, LABEL_PAGE_CLEAN_DATA, W(0, (1ull << 30) + 1), C(), ERROR_INVALID_ARGUMENT, I(0));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(large_frames_start_zeroed_and_aligned),
        CASE(buffer_in_a_large_frame),
        CASE(buffers_of_every_frame_size),
        CASE(cache_operations_are_preempted),
        CASE(another_call_starts_afresh),
        CASE(a_refused_call_forgets_its_progress),
        CASE(an_interrupt_gets_through),
        CASE(deleted_pools_are_looked_behind),
        CASE(huge_frames_of_a_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
