/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Faults: their messages, replies to them, double faults, the recorded fault that survives a
 * cancelled send (abi/syscalls.md §7, §9; abi/vectors.md §7, §11).
 */
#include "core_fixture.h"
#include "fault.h"
#include "thread.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    ALL = RIGHTS_ALL,
    D = FX_DEPTH,
    ESR_READ = 0x92000005,  /* data abort, translation fault level 1 */
    ESR_FETCH = 0x82000004, /* instruction abort, level 0 */
    ESR_UNDEFINED = 0x2000000,
    ESR_FP = 0x1fe00000
};

static uint64_t endpoint, faults, slot;
static struct tcb *faulter, *handler;

/* The faulter has the cap with badge 0xfa as its handler and the same priority as the handler. */
static int setup(void **state)
{
    fx_setup(state);
    endpoint = fx_new(OBJECT_ENDPOINT, 0);
    faults = fx_mint(endpoint, ALL, 0xfa);
    slot = fx_thread(255, true);
    faulter = fx_tcb(slot);
    faulter->fault_handler = faults;
    handler = fx.root;
    fx_switch(faulter);
    return 0;
}

/* The faulter runs with these registers at `pc`. */
static void prepare(uint64_t pc)
{
    for (unsigned i = 0; i < 7; i++)
        faulter->context.reg[REG_X0 + i] = 1000 + i;
    faulter->context.reg[REG_SP] = 0x8000;
    faulter->context.reg[REG_SPSR] = 0xf0000040;
    faulter->context.next_pc = pc;
}

static void receive_fault(void)
{
    fx_switch(handler);
    fx_recv(endpoint);
    assert_int_equal(faulter->state, THREAD_BLOCKED_REPLY);
}

static void reply(uint64_t label, struct list words)
{
    fx_syscall(SYS_REPLY, 0, label, words, C());
}

/* ---- messages ---- */

static void unknown_syscall(void **unused)
{
    (void)unused; /* abi/vectors.md §7, first row */
    prepare(0x4000);
    faulter->context.reg[REG_X7] = (uint64_t)-100;
    fx_trap(TRAP_SYSCALL, 0, 0);
    receive_fault();
    MESSAGE(handler, 0xfa, FAULT_UNKNOWN_SYSCALL,
            W(1000, 1001, 1002, 1003, 1004, 1005, 1006, (uint64_t)-100, 0x4000, 0x8000, 0x4004,
              0xf0000040, (uint64_t)-100));
}

static void all_64_bits_of_the_number_count(void **unused)
{
    static const uint64_t numbers[] = {0xfffffffe,
                                       0,
                                       1,
                                       0x7fffffffffffffff,
                                       1ull << 63,
                                       (uint64_t)-15,
                                       (uint64_t)-16,
                                       (uint64_t)-17,
                                       (uint64_t)-27,
                                       (uint64_t)-30};
    (void)unused; /* abi/vectors.md §11; abi/syscalls.md §1.1: absent ones are reserved */
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        prepare(0x4000);
        faulter->context.reg[REG_X7] = numbers[i];
        fx_trap(TRAP_SYSCALL, 0, 0);
        receive_fault();
        assert_int_equal(fx_answer(handler).label, FAULT_UNKNOWN_SYSCALL);
        assert_true(fx_answer(handler).mr[12] == numbers[i]);
        reply(0, W());
        fx_switch(faulter);
        assert_int_equal(faulter->context.next_pc, 0x4000); /* length 0, label 0: retried */
    }
}

static void memory_faults(void **unused)
{
    (void)unused;
    prepare(0x4000);
    fx_trap(TRAP_DATA_ABORT, ESR_READ, 0xdead0000beef);
    receive_fault();
    MESSAGE(handler, 0xfa, FAULT_VM, W(0x4000, 0xdead0000beef, 0, ESR_READ));
    reply(99, W(1, 2, 3)); /* the label is ignored, nothing is written */
    assert_int_equal(faulter->state, THREAD_RESTART);
    fx_switch(faulter);
    assert_int_equal(faulter->context.next_pc, 0x4000);
    assert_int_equal(faulter->context.reg[REG_X0], 1000);
    faulter->context.next_pc = 0xabc0;
    fx_trap(TRAP_INSTRUCTION_ABORT, ESR_FETCH, 0xabc0);
    receive_fault();
    MESSAGE(handler, 0xfa, FAULT_VM, W(0xabc0, 0xabc0, 1, ESR_FETCH));
}

