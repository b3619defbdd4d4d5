/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Building the start states (world.h). Every step is a trap like those of the cases, so each state
 * is one that user level can bring about.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#include "diag.h"
#include "hal.h"
#include "machine.h"
#include "thread.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    DEPTH = 64,
    PRIORITY = 100,
    PRIORITY_SERVER = 120,
    FRAME_VA = 0x10000,
    BUFFER_VA = 0x402000, /* the root task's */
    WORLD_DEVICE_IRQ = 40,
};

struct message {
    uint64_t cptr;
    uint64_t label;
    unsigned length;
    uint64_t words[8];
    unsigned cap_count;
    uint64_t caps[3];
};

static struct cpu *cpu;
static void *snapshots[2][WORLD_COUNT];
static uint64_t root_cnode;

static _Noreturn void give_up(const char *what, uint64_t value)
{
    fprintf(stderr, "fuzz: start state: %s (%llu)\n", what, (unsigned long long)value);
    exit(2);
}

static void enter(int64_t number)
{
    const struct trap trap = {.kind = TRAP_SYSCALL, .esr = 0x56000000};
    struct context *context = core_current(cpu);
    if (!context)
        give_up("nobody runs before system call", (uint64_t)-number);
    context->reg[REG_X7] = (uint64_t)number;
    context->reg[REG_PC] = context->next_pc;
    context->next_pc += 4;
    machine_enter(cpu, &trap);
}

static void put_message(const struct message *m)
{
    struct tcb *tcb = cpu->current;
    struct ipc_buffer *buffer = thread_buffer(tcb, true);
    tcb->context.reg[REG_X0] = m->cptr;
    tcb->context.reg[REG_X1] = msginfo_new(m->label, 0, m->cap_count, m->length);
    for (unsigned i = 0; i < m->length; i++)
        thread_set_message(tcb, buffer, i, m->words[i]);
    for (unsigned i = 0; i < m->cap_count; i++)
        buffer->caps_or_badges[i] = m->caps[i];
}

static void call(struct message m)
{
    struct tcb *caller = cpu->current;
    put_message(&m);
    enter(SYS_CALL);
    if (msginfo_label(caller->context.reg[REG_X1]) != 0)
        give_up("refused label", m.label * 1000 + m.cptr);
}

/* ---- pieces ---- */

static uint64_t find_untyped(bool device, unsigned bits)
{
    for (unsigned i = SLOT_FIRST_DYNAMIC; i < WORLD_TCB_A; i++) {
        struct cap cap = slots_at(root_cnode)[i].cap;
        if (cap_type(cap) == CAP_UNTYPED && untyped_is_device(cap) == device &&
            untyped_bits(cap) == bits)
            return i;
    }
    give_up("no untyped of that size", bits);
}

static void retype(uint64_t untyped, enum object_type type, unsigned bits, unsigned slot,
                   unsigned count)
{
    call((struct message){.cptr = untyped,
                          .label = LABEL_UNTYPED_RETYPE,
                          .length = 6,
                          .words = {type, bits, 0, 0, slot, count},
                          .cap_count = 1,
                          .caps = {ROOT}});
}

static void mint(uint64_t source, uint64_t node, unsigned slot, unsigned depth, uint64_t data)
{
    call((struct message){.cptr = node,
                          .label = data ? LABEL_CNODE_MINT : LABEL_CNODE_COPY,
                          .length = 6,
                          .words = {slot, depth, source, DEPTH, RIGHTS_ALL, data},
                          .cap_count = 1,
                          .caps = {ROOT}});
}

static void move(uint64_t source, uint64_t node, unsigned slot, unsigned depth)
{
    call((struct message){.cptr = node,
                          .label = LABEL_CNODE_MOVE,
                          .length = 4,
                          .words = {slot, depth, source, DEPTH},
                          .cap_count = 1,
                          .caps = {ROOT}});
}

