/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * TCB methods: every check in its order, effects, thread states times operations
 * (abi/invocations.md §4, abi/scheduling.md §6, abi/vectors.md §4, §11).
 */
#include "cdt.h"
#include "core_fixture.h"
#include "thread.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    SELF = SLOT_INIT_TCB,
    VSPACE = SLOT_INIT_VSPACE,
    ALL = RIGHTS_ALL,
    D = FX_DEPTH
};

static uint64_t thread, endpoint, notification;
static struct tcb *tcb;

static int setup(void **state)
{
    fx_setup(state);
    endpoint = fx_new(OBJECT_ENDPOINT, 0);
    notification = fx_new(OBJECT_NOTIFICATION, 0);
    thread = fx_thread(100, false);
    tcb = fx_tcb(thread);
    return 0;
}

static void truncated(void **unused)
{
    static const struct {
        uint64_t label;
        unsigned words, caps;
    } rows[] = {{LABEL_TCB_READ_REGISTERS, 2, 0},   {LABEL_TCB_WRITE_REGISTERS, 2, 0},
                {LABEL_TCB_COPY_REGISTERS, 1, 1},   {LABEL_TCB_CONFIGURE, 4, 3},
                {LABEL_TCB_SET_PRIORITY, 1, 1},     {LABEL_TCB_SET_MC_PRIORITY, 1, 1},
                {LABEL_TCB_SET_SCHED_PARAMS, 2, 1}, {LABEL_TCB_SET_IPC_BUFFER, 1, 1},
                {LABEL_TCB_SET_SPACE, 3, 2},        {LABEL_TCB_BIND_NOTIFICATION, 0, 1},
                {LABEL_TCB_SET_TLS_BASE, 1, 0},     {LABEL_TCB_SET_FLAGS, 2, 0}};
    static const uint64_t words[] = {~0ull, ~0ull, ~0ull, ~0ull};
    const uint64_t caps[] = {endpoint, endpoint, endpoint};
    (void)unused;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct list w = {words, rows[i].words}, c = {caps, rows[i].caps};
        if (rows[i].words)
            REFUSED(thread, rows[i].label, ((struct list){words, w.n - 1}), c,
                    ERROR_TRUNCATED_MESSAGE, I());
        if (rows[i].caps)
            REFUSED(thread, rows[i].label, w, ((struct list){caps, c.n - 1}),
                    ERROR_TRUNCATED_MESSAGE, I());
    }
    REFUSED(thread, LABEL_CNODE_DELETE, W(), C(), ERROR_ILLEGAL_OPERATION, I());
}

/* ---- registers ---- */

static void read_registers(void **unused)
{
    (void)unused;
    REFUSED(SELF, LABEL_TCB_READ_REGISTERS, W(0, 0), C(), ERROR_RANGE, I(1, 0x24));
    REFUSED(thread, LABEL_TCB_READ_REGISTERS, W(0, 37), C(), ERROR_RANGE, I(1, 0x24));
    REFUSED(thread, LABEL_TCB_READ_REGISTERS, W(0, ~0ull), C(), ERROR_RANGE, I(1, 0x24));
    REFUSED(SELF, LABEL_TCB_READ_REGISTERS, W(1, 36), C(), ERROR_ILLEGAL_OPERATION, I());
    OK_WITH(thread, LABEL_TCB_READ_REGISTERS, W(0, 4), C(), I(0, 0, 0x40, 0));
    for (unsigned i = 0; i < REG_COUNT; i++)
        tcb->context.reg[i] = 100 + i;
    struct answer a = fx_call(thread, LABEL_TCB_READ_REGISTERS, W(0xff00, 36), C());
    assert_int_equal(a.length, 36);
    for (unsigned i = 0; i < REG_COUNT; i++)
        assert_int_equal(a.mr[i], 100 + i);
}

static void read_registers_suspends(void **unused)
{
    (void)unused; /* abi/scheduling.md §6: a running thread's restart address := its next PC */
    OK(thread, LABEL_TCB_WRITE_REGISTERS, W(1, 1, 0x4000), C());
    fx_switch(tcb);
    fx_signal(notification);
    fx_switch(fx.root);
    OK_WITH(thread, LABEL_TCB_READ_REGISTERS, W(0, 1), C(), I(0x4000));
    OK_WITH(thread, LABEL_TCB_READ_REGISTERS, W(1, 1), C(), I(0x4004));
    assert_int_equal(tcb->state, THREAD_INACTIVE);
}

