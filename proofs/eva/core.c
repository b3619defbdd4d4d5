/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * core_enter() with arbitrary registers, message buffer and trap, from a small well-formed state:
 * one CNode with a cap of every type, three threads, an address space, objects in each of their
 * states. The functions eva_*() below are entry points; each covers the traps that it names.
 *
 * The analyser keeps one abstract state for each slot that a lookup leads to (`split`), because a
 * cap's words mean nothing without its type.
 */
#include "__fc_builtin.h"
#include <string.h>

#include "asid.h"
#include "cdt.h"
#include "core/sched.h"
#include "core/wait.h"
#include "diag.h"
#include "invoke.h"
#include "notification.h"
#include "pte.h"
#include "thread.h"

#include "core_lookup.h"
#include "core_machine.h"
#include "core_wake.h"

/* ---- the state ---- */

enum {
    RAM = 0x40000000,
    RAM_END = RAM + 0x40000,
    ROOT = RAM + 0x8000, /* CNodes */
    INNER = RAM + 0x8400,
    TCB_A = RAM + 0x8800,
    TCB_B = RAM + 0x9000,
    TCB_C = RAM + 0x9800,
    ENDPOINTS = RAM + 0xa000,
    NOTIFICATIONS = RAM + 0xa100,
    OTHER = RAM + 0xa200,  /* CNode of four slots, without a cap */
    TABLES = RAM + 0xb000, /* levels 0 to 3, each with one entry */
    SPARE_TABLE = RAM + 0xf000,
    SPARE_SPACE = RAM + 0x10000,
    POOL = RAM + 0x11000,
    BUFFER_A = RAM + 0x12000,
    BUFFER_B = RAM + 0x13000,
    PAGE = RAM + 0x14000,
    UNTYPED_PAGE = RAM + 0x15000,  /* untouched */
    UNTYPED_SMALL = RAM + 0x16000, /* 2^9 bytes, partly used */
    ROOT_RADIX = 5,
    ASID = 1,
    MAX_IRQ = 47,
};
#define MAPPED_AT 0x400000ull

static struct diag diag;

enum slots {
    S_TCB_A = 1,
    S_TCB_B,
    S_TCB_C,
    S_ROOT,
    S_INNER,
    S_SPACE,
    S_SPARE_SPACE,
    S_TABLE,
    S_SPARE_TABLE,
    S_POOL,
    S_IRQ_CONTROL,
    S_ASID_CONTROL,
    S_DOMAIN,
    S_SMC,
    S_ENDPOINT,
    S_BADGED,
    S_NOTIFICATION,
    S_SIGNAL,
    S_PAGE,
    S_BUFFER,
    S_DEVICE,
    S_UNTYPED_PAGE,
    S_UNTYPED_SMALL,
    S_CHILD,
    S_IRQ,
    S_SGI,
    S_FAULTS,
    S_REPLY,
};

static struct kernel *the_kernel(void)
{
    return hal_window(paddr(RAM));
}
static struct slot *root_slot(unsigned i)
{
    return slots_at(ROOT) + i;
}
static void put(unsigned i, struct cap cap)
{
    cdt_insert_boot(root_slot(i), cap);
}
static uint64_t *entries_at(uint64_t pa)
{
    return hal_window(paddr(pa));
}

static void make_kernel(struct kernel *kernel)
{
    struct cpu *cpu = &kernel->cpus[0];
    memset(kernel, 0, ROOT - RAM);
    cpu->kernel = kernel;
    cpu->diag = &diag;
    cpu->work_units = (uint32_t)Frama_C_interval(0, 99);
    cpu->space = vspace_space(cap_vspace(TABLES, ASID));
    kernel->domain_count = 2;
    kernel->schedule_count = 2;
    kernel->ready = (struct ready *)kernel->tables;
    kernel->schedule = (struct domain_entry *)(kernel->ready + 2);
    kernel->irqs = (struct irq_entry *)(kernel->schedule + 2);
    kernel->schedule[0] = (struct domain_entry){0, (1ull << 56) - 1};
    kernel->domain_time = any;
    kernel->tick = 1000;
    kernel->slice_ticks = 5;
    kernel->max_irq = MAX_IRQ;
    kernel->timer_irq = 27;
    kernel->irqs[27].state = IRQ_KERNEL;
    kernel->irqs[40].state = IRQ_SIGNAL;
    kernel->gic = GIC_V2;
    kernel->ram[0] = (struct range){RAM, RAM_END};
    kernel->ram_count = 1;
    kernel->work_limit = WORK_UNITS_PER_PREEMPTION;
    kernel->debug_calls = true;
    kernel->debug_flavour = true;
    kernel->initial_spsr = 0x40;
    asid_pool_register(kernel, 0, paddr(POOL));
}