static void user_exception(void **unused)
{
    (void)unused;
    prepare(0x4000);
    fx_trap(TRAP_USER_EXCEPTION, ESR_UNDEFINED, 0);
    receive_fault();
    MESSAGE(handler, 0xfa, FAULT_USER_EXCEPTION, W(0x4000, 0x8000, 0xf0000040, ESR_UNDEFINED, 0));
}

static void without_a_buffer_four_words(void **unused)
{
    (void)unused;
    OK(SLOT_INIT_TCB, LABEL_TCB_SET_IPC_BUFFER, W(0), C(ROOT));
    prepare(0x4000);
    faulter->context.reg[REG_X7] = (uint64_t)-100;
    fx_trap(TRAP_SYSCALL, 0, 0);
    receive_fault();
    MESSAGE(handler, 0xfa, FAULT_UNKNOWN_SYSCALL, W(1000, 1001, 1002, 1003));
}

/* A CSpace root for the faulter: radix 4, no guard; the endpoint's fault cap in slot 0. */
static uint64_t small_space(void)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    OK(cnode, LABEL_CNODE_COPY, W(0, 4, faults, D, ALL), C(ROOT));
    OK(slot, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(cnode, SLOT_INIT_VSPACE));
    return cnode;
}

static void cap_fault(uint64_t cptr, struct list tail)
{
    uint64_t words[8] = {0x4000, cptr, 1};
    fx_switch(faulter);
    prepare(0x4000);
    fx_syscall(SYS_NB_RECV, cptr, 0, W(), C());
    receive_fault();
    for (unsigned i = 0; i < tail.n; i++)
        words[3 + i] = tail.v[i];
    MESSAGE(handler, 0xfa, FAULT_CAP, ((struct list){words, 3 + tail.n}));
    reply(7, W());
    assert_int_equal(faulter->state, THREAD_RESTART); /* label ignored */
}

static void cap_faults_of_receives(void **unused)
{
    (void)unused; /* abi/vectors.md §7; abi/objects.md §4.1 */
    fx_switch(handler);
    uint64_t cnode = small_space();
    uint64_t silent = fx_copy(endpoint, 0);
    OK(cnode, LABEL_CNODE_COPY, W(3, 4, silent, D, ALL), C(ROOT));
    cap_fault(0x3000000000000123, I(LOOKUP_MISSING_CAPABILITY, 0));
    uint64_t nested = fx_new(OBJECT_CNODE, 4);
    OK(cnode, LABEL_CNODE_MINT, W(5, 4, nested, D, ALL, 5ull << 6 | 8), C(ROOT));
    cap_fault(0x5060000000000000, I(LOOKUP_GUARD_MISMATCH, 0x3c, 5, 8));
    cap_fault(0x5050000000000000, I(LOOKUP_MISSING_CAPABILITY, 0));
    OK(cnode, LABEL_CNODE_MINT, W(6, 4, nested, D, ALL, 58), C(ROOT));
    cap_fault(0x6000000000000000, I(LOOKUP_DEPTH_MISMATCH, 0x3c, 0x3e));
    OK(cnode, LABEL_CNODE_MINT, W(7, 4, nested, D, ALL, 57), C(ROOT));
    cap_fault(0x7000000000000000, I(LOOKUP_DEPTH_MISMATCH, 0x3c, 0x3d));
}

static void cap_fault_without_a_cspace_is_double(void **unused)
{
    uint64_t bare = fx_new(OBJECT_TCB, 0);
    (void)unused; /* every lookup is InvalidRoot, the handler's too */
    OK(bare, LABEL_TCB_WRITE_REGISTERS, W(1, 1, 0x4000), C());
    fx_tcb(bare)->context.reg[REG_X0] = 1;
    if (fx.cpu->current != fx_tcb(bare))
        fx_switch(fx_tcb(bare));
    fx_syscall(SYS_RECV, 1, 0, W(), C());
    assert_int_equal(fx_tcb(bare)->state, THREAD_INACTIVE);
}