static void read_without_a_buffer(void **unused)
{
    (void)unused; /* abi/vectors.md §11 */
    uint64_t frame = SLOT_IPC_BUFFER_FRAME;
    OK(SELF, LABEL_TCB_SET_IPC_BUFFER, W(0), C(ROOT));
    struct answer a = fx_call(thread, LABEL_TCB_READ_REGISTERS, W(0, 36), C());
    assert_int_equal(a.length, 4);
    REFUSED(ROOT, LABEL_CNODE_DELETE, W(0, 40), C(), ERROR_FAILED_LOOKUP, I(0, 4, 40, 0));
    REFUSED(SELF, LABEL_TCB_SET_IPC_BUFFER, W(0x400000), C(frame), ERROR_TRUNCATED_MESSAGE, I());
}

static void write_registers(void **unused)
{
    uint64_t words[2 + 40] = {0, 36};
    (void)unused;
    for (unsigned i = 0; i < 36; i++)
        words[2 + i] = 0xf0000000 + i;
    REFUSED(thread, LABEL_TCB_WRITE_REGISTERS, W(0, 3, 1, 2), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(thread, LABEL_TCB_WRITE_REGISTERS, W(0, ~0ull, 1, 2), C(), ERROR_TRUNCATED_MESSAGE,
            I());
    REFUSED(SELF, LABEL_TCB_WRITE_REGISTERS, W(0, 3, 1, 2), C(), ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(SELF, LABEL_TCB_WRITE_REGISTERS, W(0, 2, 1, 2), C(), ERROR_ILLEGAL_OPERATION, I());
    OK(thread, LABEL_TCB_WRITE_REGISTERS, ((struct list){words, 38}), C());
    for (unsigned i = 0; i < REG_COUNT; i++)
        assert_int_equal(tcb->context.reg[i], i == REG_SPSR ? 0xf0000040 : 0xf0000000 + i);
    assert_int_equal(tcb->context.next_pc, 0xf0000000);
    assert_int_equal(tcb->state, THREAD_INACTIVE);
    words[1] = 40; /* at most 36 count */
    OK(thread, LABEL_TCB_WRITE_REGISTERS, ((struct list){words, 42}), C());
    words[1] = 0;
    OK(thread, LABEL_TCB_WRITE_REGISTERS, ((struct list){words, 2}), C());
    assert_int_equal(tcb->context.reg[REG_X0], 0xf0000003);
    OK(thread, LABEL_TCB_WRITE_REGISTERS, W(1, 0), C());
    assert_int_equal(tcb->state, THREAD_RESTART);
}

static void spsr_keeps_the_flags_only(void **unused)
{
    (void)unused; /* abi/syscalls.md §7.1 */
    OK(thread, LABEL_TCB_WRITE_REGISTERS, W(0, 3, 0, 0, ~0ull), C());
    assert_int_equal(tcb->context.reg[REG_SPSR], 0xf0000040);
    OK(thread, LABEL_TCB_WRITE_REGISTERS, W(0, 3, 0, 0, 0x5), C());
    assert_int_equal(tcb->context.reg[REG_SPSR], 0x40);
}

static void copy_registers(void **unused)
{
    uint64_t other = fx_thread(90, false);
    struct tcb *source = fx_tcb(other);
    (void)unused; /* abi/vectors.md §11: flags 4 → 0..16; 8 → 17..35; 12 → all */
    REFUSED(thread, LABEL_TCB_COPY_REGISTERS, W(0), C(endpoint), ERROR_INVALID_CAPABILITY, I(1));
    for (unsigned flags = 0; flags < 16; flags += 4) {
        for (unsigned i = 0; i < REG_COUNT; i++) {
            source->context.reg[i] = 500 + i;
            tcb->context.reg[i] = 7;
        }
        OK(thread, LABEL_TCB_COPY_REGISTERS, W(flags), C(other));
        for (unsigned i = 0; i < REG_COUNT; i++)
            assert_int_equal(tcb->context.reg[i],
                             (i < 17 ? flags & 4 : flags & 8) ? 500 + i : 7); /* spsr as it is */
    }
    OK(other, LABEL_TCB_RESUME, W(), C());
    OK(thread, LABEL_TCB_COPY_REGISTERS, W(3), C(other));
    assert_int_equal(source->state, THREAD_INACTIVE);
    assert_int_equal(tcb->state, THREAD_RESTART);
}

static void copy_registers_to_oneself(void **unused)
{
    (void)unused; /* "Caller may be either"; suspend source, then resume target */
    tcb->context.reg[REG_X9] = 0x99;
    OK(SELF, LABEL_TCB_COPY_REGISTERS, W(8), C(thread));
    assert_int_equal(fx.root->context.reg[REG_X9], 0x99);
    fx_syscall(SYS_CALL, SELF, LABEL_TCB_COPY_REGISTERS, W(3), C(SELF));
    assert_ptr_equal(fx.cpu->current, fx.root);
    assert_int_equal(fx.root->state, THREAD_RUNNING);
}

/* ---- spaces and buffer ---- */

static void buffer_checks(void **unused)
{
    uint64_t device = fx_new_from(fx_device(12), OBJECT_SMALL_PAGE, 0);
    uint64_t table = fx_new(OBJECT_PAGE_TABLE, 0);
    uint64_t frame = fx_new(OBJECT_SMALL_PAGE, 0);
    (void)unused; /* the order: derive, frame, device, alignment */
    REFUSED(thread, LABEL_TCB_SET_IPC_BUFFER, W(0x1201), C(table), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(thread, LABEL_TCB_SET_IPC_BUFFER, W(0x1201), C(fx.memory), ERROR_REVOKE_FIRST, I());
    REFUSED(thread, LABEL_TCB_SET_IPC_BUFFER, W(0x1201), C(endpoint), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(thread, LABEL_TCB_SET_IPC_BUFFER, W(0x1201), C(SLOT_NULL), ERROR_ILLEGAL_OPERATION,
            I());
    REFUSED(thread, LABEL_TCB_SET_IPC_BUFFER, W(0x1201), C(device), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(thread, LABEL_TCB_SET_IPC_BUFFER, W(0x1200), C(frame), ERROR_ALIGNMENT, I());
    REFUSED(thread, LABEL_TCB_CONFIGURE, W(0, 61, 0, 0x1200), C(endpoint, endpoint, frame),
            ERROR_ALIGNMENT, I());
    OK(thread, LABEL_TCB_SET_IPC_BUFFER, W(0x1400), C(frame));
    assert_int_equal(tcb->ipc_buffer, 0x1400);
    assert_int_equal(mapping_asid(tcb->slots[TCB_IPC_BUFFER].cap), 0);
    OK(thread, LABEL_TCB_SET_IPC_BUFFER, W(0), C(endpoint)); /* the cap is not looked at */
    assert_true(cap_is_null(tcb->slots[TCB_IPC_BUFFER].cap));
}

static void space_checks(uint64_t label, uint64_t buffer_words)
{
    uint64_t vspace = fx_new(OBJECT_VSPACE, 0);
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    uint64_t badged = fx_mint(endpoint, ALL, 3);
    uint64_t v[4] = {5, 0, 0, 0};
    struct list w = {v, 3 + (unsigned)buffer_words};
#define ROOTS(c, s) ((struct list){(const uint64_t[]){c, s, endpoint}, 2 + (unsigned)buffer_words})
    REFUSED(thread, label, w, ROOTS(endpoint, vspace), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(thread, label, w, ROOTS(fx.memory, vspace), ERROR_REVOKE_FIRST, I());
    REFUSED(thread, label, w, ROOTS(SLOT_IRQ_CONTROL, vspace), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(thread, label, w, ROOTS(cnode, vspace), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(thread, label, w, ROOTS(cnode, fx.memory), ERROR_REVOKE_FIRST, I());
    REFUSED(thread, label, w, ROOTS(cnode, cnode), ERROR_ILLEGAL_OPERATION, I());
    v[1] = 61; /* guard size 61 with radix 4 */
    REFUSED(thread, label, w, ROOTS(cnode, fx.memory), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(thread, label, w, ROOTS(badged, fx.memory), ERROR_ILLEGAL_OPERATION, I());
    v[1] = 0;
    v[2] = 3;
    REFUSED(thread, label, w, ROOTS(cnode, badged), ERROR_ILLEGAL_OPERATION, I());
    assert_int_equal(tcb->fault_handler, 0);
    v[1] = 9ull << 6 | 60;
    OK(thread, label, w, ROOTS(cnode, VSPACE)); /* data on a VSpace has no effect */
    assert_int_equal(tcb->fault_handler, 5);
    assert_int_equal(cnode_guard(tcb->slots[TCB_CSPACE].cap), 9);
    assert_int_equal(cnode_guard_size(tcb->slots[TCB_CSPACE].cap), 60);
    assert_int_equal(cnode_guard_size(fx_cap(cnode)), 0);
    assert_true(cdt_is_ancestor(fx_at(cnode), &tcb->slots[TCB_CSPACE]));
    assert_true(cdt_is_ancestor(fx_at(VSPACE), &tcb->slots[TCB_VSPACE]));
    v[1] = 0; /* 0 keeps the guard of the cap passed */
    uint64_t guarded = fx_mint(cnode, ALL, 1ull << 6 | 4);
    OK(thread, label, w, ROOTS(guarded, VSPACE));
    assert_int_equal(cnode_guard(tcb->slots[TCB_CSPACE].cap), 1);
#undef ROOTS
}

static void set_space(void **unused)
{
    (void)unused;
    space_checks(LABEL_TCB_SET_SPACE, 0);
}

static void configure(void **unused)
{
    (void)unused; /* buffer address 0: the frame cap is not looked at, the buffer is removed */
    space_checks(LABEL_TCB_CONFIGURE, 1);
    assert_true(cap_is_null(tcb->slots[TCB_IPC_BUFFER].cap));
}

static void revoking_the_vspace_reaches_the_thread(void **unused)
{
    uint64_t vspace = fx_new(OBJECT_VSPACE, 0);
    (void)unused; /* installed copies are children (abi/objects.md §3.1) */
    OK(SLOT_INIT_ASID_POOL, LABEL_ASID_POOL_ASSIGN, W(), C(vspace));
    OK(thread, LABEL_TCB_SET_SPACE, W(0, 0, 0), C(ROOT, vspace));
    OK(thread, LABEL_TCB_RESUME, W(), C());
    fx_switch(tcb);
    fx_syscall(SYS_NB_SEND, endpoint, 0, W(), C());
    assert_int_equal(machine_space_root(), cap_object(fx_cap(vspace)));
    fx_switch(fx.root);
    OK(ROOT, LABEL_CNODE_REVOKE, W(vspace, D), C());
    assert_true(cap_is_null(tcb->slots[TCB_VSPACE].cap));
    fx_delete(vspace);
    fx_switch(tcb);
    fx_syscall(SYS_NB_SEND, endpoint, 0, W(), C());
    assert_int_equal(machine_space_root(), 0);
}

/* ---- priorities, binding, flags, TLS ---- */

static void priorities(void **unused)
{
    static const uint64_t labels[] = {LABEL_TCB_SET_PRIORITY, LABEL_TCB_SET_MC_PRIORITY};
    (void)unused; /* full words; abi/vectors.md §4 */
    for (unsigned i = 0; i < 2; i++) {
        REFUSED(thread, labels[i], W(256), C(endpoint), ERROR_INVALID_CAPABILITY, I(1));
        REFUSED(thread, labels[i], W(256), C(SELF), ERROR_RANGE, I(0, 255));
        REFUSED(thread, labels[i], W(1ull << 32), C(SELF), ERROR_RANGE, I(0, 255));
        REFUSED(thread, labels[i], W(~0ull), C(SELF), ERROR_RANGE, I(0, 255));
        REFUSED(SELF, labels[i], W(101), C(thread), ERROR_RANGE, I(0, 100));
    }
    REFUSED(thread, LABEL_TCB_SET_SCHED_PARAMS, W(256, 256), C(endpoint), ERROR_INVALID_CAPABILITY,
            I(1));
    REFUSED(thread, LABEL_TCB_SET_SCHED_PARAMS, W(101, 256), C(thread), ERROR_RANGE, I(0, 100));
    REFUSED(thread, LABEL_TCB_SET_SCHED_PARAMS, W(7, 101), C(thread), ERROR_RANGE, I(0, 100));
    OK(thread, LABEL_TCB_SET_SCHED_PARAMS, W(20, 30), C(thread));
    assert_int_equal(tcb->mcp, 20);
    assert_int_equal(tcb->priority, 30);
    OK(thread, LABEL_TCB_SET_MC_PRIORITY, W(255), C(SELF));
    OK(thread, LABEL_TCB_SET_PRIORITY, W(0), C(SELF));
    assert_int_equal(tcb->mcp, 255);
    assert_int_equal(tcb->priority, 0);
}

static void binding(void **unused)
{
    uint64_t other = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t deaf = fx_copy(other, RIGHT_WRITE);
    uint64_t second = fx_thread(100, true);
    (void)unused;
    REFUSED(thread, LABEL_TCB_UNBIND_NOTIFICATION, W(), C(), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(thread, LABEL_TCB_BIND_NOTIFICATION, W(), C(endpoint), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(thread, LABEL_TCB_BIND_NOTIFICATION, W(), C(deaf), ERROR_ILLEGAL_OPERATION, I());
    fx_switch(fx_tcb(second));
    fx_recv(other);
    fx_switch(fx.root);
    REFUSED(thread, LABEL_TCB_BIND_NOTIFICATION, W(), C(other), ERROR_ILLEGAL_OPERATION, I());
    fx_signal(notification); /* active is no obstacle */
    OK(thread, LABEL_TCB_BIND_NOTIFICATION, W(), C(notification));
    REFUSED(thread, LABEL_TCB_BIND_NOTIFICATION, W(), C(notification), ERROR_ILLEGAL_OPERATION,
            I());
    REFUSED(second, LABEL_TCB_BIND_NOTIFICATION, W(), C(notification), ERROR_ILLEGAL_OPERATION,
            I());
    OK(thread, LABEL_TCB_UNBIND_NOTIFICATION, W(), C());
    OK(second, LABEL_TCB_BIND_NOTIFICATION, W(), C(notification));
}

static void flags_and_tls(void **unused)
{
    (void)unused; /* abi/vectors.md §4 */
    OK_WITH(thread, LABEL_TCB_SET_FLAGS, W(0, ~0ull), C(), I(1));
    OK_WITH(thread, LABEL_TCB_SET_FLAGS, W(0, 0), C(), I(1));
    OK_WITH(thread, LABEL_TCB_SET_FLAGS, W(1, 1), C(), I(1));
    OK_WITH(thread, LABEL_TCB_SET_FLAGS, W(1, 0), C(), I(0));
    OK_WITH(thread, LABEL_TCB_SET_FLAGS, W(0, 0xfffffffffffffffe), C(), I(0));
    OK(thread, LABEL_TCB_SET_TLS_BASE, W(~0ull), C());
    assert_true(tcb->context.reg[REG_TPIDR_EL0] == ~0ull);
    OK(SELF, LABEL_TCB_SET_TLS_BASE, W(0x1234), C());
    assert_int_equal(fx.root->context.reg[REG_TPIDR_EL0], 0x1234);
}

/* ---- states times Suspend and Resume, abi/scheduling.md §6 ---- */

enum {
    AT = 0x7000
};

/* The thread executes the system call at AT. */
static void at(int64_t number, uint64_t cptr)
{
    OK(thread, LABEL_TCB_WRITE_REGISTERS, W(1, 1, AT), C());
    fx_switch(tcb);
    fx_syscall(number, cptr, 3, W(), C());
    fx_switch(fx.root);
}

static void into_blocked_reply(void)
{
    at(SYS_CALL, endpoint);
    fx_recv(endpoint);
    assert_int_equal(tcb->state, THREAD_BLOCKED_REPLY);
}

static void into_state(enum thread_state state)
{
    switch (state) {
    case THREAD_INACTIVE: OK(thread, LABEL_TCB_WRITE_REGISTERS, W(0, 1, AT), C()); break;
    case THREAD_RUNNING: at(SYS_NB_SEND, endpoint); break;
    case THREAD_RESTART: OK(thread, LABEL_TCB_WRITE_REGISTERS, W(1, 1, AT), C()); break;
    case THREAD_BLOCKED_RECEIVE: at(SYS_RECV, endpoint); break;
    case THREAD_BLOCKED_SEND: at(SYS_CALL, endpoint); break;
    case THREAD_BLOCKED_REPLY: into_blocked_reply(); break;
    case THREAD_BLOCKED_NOTIFICATION: at(SYS_RECV, notification); break;
    }
    assert_int_equal(tcb->state, state);
}

static void resume_in_every_state(void **unused)
{
    (void)unused;
    for (unsigned s = THREAD_INACTIVE; s <= THREAD_BLOCKED_NOTIFICATION; s++) {
        into_state((enum thread_state)s);
        OK(thread, LABEL_TCB_RESUME, W(), C());
        if (s == THREAD_RUNNING) {
            assert_int_equal(tcb->state, THREAD_RUNNING);
            assert_int_equal(tcb->context.next_pc, AT + 4);
        } else {
            assert_int_equal(tcb->state, THREAD_RESTART);
            fx_switch(tcb);
            assert_int_equal(tcb->context.next_pc, AT);
            fx_switch(fx.root);
        }
        assert_true(cap_is_null(fx.root->slots[TCB_CALLER].cap));
        assert_null(endpoint_of(fx_cap(endpoint))->queue.head);
        OK(thread, LABEL_TCB_SUSPEND, W(), C());
    }
}

static void suspend_in_every_state(void **unused)
{
    (void)unused;
    for (unsigned s = THREAD_INACTIVE; s <= THREAD_BLOCKED_NOTIFICATION; s++) {
        into_state((enum thread_state)s);
        OK(thread, LABEL_TCB_SUSPEND, W(), C());
        assert_int_equal(tcb->state, THREAD_INACTIVE);
        assert_false(tcb->queued);
        assert_int_equal(tcb->context.reg[REG_PC], s == THREAD_RUNNING ? AT + 4 : AT);
        assert_true(cap_is_null(fx.root->slots[TCB_CALLER].cap));
        assert_null(endpoint_of(fx_cap(endpoint))->queue.head);
        assert_null(notification_of(fx_cap(notification))->queue.head);
    }
}

static void delete_in_every_state(void **unused)
{
    (void)unused;
    for (unsigned s = THREAD_INACTIVE; s <= THREAD_BLOCKED_NOTIFICATION; s++) {
        into_state((enum thread_state)s);
        fx_delete(thread);
        assert_true(cap_is_null(fx.root->slots[TCB_CALLER].cap));
        assert_null(endpoint_of(fx_cap(endpoint))->queue.head);
        assert_null(notification_of(fx_cap(notification))->queue.head);
        thread = fx_thread(100, false);
        tcb = fx_tcb(thread);
    }
}

static void suspending_oneself(void **unused)
{
    (void)unused; /* abi/syscalls.md §9: no reply; when resumed it executes the suspend again */
    OK(thread, LABEL_TCB_WRITE_REGISTERS, W(1, 1, AT), C());
    fx_switch(tcb);
    fx_syscall(SYS_CALL, thread, LABEL_TCB_SUSPEND, W(), C());
    assert_int_equal(tcb->state, THREAD_INACTIVE);
    assert_int_equal(tcb->context.reg[REG_X0], thread);
    OK(thread, LABEL_TCB_RESUME, W(), C());
    fx_switch(tcb);
    assert_int_equal(tcb->context.next_pc, AT);
    fx_syscall(SYS_CALL, thread, LABEL_TCB_SUSPEND, W(), C());
    assert_int_equal(tcb->state, THREAD_INACTIVE);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, fx_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(truncated),
        CASE(read_registers),
        CASE(read_registers_suspends),
        CASE(read_without_a_buffer),
        CASE(write_registers),
        CASE(spsr_keeps_the_flags_only),
        CASE(copy_registers),
        CASE(copy_registers_to_oneself),
        CASE(buffer_checks),
        CASE(set_space),
        CASE(configure),
        CASE(revoking_the_vspace_reaches_the_thread),
        CASE(priorities),
        CASE(binding),
        CASE(flags_and_tls),
        CASE(resume_in_every_state),
        CASE(suspend_in_every_state),
        CASE(delete_in_every_state),
        CASE(suspending_oneself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