static void make_space(void)
{
    memset(hal_window(paddr(TABLES)), 0, BUFFER_A - TABLES);
    ((struct asid_pool *)hal_window(paddr(POOL)))->root[ASID] = TABLES;
    entries_at(TABLES)[0] = pte_table(TABLES + 0x1000);
    entries_at(TABLES + 0x1000)[0] = pte_table(TABLES + 0x2000);
    entries_at(TABLES + 0x2000)[2] = pte_table(TABLES + 0x3000);
    entries_at(TABLES + 0x3000)[0] = pte_user_leaf(PAGE, 3, PTE_USER_RW, true, false);
}

static void make_thread(struct cpu *cpu, uint64_t pa, unsigned slot, uint64_t buffer)
{
    struct tcb *tcb = tcb_at(pa);
    thread_init(cpu, tcb);
    put(slot, cap_tcb(pa));
    cdt_insert_copy(root_slot(S_ROOT), &tcb->slots[TCB_CSPACE], root_slot(S_ROOT)->cap);
    cdt_insert_copy(root_slot(S_SPACE), &tcb->slots[TCB_VSPACE], root_slot(S_SPACE)->cap);
    tcb->slice = (uint32_t)Frama_C_interval(1, 5);
    tcb->fault_handler = S_FAULTS;
    if (buffer)
        cdt_insert_boot(&tcb->slots[TCB_IPC_BUFFER],
                        cap_frame(buffer, FRAME_4K, RIGHT_READ | RIGHT_WRITE, false));
    tcb->ipc_buffer = 0x10000;
}

static void make_caps(void)
{
    memset(hal_window(paddr(ROOT)), 0, TABLES - ROOT); /* CNodes, threads, queues */
    put(S_ROOT, cap_cnode(ROOT, ROOT_RADIX, 0, WORD_BITS - ROOT_RADIX));
    put(S_INNER, cap_cnode(INNER, 2, 0, 0));
    put(S_SPACE, cap_vspace(TABLES, ASID));
    put(S_SPARE_SPACE, cap_vspace(SPARE_SPACE, 0));
    put(S_TABLE, with_mapping(cap_page_table(TABLES + 0x3000), ASID, MAPPED_AT));
    put(S_SPARE_TABLE, cap_page_table(SPARE_TABLE));
    put(S_POOL, cap_asid_pool(POOL, 0));
    put(S_IRQ_CONTROL, cap_plain(CAP_IRQ_CONTROL));
    put(S_ASID_CONTROL, cap_plain(CAP_ASID_CONTROL));
    put(S_DOMAIN, cap_plain(CAP_DOMAIN));
    put(S_SMC, cap_smc(any));
    put(S_ENDPOINT, cap_endpoint(ENDPOINTS, 0, RIGHTS_ALL));
    put(S_NOTIFICATION, cap_notification(NOTIFICATIONS, 0, RIGHT_READ | RIGHT_WRITE));
    put(S_FAULTS, cap_endpoint(ENDPOINTS + 16, any, RIGHTS_ALL));
    put(S_PAGE,
        with_mapping(cap_frame(PAGE, FRAME_4K, RIGHT_READ | RIGHT_WRITE, false), ASID, MAPPED_AT));
    put(S_BUFFER, cap_frame(BUFFER_B, FRAME_4K, RIGHT_READ, false));
    put(S_DEVICE, cap_frame(0x8000000, FRAME_2M, RIGHT_READ | RIGHT_WRITE, true));
    put(S_UNTYPED_PAGE, cap_untyped(UNTYPED_PAGE, PAGE_BITS, false, 0));
    put(S_UNTYPED_SMALL, cap_untyped(UNTYPED_SMALL, 9, false, 64));
    cdt_insert_object(root_slot(S_UNTYPED_SMALL), root_slot(S_CHILD),
                      cap_untyped(UNTYPED_SMALL, 6, false, 0));
    put(S_IRQ, cap_irq_handler(40));
    put(S_SGI, cap_sgi_signal((uint32_t)Frama_C_interval(0, 15), (uint32_t)Frama_C_interval(0, 7)));
    cdt_insert_copy(root_slot(S_ENDPOINT), root_slot(S_BADGED),
                    cap_endpoint(ENDPOINTS, any, (unsigned)Frama_C_interval(0, 15)));
    cdt_insert_copy(root_slot(S_NOTIFICATION), root_slot(S_SIGNAL),
                    cap_notification(NOTIFICATIONS, any, RIGHT_WRITE));
}

