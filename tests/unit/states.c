/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Random states of five threads (states.h).
 */
#include "states.h"

#include <stdlib.h>

#include "asid.h"
#include "fault.h"
#include "fpu.h"
#include "thread.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    THREADS = STATES_THREADS,
    A = 0, /* the client in most cases */
    B = 1, /* its server */
    SLOTS = STATES_SLOTS,
    FAULTS_HERE = 10 /* of SLOTS: where the second endpoint's full cap is */
};

/* ---- the world all cases start from ---- */

static uint64_t list;     /* 16 slots of the root CNode with the caps that threads name */
static uint64_t shape[2]; /* CNodes: of 2^4 slots with copies of them; of 2^1, leading to it */
static uint64_t guard[2]; /* size and value of the guard of the cap in the small CNode */
static uint64_t space;    /* a second VSpace */
static uint64_t tcb[THREADS], read_only[THREADS], no_access[THREADS];
static void *base;
static uint64_t seed;

uint64_t states_word(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1dull;
}
uint64_t states_below(uint64_t n)
{
    return (states_word() >> 20) % n;
}
bool states_one_in(uint64_t n)
{
    return states_below(n) == 0;
}

static void make_caps(void)
{
    uint64_t a = fx_new(OBJECT_ENDPOINT, 0), b = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t n = fx_new(OBJECT_NOTIFICATION, 0), m = fx_new(OBJECT_NOTIFICATION, 0);
    shape[0] = fx_new(OBJECT_CNODE, 4);
    shape[1] = fx_new(OBJECT_CNODE, 1);
    const struct {
        uint64_t source, rights, badge;
    } caps[SLOTS - 1] = {
        {a, RIGHTS_ALL, 0},
        {a, RIGHTS_ALL, 0x123456789abcdef0},
        {a, RIGHT_WRITE, 0},
        {a, RIGHT_WRITE | RIGHT_GRANT_REPLY, ~0ull},
        {a, RIGHT_WRITE | RIGHT_GRANT, 5},
        {a, RIGHT_READ, 0},
        {a, RIGHT_READ | RIGHT_WRITE, 0},
        {n, RIGHTS_ALL, 3},
        {n, RIGHT_WRITE, 1ull << 63},
        {n, RIGHT_READ, 0},
        {b, RIGHTS_ALL, 0},
        {b, RIGHT_WRITE | RIGHT_GRANT, 9},
        {m, RIGHTS_ALL, 0},
        {tcb[4], RIGHTS_ALL, 0},
        {shape[1], RIGHTS_ALL, 0},
    };
    list = fx_slots(SLOTS); /* the last stays empty */
    for (unsigned i = 0; i < SLOTS - 1; i++) {
        OK(ROOT, LABEL_CNODE_MINT,
           W(list + i, FX_DEPTH, caps[i].source, FX_DEPTH, caps[i].rights, caps[i].badge), C(ROOT));
        OK(shape[0], LABEL_CNODE_COPY, W(i, 4, list + i, FX_DEPTH, RIGHTS_ALL), C(ROOT));
    }
    guard[0] = 7;
    guard[1] = 0x55;
    OK(shape[1], LABEL_CNODE_MINT,
       W(1, 1, shape[0], FX_DEPTH, RIGHTS_ALL, guard[1] << 6 | guard[0]), C(ROOT));
}

static void make_threads(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        tcb[i] = fx_thread(100, false);
        read_only[i] = fx_copy(tcb[i] + 1, RIGHT_READ); /* of its buffer */
        no_access[i] = fx_copy(tcb[i] + 1, 0);
        uint64_t *words = hal_window(paddr(cap_object(fx_cap(tcb[i] + 1))));
        for (unsigned j = 0; j < 512; j++)
            words[j] = j < 120 ? states_word() : states_below(64);
    }
    space = fx_new(OBJECT_VSPACE, 0);
    OK(SLOT_INIT_ASID_POOL, LABEL_ASID_POOL_ASSIGN, W(), C(space));
}

int states_setup(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, STATES_RAM);
    platform.options.domains = 2;
    fx_boot(&platform);
    fx.unchecked = true;
    seed = 1;
    make_threads();
    make_caps();
    base = malloc(machine_snapshot_bytes());
    machine_snapshot(base);
    return 0;
}

int states_teardown(void **unused)
{
    free(base);
    return fx_teardown(unused);
}

/* ---- a random state ---- */

struct tcb *states_thread(unsigned i)
{
    return fx_tcb(tcb[i]);
}

/* How a thread names things: its root CNode and the guard in front of it. */
static struct names {
    unsigned kind; /* 0 the root CNode, 1 the one of 2^4 slots, 2 the small one in front of it */
    unsigned guard_size;
    uint64_t guard;
} names[THREADS];

