/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Entry points of the value analysis for messages, from the parts that core_ipc.h has: A sends to
 * B, takes what B sent, or answers it. eva_fast_*() may take the fast paths. Included once, by
 * core.c.
 */
#pragma once
#include "core_ipc.h"

/* An entry point that goes the ordinary way, and one that may take the fast paths. */
#define BOTH_WAYS(name)                                                                            \
    void eva_##name(void)                                                                          \
    {                                                                                              \
        name(false);                                                                               \
    }                                                                                              \
    void eva_fast_##name(void)                                                                     \
    {                                                                                              \
        name(true);                                                                                \
    }
/* One, two and three extra caps. */
#define CAPS(name)                                                                                 \
    void eva_##name##_1(void)                                                                      \
    {                                                                                              \
        name(1);                                                                                   \
    }                                                                                              \
    void eva_##name##_2(void)                                                                      \
    {                                                                                              \
        name(2);                                                                                   \
    }                                                                                              \
    void eva_##name##_3(void)                                                                      \
    {                                                                                              \
        name(3);                                                                                   \
    }

/* ---- Call, Send, NBSend ---- */

static void send_words(bool fast)
{
    struct cpu *cpu = stage(fast);
    receives(thread_b(), ENDPOINTS);
    any_length(thread_a());
    use_full_endpoint();
    enter_syscall(cpu, SYS_CALL);
}
BOTH_WAYS(send_words)

static void send_buffers(bool fast)
{
    struct cpu *cpu = stage(fast);
    receives(thread_b(), ENDPOINTS);
    receives(thread_c(), ENDPOINTS);
    some_length(thread_a(), 0);
    use_full_endpoint();
    any_buffers(thread_b());
    enter_one_of(cpu, sending, 1);
}
BOTH_WAYS(send_buffers)

void eva_send_rights(void)
{
    struct cpu *cpu = stage(false);
    receives(thread_b(), ENDPOINTS);
    receives_caps = thread_b();
    set_info(thread_a(), 1, 3);
    use_endpoint(RIGHT_WRITE);
    enter_syscall(cpu, SYS_CALL);
}

static void send_order(bool fast)
{
    struct cpu *cpu = stage(fast);
    receives(thread_b(), ENDPOINTS);
    set_info(thread_a(), 0, 3);
    use_full_endpoint();
    any_priorities(cpu, thread_b());
    if (fast)
        any_fp(cpu, thread_b());
    enter_one_of(cpu, sending, 1);
}
BOTH_WAYS(send_order)

static void send_caps(uint64_t caps)
{
    struct cpu *cpu = stage(false);
    receives(thread_b(), ENDPOINTS);
    receives_caps = thread_b();
    set_info(thread_a(), caps, 2);
    use_full_endpoint();
    if (caps == 1)
        a_buffer(thread_b());
    enter_one_of(cpu, sending, caps == 1 ? 2 : 0);
}
CAPS(send_caps)

/* Nobody receives: who may block waits behind those that wait. */
void eva_send_waits(void)
{
    struct cpu *cpu = stage(false);
    bool others = Frama_C_interval(0, 1);
    uint64_t caps = Frama_C_unsigned_long_interval(0, 3);
    uint64_t cptr = Frama_C_unsigned_long_interval(S_ENDPOINT, S_BADGED);
    //@ split others;
    if (others) {
        sends(thread_b(), ENDPOINTS, true);
        sends(thread_c(), ENDPOINTS, false);
    }
    //@ split caps;
    some_length(thread_a(), caps);
    root_slot(S_BADGED)->cap = cap_endpoint(ENDPOINTS, any, (unsigned)Frama_C_interval(0, 15));
    //@ split cptr;
    thread_a()->context.reg[REG_X0] = cptr;
    enter_one_of(cpu, sending, 2);
}

/* Everything but endpoints and notifications, with labels that no method has: what is refused, and
 * an SGI signal, which has no methods. */