/* What the threads other than the running one wait for. */
enum waiting {
    NOBODY_WAITS, /* B and C are ready */
    RECEIVERS,    /* B and C receive on the endpoint */
    SENDERS,      /* B calls and C sends through it */
    CALLED,       /* B waits for A's reply, C for a signal */
    FAULTED,      /* B waits for A's reply to its fault, C is bound and receives */
    ALONE         /* they do not run */
};

static void block(struct tcb *tcb, enum thread_state state, uint64_t on, unsigned queue_state)
{
    tcb->state = state;
    tcb->blocked_on = paddr(on);
    tcb->blocked_grant = any % 2;
    tcb->blocked_grant_reply = any % 2;
    tcb->blocked_badge = any;
    wait_append(hal_window(paddr(on)), tcb, queue_state);
}

static void owe_reply(struct tcb *caller, struct tcb *server)
{
    struct slot *right = &server->slots[TCB_CALLER];
    caller->state = THREAD_BLOCKED_REPLY;
    cdt_insert_copy(&caller->slots[TCB_REPLY], right, cap_reply(pa_of(caller), false, any % 2));
}

static void make_waiters(struct cpu *cpu, enum waiting waiting)
{
    struct tcb *a = tcb_at(TCB_A), *b = tcb_at(TCB_B), *c = tcb_at(TCB_C);
    struct notification *ntfn = hal_window(paddr(NOTIFICATIONS));
    if (waiting == NOBODY_WAITS) {
        b->state = THREAD_RUNNING;
        c->state = THREAD_RESTART;
        sched_enqueue_tail(cpu, b);
        sched_enqueue_tail(cpu, c);
        wait_set_state(&ntfn->queue, NOTIFICATION_ACTIVE);
        ntfn->word = any;
    } else if (waiting == RECEIVERS) {
        block(b, THREAD_BLOCKED_RECEIVE, ENDPOINTS, ENDPOINT_RECEIVING);
        block(c, THREAD_BLOCKED_RECEIVE, ENDPOINTS, ENDPOINT_RECEIVING);
    } else if (waiting == SENDERS) {
        b->blocked_is_call = true;
        block(b, THREAD_BLOCKED_SEND, ENDPOINTS, ENDPOINT_SENDING);
        block(c, THREAD_BLOCKED_SEND, ENDPOINTS, ENDPOINT_SENDING);
    } else if (waiting == CALLED) {
        owe_reply(b, a);
        block(c, THREAD_BLOCKED_NOTIFICATION, NOTIFICATIONS, NOTIFICATION_WAITING);
    } else if (waiting == FAULTED) {
        owe_reply(b, a);
        b->faulty = true;
        b->fault.label = (enum fault_label)Frama_C_interval(FAULT_UNKNOWN_SYSCALL, FAULT_VM);
        notification_bind(ntfn, c);
        block(c, THREAD_BLOCKED_RECEIVE, ENDPOINTS + 16, ENDPOINT_RECEIVING);
    }
}

/* Any label and length, no extra caps. */
static uint64_t info_without_caps(void)
{
    uint64_t length = 0;
    length = Frama_C_unsigned_long_interval(0, 127);
    return 4096 * (any >> 12) + length;
}

/* Registers of all threads, message buffers and pages of user level: any; the messages on their way
 * carry no caps. */