static void make_objects(void)
{
    uint64_t untyped = find_untyped(false, 16);
    retype(untyped, OBJECT_VSPACE, 0, WORLD_VSPACE_C, 1);
    retype(untyped, OBJECT_PAGE_TABLE, 0, WORLD_TABLE_1, 3);
    retype(untyped, OBJECT_SMALL_PAGE, 0, WORLD_FRAME_A, 4);
    retype(untyped, OBJECT_UNTYPED, 12, WORLD_UNTYPED_PAGE, 1);
    retype(untyped, OBJECT_PAGE_TABLE, 0, WORLD_SPARE_TABLE, 1);
    retype(untyped, OBJECT_VSPACE, 0, WORLD_SPARE_VSPACE, 1);
    retype(untyped, OBJECT_TCB, 0, WORLD_TCB_A, 3);
    retype(untyped, OBJECT_CNODE, 6, WORLD_CNODE_C, 1);
    retype(untyped, OBJECT_CNODE, 4, WORLD_CNODE, 1);
    retype(untyped, OBJECT_UNTYPED, 9, WORLD_UNTYPED_SMALL, 1);
    retype(untyped, OBJECT_ENDPOINT, 0, WORLD_ENDPOINT, 2);
    retype(untyped, OBJECT_NOTIFICATION, 0, WORLD_NOTIFICATION, 2);
    retype(find_untyped(true, 21), OBJECT_LARGE_PAGE, 0, WORLD_LARGE_PAGE, 1);
    retype(find_untyped(true, 31), OBJECT_HUGE_PAGE, 0, WORLD_HUGE_PAGE, 1);
}

static void make_caps(void)
{
    mint(WORLD_ENDPOINT, ROOT, WORLD_BADGED_5, DEPTH, 5);
    mint(WORLD_ENDPOINT, ROOT, WORLD_BADGED_7, DEPTH, 7);
    mint(WORLD_FAULT_ENDPOINT, ROOT, WORLD_BADGED_9, DEPTH, 9);
    mint(WORLD_BADGED_5, ROOT, WORLD_BADGED_5_COPY, DEPTH, 0);
    mint(WORLD_NOTIFICATION, ROOT, WORLD_SIGNAL_1, DEPTH, 1);
    mint(WORLD_FRAME, ROOT, WORLD_FRAME_COPY, DEPTH, 0);
    call((struct message){.cptr = SLOT_IRQ_CONTROL,
                          .label = LABEL_IRQ_CONTROL_GET,
                          .length = 3,
                          .words = {WORLD_DEVICE_IRQ, WORLD_IRQ, DEPTH},
                          .cap_count = 1,
                          .caps = {ROOT}});
    call((struct message){.cptr = WORLD_IRQ,
                          .label = LABEL_IRQ_HANDLER_SET_NOTIFICATION,
                          .cap_count = 1,
                          .caps = {WORLD_SIGNAL_1}});
}

static void make_space_of_c(void)
{
    call((struct message){.cptr = SLOT_INIT_ASID_POOL,
                          .label = LABEL_ASID_POOL_ASSIGN,
                          .cap_count = 1,
                          .caps = {WORLD_VSPACE_C}});
    for (unsigned i = WORLD_TABLE_1; i <= WORLD_TABLE_3; i++)
        call((struct message){.cptr = i,
                              .label = LABEL_PAGE_TABLE_MAP,
                              .length = 2,
                              .words = {FRAME_VA, ATTR_DEFAULT},
                              .cap_count = 1,
                              .caps = {WORLD_VSPACE_C}});
    call((struct message){.cptr = WORLD_FRAME,
                          .label = LABEL_PAGE_MAP,
                          .length = 3,
                          .words = {FRAME_VA, RIGHTS_ALL, ATTR_DEFAULT},
                          .cap_count = 1,
                          .caps = {WORLD_VSPACE_C}});
    mint(WORLD_TCB_C, WORLD_CNODE_C, 1, 6, 0);
    mint(WORLD_CNODE_C, WORLD_CNODE_C, 2, 6, (DEPTH - 6) | 0);
    mint(WORLD_ENDPOINT, WORLD_CNODE_C, 3, 6, 0);
    mint(WORLD_BADGED_9, WORLD_CNODE_C, 4, 6, 0);
    mint(WORLD_NOTIFICATION, WORLD_CNODE_C, 5, 6, 0);
    mint(WORLD_BADGED_7, WORLD_CNODE_C, 6, 6, 0);
}