/* ---- replies, abi/syscalls.md §7.1 ---- */

static void reply_to_unknown_syscall(void **unused)
{
    (void)unused; /* abi/vectors.md §7, second row */
    prepare(0x4000);
    faulter->context.reg[REG_X7] = (uint64_t)-100;
    fx_trap(TRAP_SYSCALL, 0, 0);
    receive_fault();
    reply(0, W(1, 2, 3, 4, 5, 6, 7, 8, 0x5000, 0x7777, 0x1111, 0xf00003ff, 0x99));
    assert_int_equal(faulter->state, THREAD_RESTART);
    fx_switch(faulter);
    assert_int_equal(faulter->context.next_pc, 0x5000);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(faulter->context.reg[REG_X0 + i], i + 1);
    assert_int_equal(faulter->context.reg[REG_SP], 0x7777);
    assert_int_equal(faulter->context.reg[REG_SPSR], 0xf0000040);
    assert_int_equal(faulter->context.reg[REG_X30], 0);
    assert_int_equal(faulter->fault.label, FAULT_NULL);
}

static void reply_with_a_label_stops(void **unused)
{
    (void)unused; /* registers are still written */
    prepare(0x4000);
    faulter->context.reg[REG_X7] = (uint64_t)-100;
    fx_trap(TRAP_SYSCALL, 0, 0);
    receive_fault();
    reply(1, W(77));
    assert_int_equal(faulter->state, THREAD_INACTIVE);
    assert_int_equal(faulter->context.reg[REG_X0], 77);
    assert_int_equal(faulter->context.reg[REG_X1], 1001);
    fx_switch(handler);
    OK(slot, LABEL_TCB_RESUME, W(), C());
    fx_switch(faulter);
    assert_int_equal(faulter->context.next_pc, 0x4000);
}

static void reply_to_user_exception(void **unused)
{
    (void)unused;
    prepare(0x4000);
    fx_trap(TRAP_USER_EXCEPTION, ESR_UNDEFINED, 0);
    receive_fault();
    reply(0, W(0x6000, 0x9000, 0x800001ff, 0x1234)); /* three words count */
    fx_switch(faulter);
    assert_int_equal(faulter->context.next_pc, 0x6000);
    assert_int_equal(faulter->context.reg[REG_SP], 0x9000);
    assert_int_equal(faulter->context.reg[REG_SPSR], 0x80000040);
    assert_int_equal(faulter->context.reg[REG_X0], 1000);
}