static void make_arbitrary(void)
{
    static const uint64_t threads[] = {TCB_A, TCB_B, TCB_C};
    for (unsigned i = 0; i < 3; i++) {
        struct tcb *tcb = tcb_at(threads[i]);
        Frama_C_make_unknown((char *)&tcb->context, sizeof tcb->context);
        tcb->context.reg[REG_X1] = info_without_caps();
    }
    Frama_C_make_unknown(hal_window(paddr(BUFFER_A)), 3 << PAGE_BITS);
}

static struct cpu *make_state(enum waiting waiting, bool fast)
{
    struct kernel *kernel = the_kernel();
    struct cpu *cpu = &kernel->cpus[0];
    make_kernel(kernel);
    make_space();
    make_caps();
    make_thread(cpu, TCB_A, S_TCB_A, BUFFER_A);
    make_thread(cpu, TCB_B, S_TCB_B, BUFFER_B);
    make_thread(cpu, TCB_C, S_TCB_C, 0);
    tcb_at(TCB_A)->priority = 100;
    tcb_at(TCB_B)->priority = 100;
    tcb_at(TCB_C)->priority = 120;
    tcb_at(TCB_A)->mcp = (uint8_t)any;
    tcb_at(TCB_A)->state = THREAD_RUNNING;
    cpu->current = tcb_at(TCB_A);
    make_waiters(cpu, waiting);
    make_arbitrary();
    cpu->fast = fast;
    return cpu;
}

/* ---- entry points ---- */

/* The capability that x0 names: one state for each slot, one for all that name none. */
static void set_cptr(struct cpu *cpu, uint64_t least, uint64_t most)
{
    uint64_t cptr = Frama_C_unsigned_long_interval(least, most);
    uint64_t *x0 = &cpu->current->context.reg[REG_X0];
    *x0 = cptr;
    if (cptr < 1u << ROOT_RADIX) {
        //@ split cptr;
        *x0 = cptr;
    }
}

static enum cap_type_number type_named(const struct cpu *cpu)
{
    uint64_t cptr = cpu->current->context.reg[REG_X0];
    return cptr < 1u << ROOT_RADIX ? cap_type(root_slot((unsigned)cptr)->cap) : CAP_NULL;
}

static void enter_syscall(struct cpu *cpu, int64_t number)
{
    static const struct trap svc = {.kind = TRAP_SYSCALL};
    cpu->current->context.reg[REG_X7] = (uint64_t)number;
    core_enter(cpu, &svc);
    Frama_C_show_each_returned(number);
}

/* Info words of a label: with as many extra caps as the method needs or fewer, and messages that
 * lie in registers or need the buffer. */
static uint64_t some_info(uint64_t label, unsigned least_caps)
{
    uint64_t caps = 0;
    uint64_t length = 0;
    bool enough = Frama_C_interval(0, 1);
    bool is_long = Frama_C_interval(0, 1);
    //@ split enough;
    caps = 0;
    //@ split is_long;
    length = 0;
    if (enough)
        caps = Frama_C_unsigned_long_interval(least_caps, 3);
    else if (least_caps > 0)
        caps = Frama_C_unsigned_long_interval(0, least_caps - 1);
    length =
        is_long ? Frama_C_unsigned_long_interval(5, 127) : Frama_C_unsigned_long_interval(0, 4);
    return label * 4096 + caps * 128 + length;
}

/* Call of method `label` of each object that has it. */
static void invoke_method(unsigned label)
{
    struct cpu *cpu = make_state(CALLED, true);
    set_cptr(cpu, 0, (1 << ROOT_RADIX) - 1);
    if (type_named(cpu) != methods[label].type)
        return;
    cpu->current->context.reg[REG_X1] = some_info(label, methods[label].least_caps);
    lookups_kept = 1 + methods[label].least_caps;
    enter_syscall(cpu, SYS_CALL);
}
#define X(number, constant, name)                                                                  \
    void eva_label_##number(void)                                                                  \
    {                                                                                              \
        invoke_method(number);                                                                     \
    }
KAAL_LABELS(X)
#undef X