/* Left-over bits are random: they are ignored when a message is sent (abi/syscalls.md §3). */
uint64_t states_name(unsigned i, unsigned slot)
{
    const struct names *n = &names[i];
    uint64_t cptr = 0;
    unsigned used = n->guard_size;
    if (n->kind == 0)
        return list + slot;
    if (used)
        cptr = n->guard << (64 - used);
    if (n->kind == 2) {
        cptr |= 1ull << (63 - used) | guard[1] << (63 - used - guard[0]);
        used += 1 + (unsigned)guard[0];
    }
    cptr |= (uint64_t)slot << (60 - used);
    return used < 60 ? cptr | states_word() >> (used + 4) : cptr;
}

static void give_space(unsigned i)
{
    struct names *n = &names[i];
    static const uint8_t kinds[] = {0, 0, 0, 1, 1, 2};
    n->kind = kinds[states_below(sizeof kinds)];
    n->guard_size = (unsigned)(n->kind == 0   ? 0
                               : n->kind == 1 ? states_below(61)
                                              : states_below(52));
    n->guard = states_word() >> 6; /* the data word has 58 bits for it (abi/syscalls.md §2.4) */
    if (n->guard_size < 58)
        n->guard %= 1ull << n->guard_size;
    uint64_t data = n->kind == 0 ? 0 : n->guard << 6 | n->guard_size;
    uint64_t root = n->kind == 0 ? (uint64_t)ROOT : shape[n->kind - 1];
    uint64_t vspace = states_one_in(3) ? space : (uint64_t)SLOT_INIT_VSPACE;
    uint64_t handler =
        states_name(i, states_one_in(4) ? (unsigned)states_below(SLOTS) : FAULTS_HERE);
    OK(tcb[i], LABEL_TCB_SET_SPACE, W(handler, data, 0), C(root, vspace));
}

static void give_buffer(unsigned i)
{
    uint64_t at = 0x10000000 + states_below(4) * 1024;
    switch (states_below(16)) {
    case 0: OK(tcb[i], LABEL_TCB_SET_IPC_BUFFER, W(0), C(ROOT)); break;
    case 1: OK(tcb[i], LABEL_TCB_SET_IPC_BUFFER, W(at), C(read_only[i])); break;
    case 2: OK(tcb[i], LABEL_TCB_SET_IPC_BUFFER, W(at), C(no_access[i])); break;
    default: OK(tcb[i], LABEL_TCB_SET_IPC_BUFFER, W(at), C(tcb[i] + 1));
    }
}

static void give_priority(unsigned i)
{
    static const uint8_t priorities[] = {50, 100, 100, 100, 101, 200};
    OK(tcb[i], LABEL_TCB_SET_PRIORITY, W(priorities[states_below(sizeof priorities)]),
       C(SLOT_INIT_TCB));
}

/* The FP unit: in use by nobody, by all, by some; forbidden to a few. */
static void give_fp(void)
{
    unsigned mode = (unsigned)states_below(5);
    for (unsigned i = 0; i < THREADS; i++) {
        if (states_one_in(24))
            OK_WITH(tcb[i], LABEL_TCB_SET_FLAGS, W(0, 1), C(), I(1));
        else
            states_thread(i)->fp_live = mode == 0 || (mode == 1 && states_one_in(2));
        for (unsigned j = 0; j < sizeof states_thread(i)->fp.v / 8; j++)
            states_thread(i)->fp.v[j] = states_word();
    }
}

/* Runs `i` until it has made one system call; the root task runs again unless it is gone. */
static void act(unsigned i, int64_t number, unsigned slot, uint64_t length)
{
    uint64_t words[MSG_MAX_LENGTH];
    if (!thread_is_runnable(states_thread(i)))
        return;
    for (unsigned j = 0; j < length; j++)
        words[j] = states_word();
    fx_switch(states_thread(i));
    fx_syscall_once(number, states_name(i, slot), states_below(1000),
                    (struct list){words, (unsigned)length}, C());
    fx_switch(fx.root);
}

static void resume(unsigned i)
{
    (void)fx_call(tcb[i], LABEL_TCB_RESUME, W(), C());
}

/* The slot of a cap that lets one receive, or send a Call, on the first endpoint. */
unsigned states_receiving_slot(void)
{
    static const uint8_t slots[] = {0, 0, 1, 5, 6};
    return slots[states_below(sizeof slots)];
}
unsigned states_calling_slot(void)
{
    static const uint8_t slots[] = {0, 0, 1, 3, 4, 3, 4, 2, 6};
    return slots[states_below(sizeof slots)];
}

/* Others wait, send, or are just ready. */
static void make_bystander(unsigned i)
{
    if (!states_one_in(3))
        return;
    resume(i);
    if (states_one_in(3))
        act(i, SYS_RECV, states_receiving_slot(), 0);
    else if (states_one_in(3))
        act(i, states_one_in(2) ? SYS_SEND : SYS_CALL, states_calling_slot(), states_below(8));
    else if (states_one_in(3))
        act(i, SYS_RECV, 9, 0);
}

/* A notification bound to one of the two in the foreground: idle, or active. */
static void bind(unsigned i)
{
    if (states_one_in(2))
        fx_signal(list + 7);
    (void)fx_call(tcb[i], LABEL_TCB_BIND_NOTIFICATION, W(), C(list + 7));
}