static void long_reply_without_a_buffer(void **unused)
{
    (void)unused; /* min(length, n) words, of which only four exist */
    OK(SLOT_INIT_TCB, LABEL_TCB_SET_IPC_BUFFER, W(0), C(ROOT));
    prepare(0x4000);
    faulter->context.reg[REG_X7] = (uint64_t)-100;
    fx_trap(TRAP_SYSCALL, 0, 0);
    receive_fault();
    reply(0, W(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
    fx_switch(faulter);
    assert_int_equal(faulter->context.reg[REG_X3], 4);
    assert_int_equal(faulter->context.reg[REG_X4], 1004);
    assert_int_equal(faulter->context.next_pc, 0x4000);
}

static void no_caps_to_a_faulter(void **unused)
{
    uint64_t place = fx_slot();
    (void)unused;
    thread_buffer(faulter, true)->receive_cnode = ROOT;
    thread_buffer(faulter, true)->receive_index = place;
    thread_buffer(faulter, true)->receive_depth = D;
    prepare(0x4000);
    fx_trap(TRAP_DATA_ABORT, ESR_READ, 4);
    receive_fault();
    fx_syscall(SYS_REPLY, 0, 0, W(), C(endpoint));
    assert_true(cap_is_null(fx_cap(place)));
}

static void saved_reply_cap_answers_a_fault(void **unused)
{
    uint64_t saved = fx_slot();
    (void)unused;
    prepare(0x4000);
    fx_trap(TRAP_USER_EXCEPTION, ESR_UNDEFINED, 0);
    receive_fault();
    OK(ROOT, LABEL_CNODE_SAVE_CALLER, W(saved, D), C());
    fx_syscall(SYS_SEND, saved, 0, W(0x4004), C());
    assert_true(cap_is_null(fx_cap(saved)));
    fx_switch(faulter);
    assert_int_equal(faulter->context.next_pc, 0x4004);
}

/* ---- handlers and double faults ---- */

static void which_handlers_are_usable(void **unused)
{
    (void)unused; /* write and (grant or grantReply); otherwise inactive */
    for (unsigned rights = 0; rights < 16; rights++) {
        bool usable = (rights & RIGHT_WRITE) && (rights & (RIGHT_GRANT | RIGHT_GRANT_REPLY));
        fx_switch(handler);
        faulter->fault_handler = fx_copy(endpoint, rights);
        fx_switch(faulter);
        fx_trap(TRAP_DATA_ABORT, ESR_READ, 4);
        assert_int_equal(faulter->state, usable ? THREAD_BLOCKED_SEND : THREAD_INACTIVE);
        OK(slot, LABEL_TCB_RESUME, W(), C());
    }
}

static void other_handlers_are_not(void **unused)
{
    uint64_t wrong[] = {SLOT_NULL, SLOT_INIT_TCB, 1ull << 63, fx_new(OBJECT_NOTIFICATION, 0)};
    (void)unused;
    for (unsigned i = 0; i < 4; i++) {
        faulter->fault_handler = wrong[i];
        fx_switch(faulter);
        prepare(0x4000);
        faulter->context.reg[REG_X7] = 5;
        fx_trap(TRAP_SYSCALL, 0, 0);
        /* abi/vectors.md §11: inactive, pc at the svc; Resume executes it again */
        assert_int_equal(faulter->state, THREAD_INACTIVE);
        assert_int_equal(faulter->context.reg[REG_PC], 0x4000);
        OK(slot, LABEL_TCB_RESUME, W(), C());
        fx_switch(faulter);
        assert_int_equal(faulter->context.next_pc, 0x4000);
    }
}

/* ---- FP ---- */

static void floating_point(void **unused)
{
    (void)unused; /* abi/vectors.md §11 */
    prepare(0x4000);
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0); /* allowed: goes on at the same instruction */
    assert_ptr_equal(fx.cpu->current, faulter);
    assert_int_equal(faulter->context.next_pc, 0x4000);
    fx_switch(handler);
    OK_WITH(slot, LABEL_TCB_SET_FLAGS, W(0, 1), C(), I(1));
    fx_switch(faulter);
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0);
    receive_fault();
    MESSAGE(handler, 0xfa, FAULT_USER_EXCEPTION, W(0x4000, 0x8000, 0xf0000040, ESR_FP, 0));
    OK_WITH(slot, LABEL_TCB_SET_FLAGS, W(1, 0), C(), I(0));
    reply(0, W());
    fx_switch(faulter);
    assert_int_equal(faulter->context.next_pc, 0x4000);
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0);
    assert_ptr_equal(fx.cpu->current, faulter);
}

static void floating_point_state_never_leaks(void **unused)
{
    struct fp_state seen, mine = {.fpcr = 1 << 22};
    (void)unused; /* abi/scheduling.md §7; a new thread's state is all zero */
    mine.v[0] = 0x1111;
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0);
    hal_fpu_load(&mine); /* what the thread's instructions do */
    fx_yield();
    assert_ptr_equal(fx.cpu->current, handler);
    fx_trap(TRAP_USER_EXCEPTION, ESR_FP, 0);
    hal_fpu_save(&seen);
    assert_int_equal(seen.v[0], 0);
    assert_int_equal(seen.fpcr, 0);
    seen.v[0] = 0x2222;
    hal_fpu_load(&seen);
    fx_yield();
    assert_ptr_equal(fx.cpu->current, faulter);
    hal_fpu_save(&seen);
    assert_memory_equal(&seen, &mine, sizeof mine);
}