static bool has_methods(enum cap_type_number type)
{
    for (unsigned i = 0; i < LABEL_COUNT; i++)
        if (methods[i].name && methods[i].type == type)
            return true;
    return false;
}

/* System call `number`, not of an object with methods, with any label; messages carry no caps. */
static void enter_ipc(enum waiting waiting, bool fast, int64_t number)
{
    struct cpu *cpu = make_state(waiting, fast);
    set_cptr(cpu, 0, UINT64_MAX);
    if (has_methods(type_named(cpu)))
        return;
    cpu->current->context.reg[REG_X1] = info_without_caps();
    lookups_kept = 1;
    enter_syscall(cpu, number);
}
#define IPC(name, fast, number)                                                                    \
    void eva_##name##_nobody(void)                                                                 \
    {                                                                                              \
        enter_ipc(NOBODY_WAITS, fast, number);                                                     \
    }                                                                                              \
    void eva_##name##_receivers(void)                                                              \
    {                                                                                              \
        enter_ipc(RECEIVERS, fast, number);                                                        \
    }                                                                                              \
    void eva_##name##_senders(void)                                                                \
    {                                                                                              \
        enter_ipc(SENDERS, fast, number);                                                          \
    }                                                                                              \
    void eva_##name##_called(void)                                                                 \
    {                                                                                              \
        enter_ipc(CALLED, fast, number);                                                           \
    }                                                                                              \
    void eva_##name##_faulted(void)                                                                \
    {                                                                                              \
        enter_ipc(FAULTED, fast, number);                                                          \
    }
IPC(nb_recv, false, SYS_NB_RECV)
IPC(reply, false, SYS_REPLY)
IPC(yield, false, SYS_YIELD)

/* Those of `numbers` on the slots from `least` to `most`, with any label. */
static void enter_on(enum waiting waiting, uint64_t least, uint64_t most, const int64_t *numbers,
                     int last)
{
    struct cpu *cpu = make_state(waiting, false);
    set_cptr(cpu, least, most);
    cpu->current->context.reg[REG_X1] = info_without_caps();
    lookups_kept = 1;
    int i = Frama_C_interval(0, last);
    //@ split i;
    enter_syscall(cpu, numbers[i]);
}

/* Signal, Wait and Poll by each system call that does so. */
static void enter_notification(enum waiting waiting)
{
    static const int64_t numbers[] = {SYS_CALL, SYS_SEND, SYS_NB_SEND, SYS_RECV, SYS_NB_RECV};
    enter_on(waiting, S_NOTIFICATION, S_SIGNAL, numbers, 4);
}
void eva_notification_active(void)
{
    enter_notification(NOBODY_WAITS);
}
void eva_notification_idle(void)
{
    enter_notification(RECEIVERS);
}
void eva_notification_awaited(void)
{
    enter_notification(CALLED);
}
void eva_notification_bound(void)
{
    enter_notification(FAULTED);
}

/* Debug calls but DumpScheduler, Halt and Snapshot, on any cap. */
void eva_debug(void)
{
    static const int64_t numbers[] = {SYS_DEBUG_PUT_CHAR, SYS_DEBUG_CAP_IDENTIFY,
                                      SYS_DEBUG_NAME_THREAD};
    enter_on(NOBODY_WAITS, 0, UINT64_MAX, numbers, 2);
}

/* Faults and interrupts. */
static void enter_trap(enum waiting waiting, bool fast)
{
    struct cpu *cpu = make_state(waiting, fast);
    struct trap trap = {.kind = (enum trap_kind)Frama_C_interval(TRAP_DATA_ABORT, TRAP_INTERRUPT),
                        .esr = (uint32_t)any,
                        .far = any};
    enum trap_kind kind = trap.kind;
    //@ split kind;
    trap.kind = kind;
    core_enter(cpu, &trap);
    Frama_C_show_each_returned();
}
void eva_trap_nobody(void)
{
    enter_trap(NOBODY_WAITS, false);
}
void eva_trap_faulted(void)
{
    enter_trap(FAULTED, false);
}

#include "core_messages.h"

#include "core_named.h"

#include "core_cnode.h"
#include "core_control.h"
#include "core_memory.h"

#include "core_failing.h"

#include "core_watched.h"