/* Thread in the given spaces, not yet resumed. */
static void configure(unsigned tcb, uint64_t handler, unsigned cspace, uint64_t guard,
                      unsigned vspace, unsigned frame, unsigned priority)
{
    call((struct message){.cptr = tcb,
                          .label = LABEL_TCB_CONFIGURE,
                          .length = 4,
                          .words = {handler, guard, 0, FRAME_VA + 0x1000},
                          .cap_count = 3,
                          .caps = {cspace, vspace, frame}});
    call((struct message){.cptr = tcb,
                          .label = LABEL_TCB_SET_SCHED_PARAMS,
                          .length = 2,
                          .words = {priority, priority},
                          .cap_count = 1,
                          .caps = {SLOT_INIT_TCB}});
}

static void resume(unsigned tcb)
{
    call((struct message){.cptr = tcb, .label = LABEL_TCB_RESUME});
}

static void make_threads(void)
{
    configure(WORLD_TCB_A, WORLD_FAULT_ENDPOINT, ROOT, 0, SLOT_INIT_VSPACE, WORLD_FRAME_A,
              PRIORITY);
    configure(WORLD_TCB_B, WORLD_BADGED_9, ROOT, 0, SLOT_INIT_VSPACE, WORLD_FRAME_B, PRIORITY);
    configure(WORLD_TCB_C, 4, WORLD_CNODE_C, DEPTH - 6, WORLD_VSPACE_C, WORLD_FRAME_C,
              PRIORITY_SERVER);
    call((struct message){.cptr = SLOT_INIT_TCB,
                          .label = LABEL_TCB_SET_PRIORITY,
                          .length = 1,
                          .words = {PRIORITY},
                          .cap_count = 1,
                          .caps = {SLOT_INIT_TCB}});
}

static void name_threads(void)
{
    static const char *const names[] = {"A", "B", "C"};
    for (unsigned i = 0; i < 3; i++)
        diag_name_thread(cpu->diag, cap_object(slots_at(root_cnode)[WORLD_TCB_A + i].cap),
                         names[i]);
}

/* ---- the states ---- */

/* C runs at once, being above the root task, and waits on the endpoint. */
static void start_server(void)
{
    resume(WORLD_TCB_C);
    put_message(&(struct message){.cptr = 3});
    enter(SYS_RECV);
}

static void make_peers(void)
{
    start_server();
    resume(WORLD_TCB_A);
    resume(WORLD_TCB_B);
}

static void set_schedule(uint64_t index, uint64_t domain, uint64_t ticks)
{
    call((struct message){.cptr = SLOT_DOMAIN,
                          .label = LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE,
                          .length = 3,
                          .words = {index, domain, ticks}});
}

/* B calls and A sends by badged caps; both get the processor by Yield. */
static void make_domains(void)
{
    start_server();
    resume(WORLD_TCB_B);
    enter(SYS_YIELD);
    put_message(&(struct message){.cptr = WORLD_BADGED_5, .label = 1, .length = 5});
    enter(SYS_CALL); /* C runs and holds the right to reply to B */
    put_message(&(struct message){.cptr = 5});
    enter(SYS_RECV); /* C waits for the notification */
    resume(WORLD_TCB_A);
    enter(SYS_YIELD);
    put_message(&(struct message){.cptr = WORLD_BADGED_7, .length = 2});
    enter(SYS_SEND); /* A waits in the endpoint's queue */
    set_schedule(0, 0, 3);
    set_schedule(1, 1, 2);
    call((struct message){
        .cptr = SLOT_DOMAIN, .label = LABEL_DOMAIN_SET_SCHEDULE_SET_START, .length = 1});
    call((struct message){.cptr = SLOT_DOMAIN,
                          .label = LABEL_DOMAIN_SET_SET,
                          .length = 1,
                          .words = {1},
                          .cap_count = 1,
                          .caps = {WORLD_TCB_B}});
    call((struct message){.cptr = WORLD_TCB_A,
                          .label = LABEL_TCB_BIND_NOTIFICATION,
                          .cap_count = 1,
                          .caps = {WORLD_NOTIFICATION_2}});
}