/* Takes away, late, what threads that wait or are ready had. */
static void disturb(void)
{
    unsigned i = (unsigned)states_below(2);
    switch (states_below(8)) {
    case 0:
        (void)fx_call(SLOT_DOMAIN, LABEL_DOMAIN_SET_SET, W(1), C(tcb[states_below(THREADS)]));
        break;
    case 1: give_priority(i); break;
    case 2: (void)fx_call(tcb[i], LABEL_TCB_SUSPEND, W(), C()); break;
    case 3: (void)fx_call(ROOT, LABEL_CNODE_REVOKE, W(space, FX_DEPTH), C()); break;
    case 4:
        (void)fx_call(ROOT, LABEL_CNODE_REVOKE, W(shape[states_below(2)], FX_DEPTH), C());
        break;
    case 5: fx_signal(list + 7); break;
    default: bind(i);
    }
}

/* A fault that was recorded and never received (abi/syscalls.md §9). */
static void record_fault(unsigned i)
{
    struct fault fault = {.label = FAULT_VM, .word = states_word(), .esr = (uint32_t)states_word()};
    if (thread_is_runnable(states_thread(i)))
        fault_record(states_thread(i), &fault);
}

/* The root task is gone, or one among others. */
static void leave_the_rest_to(unsigned last)
{
    struct tcb *next = states_thread(last);
    if (!states_one_in(4)) {
        fx_syscall_once(SYS_CALL, SLOT_INIT_TCB, LABEL_TCB_SUSPEND, W(), C());
    } else {
        OK(SLOT_INIT_TCB, LABEL_TCB_SET_PRIORITY, W(states_one_in(2) ? 255 : 20), C(SLOT_INIT_TCB));
    }
    if (thread_is_runnable(next) && next->domain == 0)
        fx_switch(next);
    asid_activate(fx.cpu, fx.cpu->current); /* as at the end of a kernel entry */
    if (fx.cpu->current)
        fpu_switch(fx.cpu, fx.cpu->current);
}

struct trap states_fault(void)
{
    static const enum trap_kind kinds[] = {TRAP_DATA_ABORT, TRAP_INSTRUCTION_ABORT,
                                           TRAP_USER_EXCEPTION};
    struct trap t = {.kind = kinds[states_below(3)], .far = states_word()};
    t.esr = (uint32_t)(states_one_in(4) ? 7 : 0x20) << 26 | (uint32_t)states_below(1 << 20);
    return t;
}

/* The server waits; in some cases it got a Call or a fault and runs. */
static unsigned play(int64_t *number)
{
    static const int64_t numbers[] = {SYS_CALL, SYS_CALL, SYS_SEND, SYS_NB_SEND, SYS_YIELD, 0};
    bool replying = states_one_in(2);
    *number = replying ? SYS_REPLY_RECV : numbers[states_below(sizeof numbers / sizeof numbers[0])];
    resume(A);
    resume(B);
    if (*number == 0 && names[A].kind == 0 && states_one_in(2))
        states_thread(A)->fault_handler = list + 1;
    act(B, SYS_RECV, states_receiving_slot(), 0);
    if (states_one_in(4))
        make_bystander(2);
    if (!replying)
        return A;
    if (states_one_in(6) && thread_is_runnable(states_thread(A))) { /* the server answers a fault */
        fx_switch(states_thread(A));
        states_thread(A)->fault_handler = states_name(A, 1);
        struct trap t = states_fault();
        fx_trap(t.kind, t.esr, t.far);
        fx_switch(fx.root);
    } else {
        act(A, SYS_CALL, states_calling_slot(), states_below(5));
    }
    return B;
}

static void save_the_right(unsigned i)
{
    if (!thread_is_runnable(states_thread(i)) || names[i].kind != 0)
        return;
    fx_switch(states_thread(i));
    (void)fx_call(ROOT, LABEL_CNODE_SAVE_CALLER, W(list + 15, FX_DEPTH), C());
    if (thread_is_runnable(fx.root))
        fx_switch(fx.root);
}

int states_build(unsigned n, int64_t *number)
{
    machine_restore(base);
    seed = 0x9e3779b97f4a7c15ull * (n + 1);
    for (unsigned i = 0; i < 10; i++)
        (void)states_word();
    for (unsigned i = 0; i < THREADS; i++) {
        give_space(i);
        give_buffer(i);
        give_priority(i);
    }
    give_fp();
    unsigned last = play(number);
    for (unsigned i = 2; i < THREADS; i++)
        make_bystander(i);
    if (states_one_in(3))
        disturb();
    if (states_one_in(16))
        save_the_right(last);
    if (states_one_in(12))
        record_fault(states_one_in(2) ? A : B);
    leave_the_rest_to(last);
    fx_check(__FILE__, __LINE__);
    for (unsigned i = 0; i < THREADS; i++)
        if (fx.cpu->current == states_thread(i))
            return (int)i;
    return -1;
}