void eva_send_elsewhere(void)
{
    struct cpu *cpu = stage(false);
    uint64_t named = Frama_C_unsigned_long_interval(0, 31);
    uint64_t upper = Frama_C_unsigned_long_interval(8 * LABEL_COUNT, UINT64_MAX >> 9);
    root_slot(30)->cap = cap_zombie(INNER, 2, false, 0);
    thread_a()->context.reg[REG_X1] = 512 * upper + 3;
    //@ split named;
    thread_a()->context.reg[REG_X0] = named;
    if (type_named(cpu) == CAP_ENDPOINT || type_named(cpu) == CAP_NOTIFICATION)
        return;
    enter_one_of(cpu, sending, 2);
}

/* ---- Recv, NBRecv ---- */

/* B calls through the endpoint, or only sends. */
static void someone_sends(void)
{
    bool is_call = Frama_C_interval(0, 1);
    //@ split is_call;
    sends(thread_b(), ENDPOINTS, is_call);
}

void eva_recv_words(void)
{
    struct cpu *cpu = stage(false);
    sends(thread_b(), ENDPOINTS, true);
    any_length(thread_b());
    use_full_endpoint();
    enter_syscall(cpu, SYS_RECV);
}

void eva_recv_buffers(void)
{
    struct cpu *cpu = stage(false);
    someone_sends();
    sends(thread_c(), ENDPOINTS, true);
    some_length(thread_b(), 0);
    use_full_endpoint();
    any_buffers(thread_b());
    enter_one_of(cpu, receiving, 1);
}

void eva_recv_order(void)
{
    struct cpu *cpu = stage(false);
    someone_sends();
    set_info(thread_b(), 0, 3);
    use_full_endpoint();
    any_priorities(cpu, thread_b());
    enter_syscall(cpu, SYS_RECV);
}

static void recv_caps(uint64_t caps)
{
    struct cpu *cpu = stage(false);
    sends(thread_b(), ENDPOINTS, caps == 1);
    thread_b()->blocked_grant = true;
    receives_caps = thread_a();
    set_info(thread_b(), caps, 2);
    use_full_endpoint();
    enter_syscall(cpu, SYS_RECV);
}
CAPS(recv_caps)

/* `tcb` has a fault of each kind. */
static void set_fault(struct tcb *tcb)
{
    static const enum fault_label labels[] = {FAULT_CAP, FAULT_UNKNOWN_SYSCALL,
                                              FAULT_USER_EXCEPTION, FAULT_VM};
    int label = Frama_C_interval(0, 3);
    tcb->faulty = true;
    //@ split label;
    tcb->fault = (struct fault){.label = labels[label],
                                .in_receive = any % 2,
                                .is_instruction = any % 2,
                                .esr = (uint32_t)any,
                                .word = any};
}

/* Of a failed lookup, each kind. */
static void set_lookup(struct tcb *tcb)
{
    int type = Frama_C_interval(LOOKUP_INVALID_ROOT, LOOKUP_GUARD_MISMATCH);
    if (tcb->fault.label == FAULT_CAP) {
        //@ split type;
        tcb->fault.lookup =
            (struct lookup_fault){(enum lookup_failure)type, (uint32_t)any, any, any};
    }
}

void eva_recv_faulter(void)
{
    struct cpu *cpu = stage(false);
    sends(thread_b(), ENDPOINTS, true);
    set_fault(thread_b());
    set_lookup(thread_b());
    use_full_endpoint();
    a_buffer(thread_a());
    enter_one_of(cpu, receiving, 1);
}

/* Nobody sends, A has news from the bound notification, or C calls while A holds a reply right. */
void eva_recv_waits(void)
{
    struct cpu *cpu = stage(false);
    struct notification *ntfn = hal_window(paddr(NOTIFICATIONS));
    int before = Frama_C_interval(0, 3);
    uint64_t cptr = Frama_C_unsigned_long_interval(S_ENDPOINT, S_BADGED);
    //@ split before;
    if (before == 1) {
        owe_reply(thread_b(), thread_a());
        sends(thread_c(), ENDPOINTS, true);
        set_info(thread_c(), 0, 3);
    } else if (before > 1) {
        notification_bind(ntfn, thread_a());
        wait_set_state(&ntfn->queue, before == 2 ? NOTIFICATION_ACTIVE : NOTIFICATION_IDLE);
        ntfn->word = any;
    }
    root_slot(S_BADGED)->cap = cap_endpoint(ENDPOINTS, any, (unsigned)Frama_C_interval(0, 15));
    //@ split cptr;
    thread_a()->context.reg[REG_X0] = cptr;
    enter_one_of(cpu, receiving, 1);
}