/* ---- the recorded fault, abi/syscalls.md §9 last point ---- */

static void recorded_fault_replaces_messages(void **unused)
{
    uint64_t other = fx_mint(endpoint, ALL, 0x31);
    (void)unused; /* abi/vectors.md §11, last row */
    prepare(0x4000);
    fx_trap(TRAP_DATA_ABORT, ESR_READ, 0x777);
    assert_int_equal(faulter->state, THREAD_BLOCKED_SEND);
    fx_switch(handler);
    OK(slot, LABEL_TCB_SUSPEND, W(), C());
    OK(slot, LABEL_TCB_RESUME, W(), C());
    for (unsigned i = 0; i < 2; i++) {
        fx_switch(faulter);
        faulter->context.next_pc = 0x5000;
        fx_syscall(SYS_SEND, other, 0x99, W(1, 2), C());
        assert_int_equal(faulter->state, THREAD_BLOCKED_SEND);
        fx_switch(handler);
        fx_recv(endpoint);
        MESSAGE(handler, 0x31, FAULT_VM, W(0x5000, 0x777, 0, ESR_READ));
        assert_true(cap_is_null(handler->slots[TCB_CALLER].cap));
        assert_int_equal(faulter->state, THREAD_RUNNING);
    }
    fx_switch(faulter);
    faulter->context.next_pc = 0x6000;
    fx_syscall(SYS_CALL, other, 0x99, W(1, 2), C());
    receive_fault();
    MESSAGE(handler, 0x31, FAULT_VM, W(0x6000, 0x777, 0, ESR_READ));
    reply(0, W(5));
    fx_switch(faulter);
    assert_int_equal(faulter->context.next_pc, 0x6000); /* the Call is sent again */
    fx_syscall(SYS_CALL, other, 0x99, W(1, 2), C());
    receive_fault();
    MESSAGE(handler, 0x31, 0x99, W(1, 2));
}

static void recorded_fault_goes_to_a_waiting_receiver_too(void **unused)
{
    (void)unused;
    fx_trap(TRAP_DATA_ABORT, ESR_READ, 0x777);
    fx_switch(handler);
    OK(slot, LABEL_TCB_SUSPEND, W(), C());
    OK(slot, LABEL_TCB_RESUME, W(), C());
    fx_recv(endpoint);
    fx_switch(faulter);
    faulter->context.next_pc = 0x5000;
    fx_syscall(SYS_SEND, endpoint, 0x99, W(1, 2), C());
    MESSAGE(handler, 0, FAULT_VM, W(0x5000, 0x777, 0, ESR_READ));
}

static void suspending_a_received_faulter_clears_it(void **unused)
{
    (void)unused; /* abi/syscalls.md §7.1, last sentence */
    fx_trap(TRAP_DATA_ABORT, ESR_READ, 0x777);
    receive_fault();
    OK(slot, LABEL_TCB_SUSPEND, W(), C());
    assert_int_equal(faulter->fault.label, FAULT_NULL);
    assert_true(cap_is_null(handler->slots[TCB_CALLER].cap));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(unknown_syscall),
        CASE(all_64_bits_of_the_number_count),
        CASE(memory_faults),
        CASE(user_exception),
        CASE(without_a_buffer_four_words),
        CASE(cap_faults_of_receives),
        CASE(cap_fault_without_a_cspace_is_double),
        CASE(reply_to_unknown_syscall),
        CASE(reply_with_a_label_stops),
        CASE(reply_to_user_exception),
        CASE(long_reply_without_a_buffer),
        CASE(no_caps_to_a_faulter),
        CASE(saved_reply_cap_answers_a_fault),
        CASE(which_handlers_are_usable),
        CASE(other_handlers_are_not),
        CASE(floating_point),
        CASE(floating_point_state_never_leaks),
        CASE(recorded_fault_replaces_messages),
        CASE(recorded_fault_goes_to_a_waiting_receiver_too),
        CASE(suspending_a_received_faulter_clears_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