/* The small CNode holds the last cap of C's CNode, which holds the last caps of the small CNode
 * (a copy stays in the root CNode) and of B. */
static void make_knot(void)
{
    resume(WORLD_TCB_A);
    resume(WORLD_TCB_B);
    mint(WORLD_CNODE, WORLD_CNODE_C, 7, 6, 0);
    mint(WORLD_CNODE, WORLD_CNODE, 3, 4, 0);
    mint(WORLD_BADGED_5, WORLD_CNODE, 4, 4, 0);
    move(WORLD_TCB_B, WORLD_CNODE_C, 8, 6);
    move(WORLD_TCB_C, WORLD_CNODE_C, 9, 6);
    move(WORLD_CNODE_C, WORLD_CNODE, 5, 4);
}

static void (*const makers[WORLD_COUNT])(void) = {make_peers, make_domains, make_knot, make_peers};

const char *world_name(unsigned world)
{
    static const char *const names[WORLD_COUNT] = {"peers", "domains", "knot", "accounts"};
    return names[world % WORLD_COUNT];
}

static void create(unsigned world, bool traced)
{
    struct platform platform;
    machine_small_platform(&platform, WORLD_RAM_BYTES);
    platform.max_irq = WORLD_MAX_IRQ;
    platform.options.log = traced ? LOG_TRACE : LOG_QUIET;
    platform.options.smc = true;
    platform.options.benchmark_calls = world == WORLD_ACCOUNTS;
    platform.options.domains = world == WORLD_DOMAINS ? 2 : 1;
    platform.options.domain_schedules = world == WORLD_DOMAINS ? 4 : 2;
    machine_create(&platform, 0);
}

static void check_root_cnode(void)
{
    struct cap root = cpu->current->slots[TCB_CSPACE].cap;
    if (root_cnode != 0 && cap_object(root) != root_cnode)
        give_up("the initial CNode is elsewhere", cap_object(root));
    root_cnode = cap_object(root);
    if (cnode_radix(root) != WORLD_ROOT_RADIX)
        give_up("radix of the initial CNode", cnode_radix(root));
    if (!cap_is_null(slots_at(root_cnode)[WORLD_TCB_A - 1].cap))
        give_up("the boot caps reach beyond slot", WORLD_TCB_A - 1);
}

uint64_t world_root_cnode(void)
{
    return root_cnode;
}

static void make(void *world)
{
    unsigned n = *(unsigned *)world;
    cpu = machine_boot();
    check_root_cnode();
    make_objects();
    make_caps();
    make_space_of_c();
    make_threads();
    name_threads();
    makers[n]();
    cpu->kernel->work_limit = 1; /* every unit of long work asks for interrupts */
}

static void keep(unsigned world, bool traced)
{
    static char console[4096];
    unsigned n = world;
    create(n, traced);
    machine_console_capture(console, sizeof console);
    int status = machine_guard(make, &n);
    if (status != MACHINE_RAN_ON) {
        fprintf(stderr, "fuzz: start state %s ended with status %d: %s%.*s\n", world_name(n),
                status, status == MACHINE_VIOLATION ? machine_violation() : "",
                (int)machine_console_used(), console);
        exit(2);
    }
    snapshots[traced][n] = malloc(machine_snapshot_bytes());
    if (!snapshots[traced][n])
        give_up("no memory for a snapshot", n);
    machine_snapshot(snapshots[traced][n]);
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
    machine_restore(snapshots[traced][world % WORLD_COUNT]);
    return cpu;
}