/* ---- Reply, ReplyRecv ---- */

static void answers(struct tcb *caller, bool can_grant)
{
    struct slot *right = &thread_a()->slots[TCB_CALLER];
    owe_reply(caller, thread_a());
    right->cap = cap_reply(pa_of(caller), false, can_grant);
}

static const int64_t replying[] = {SYS_REPLY, SYS_REPLY_RECV};

static void reply_words(bool fast)
{
    struct cpu *cpu = stage(fast);
    answers(thread_b(), true);
    any_length(thread_a());
    use_full_endpoint();
    enter_syscall(cpu, fast ? SYS_REPLY_RECV : SYS_REPLY);
}
BOTH_WAYS(reply_words)

static void reply_buffers(bool fast)
{
    struct cpu *cpu = stage(fast);
    answers(thread_b(), true);
    some_length(thread_a(), 0);
    use_full_endpoint();
    any_buffers(thread_b());
    enter_one_of(cpu, replying, 1);
}
BOTH_WAYS(reply_buffers)

static void reply_order(bool fast)
{
    struct cpu *cpu = stage(fast);
    answers(thread_b(), true);
    set_info(thread_a(), 0, 3);
    use_full_endpoint();
    any_priorities(cpu, thread_b());
    if (fast)
        any_fp(cpu, thread_b());
    enter_syscall(cpu, fast ? SYS_REPLY_RECV : SYS_REPLY);
}
BOTH_WAYS(reply_order)

static void reply_caps(uint64_t caps)
{
    struct cpu *cpu = stage(false);
    answers(thread_b(), Frama_C_interval(0, 1));
    receives_caps = thread_b();
    set_info(thread_a(), caps, 2);
    use_full_endpoint();
    enter_syscall(cpu, SYS_REPLY);
}
CAPS(reply_caps)

/* Each kind of reply, then each kind of receiving. */
static void reply_recv(bool fast)
{
    struct cpu *cpu = stage(fast);
    struct notification *ntfn = hal_window(paddr(NOTIFICATIONS));
    int first = Frama_C_interval(0, 2);
    int second = Frama_C_interval(0, 3);
    //@ split first;
    if (first > 0)
        answers(thread_b(), false);
    if (first == 2)
        set_fault(thread_b());
    some_answer();
    //@ split second;
    if (second == 1 || second == 2) {
        sends(thread_c(), ENDPOINTS, second == 1);
        set_info(thread_c(), 0, 30);
    } else if (second == 3) {
        notification_bind(ntfn, thread_a());
        wait_set_state(&ntfn->queue, NOTIFICATION_ACTIVE);
    }
    use_full_endpoint();
    enter_syscall(cpu, SYS_REPLY_RECV);
}
BOTH_WAYS(reply_recv)

/* The reply right lies in the CSpace. */
void eva_saved_reply(void)
{
    struct cpu *cpu = stage(false);
    struct slot *place = root_slot(S_REPLY);
    cdt_remove(place);
    thread_b()->state = THREAD_BLOCKED_REPLY;
    cdt_insert_copy(&thread_b()->slots[TCB_REPLY], place, cap_reply(TCB_B, false, true));
    some_length(thread_a(), 0);
    thread_a()->context.reg[REG_X0] = S_REPLY;
    any_buffers(thread_b());
    enter_one_of(cpu, sending, 2);
}

/* The other thread is of the other domain. */
static void domains(bool fast)
{
    struct cpu *cpu = stage(fast);
    int exchange = Frama_C_interval(0, 2);
    some_length(thread_a(), 0);
    use_full_endpoint();
    thread_b()->domain = 1;
    //@ split exchange;
    if (exchange == 0) {
        receives(thread_b(), ENDPOINTS);
        enter_one_of(cpu, sending, 2);
    } else if (exchange == 1) {
        sends(thread_b(), ENDPOINTS, false);
        set_info(thread_b(), 0, 20);
        enter_one_of(cpu, receiving, 1);
    } else {
        answers(thread_b(), true);
        enter_one_of(cpu, replying, 1);
    }
}
BOTH_WAYS(domains)

/* ---- faults ---- */

/* System calls on caps that are not there, and one that does not exist; C handles faults. */
void eva_cap_fault(void)
{
    static const int64_t numbers[] = {SYS_CALL,    SYS_SEND,       SYS_NB_SEND, SYS_RECV,
                                      SYS_NB_RECV, SYS_REPLY_RECV, -100};
    struct cpu *cpu = stage(false);
    receives(thread_c(), ENDPOINTS + 16);
    some_length(thread_a(), 0);
    a_buffer(thread_c());
    set_buffer(thread_a(), BUFFER_A, BUFFER_USUAL);
    thread_a()->context.reg[REG_X0] = Frama_C_unsigned_long_interval(32, UINT64_MAX);
    enter_one_of(cpu, numbers, 6);
}

/* Exceptions of A. */
static void exception(struct cpu *cpu)
{
    struct trap trap = {.esr = (uint32_t)any, .far = any};
    int exception_kind = Frama_C_interval(TRAP_DATA_ABORT, TRAP_USER_EXCEPTION);
    //@ split exception_kind;
    trap.kind = (enum trap_kind)exception_kind;
    core_enter(cpu, &trap);
    Frama_C_show_each_returned();
}

static void exception_buffers(bool fast)
{
    struct cpu *cpu = stage(fast);
    receives(thread_c(), ENDPOINTS + 16);
    any_buffers(thread_c());
    exception(cpu);
}
BOTH_WAYS(exception_buffers)

static void exception_order(bool fast)
{
    struct cpu *cpu = stage(fast);
    receives(thread_b(), ENDPOINTS + 16);
    any_priorities(cpu, thread_b());
    any_fp(cpu, thread_b());
    exception(cpu);
}
BOTH_WAYS(exception_order)

/* ---- fast paths of other calls ---- */

static const int64_t signalling[] = {SYS_SEND, SYS_NB_SEND};

/* B waits for the notification, or nobody does. */
void eva_fast_signal(void)
{
    struct cpu *cpu = stage(true);
    bool awaited = Frama_C_interval(0, 1);
    //@ split awaited;
    if (awaited)
        block(thread_b(), THREAD_BLOCKED_NOTIFICATION, NOTIFICATIONS, NOTIFICATION_WAITING);
    some_length(thread_a(), 0);
    thread_a()->context.reg[REG_X0] = S_SIGNAL;
    any_priorities(cpu, thread_b());
    enter_one_of(cpu, signalling, 1);
}

void eva_fast_yield(void)
{
    struct cpu *cpu = stage(true);
    bool restarts = Frama_C_interval(0, 1);
    any_priorities(cpu, thread_b());
    any_fp(cpu, thread_c());
    //@ split restarts;
    if (restarts && thread_c()->queued)
        thread_c()->state = THREAD_RESTART;
    enter_syscall(cpu, SYS_YIELD);
}

/* The CSpace is of two CNodes: paths through both, through one, and through none. */
void eva_fast_deep(void)
{
    static const uint64_t paths[] = {S_ENDPOINT * 4 + 1, S_INNER * 4, S_SIGNAL * 4 + 2, S_ROOT * 4,
                                     1ull << 40};
    struct cpu *cpu = stage(true);
    int path = Frama_C_interval(0, 4);
    bool is_reply = Frama_C_interval(0, 1);
    thread_a()->slots[TCB_CSPACE].cap = cap_cnode(ROOT, ROOT_RADIX, 0, WORD_BITS - ROOT_RADIX - 2);
    thread_a()->fault_handler = S_FAULTS * 4;
    cdt_insert_copy(root_slot(S_ENDPOINT), slots_at(INNER), root_slot(S_ENDPOINT)->cap);
    some_length(thread_a(), 0);
    //@ split path;
    thread_a()->context.reg[REG_X0] = paths[path];
    //@ split is_reply;
    if (is_reply) {
        answers(thread_b(), true);
        enter_syscall(cpu, SYS_REPLY_RECV);
    } else {
        receives(thread_b(), ENDPOINTS);
        enter_one_of(cpu, sending, 1);
    }
}
