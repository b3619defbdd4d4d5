/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The one kernel entry: trap in, context to resume out (abi/syscalls.md).
 */
#include "asid.h"
#include "cdt.h"
#include "cspace.h"
#include "debug.h"
#include "diag.h"
#include "endpoint.h"
#include "explain.h"
#include "fastpath.h"
#include "fault.h"
#include "fpu.h"
#include "invoke.h"
#include "irq.h"
#include "notification.h"
#include "reply.h"
#include "sched.h"
#include "utilisation.h"

enum {
    ESR_CLASS_FP = 7,
    ESR_SVC = 0x56000000, /* class 0x15, 32-bit instruction, immediate 0 */
};

typedef void syscall_fn(struct cpu *cpu);

static bool may_receive(const struct tcb *tcb, struct cap cap)
{
    if (cap_type(cap) == CAP_ENDPOINT)
        return ipc_rights(cap) & RIGHT_READ;
    if (cap_type(cap) != CAP_NOTIFICATION || !(ipc_rights(cap) & RIGHT_READ))
        return false;
    const struct tcb *bound = notification_of(cap)->bound;
    return !bound || bound == tcb;
}

/* Recv and NBRecv (abi/syscalls.md §5). */
static void receive(struct cpu *cpu, bool may_block)
{
    struct tcb *tcb = cpu->current;
    uint64_t cptr = tcb->context.reg[REG_X0];
    struct lookup_fault fault;
    const struct slot *slot = cspace_lookup(tcb, cptr, &fault);
    if (slot && !may_receive(tcb, slot->cap)) {
        fault = (struct lookup_fault){.type = LOOKUP_MISSING_CAPABILITY};
        slot = NULL;
    }
    if (!slot) {
        fault_raise_cap(cpu, cptr, true, &fault);
        return;
    }
    if (cpu->watched)
        explain_receive(cpu, slot->cap);
    struct cap cap = slot->cap;
    if (cap_type(cap) == CAP_NOTIFICATION) {
        notification_receive(cpu, notification_of(cap), may_block);
        return;
    }
    if (!cap_is_null(tcb->slots[TCB_CALLER].cap))
        cdt_remove(&tcb->slots[TCB_CALLER]);
    endpoint_receive(cpu, cap, may_block);
}

static void reply(struct cpu *cpu)
{
    struct slot *right = &cpu->current->slots[TCB_CALLER];
    if (!cap_is_null(right->cap))
        reply_perform(cpu, right);
}

static void sys_call(struct cpu *cpu)
{
    invoke(cpu, true, true);
}
static void sys_send(struct cpu *cpu)
{
    invoke(cpu, false, true);
}
static void sys_nb_send(struct cpu *cpu)
{
    invoke(cpu, false, false);
}
static void sys_recv(struct cpu *cpu)
{
    receive(cpu, true);
}
static void sys_nb_recv(struct cpu *cpu)
{
    receive(cpu, false);
}
static void sys_reply_recv(struct cpu *cpu)
{
    reply(cpu);
    receive(cpu, true);
}

/* By -number - 1. */
static syscall_fn *const syscalls[] = {
    sys_call, sys_reply_recv,      sys_send,   sys_nb_send, sys_recv,
    reply,    sched_yield_current, sys_nb_recv};
enum {
    SYSCALL_COUNT = sizeof syscalls / sizeof syscalls[0]
};

static void unknown_syscall(struct cpu *cpu, uint64_t number)
{
    if (debug_call(cpu, (int64_t)number))
        return;
    struct fault fault = {.label = FAULT_UNKNOWN_SYSCALL, .word = number};
    fault_raise(cpu, &fault);
}

static void system_call(struct cpu *cpu)
{
    uint64_t number = cpu->current->context.reg[REG_X7];
    uint64_t index = ~number; /* -number - 1 */
    if (index < SYSCALL_COUNT)
        syscalls[index](cpu);
    else
        unknown_syscall(cpu, number);
}

/* The fault that a synchronous exception other than a system call is. */
static struct fault fault_of(const struct trap *trap)
{
    if (trap->kind == TRAP_USER_EXCEPTION)
        return (struct fault){.label = FAULT_USER_EXCEPTION, .esr = trap->esr};
    return (struct fault){.label = FAULT_VM,
                          .is_instruction = trap->kind == TRAP_INSTRUCTION_ABORT,
                          .esr = trap->esr,
                          .word = trap->far};
}

static bool is_first_fp_use(struct cpu *cpu, const struct trap *trap)
{
    return trap->kind == TRAP_USER_EXCEPTION && trap->esr >> 26 == ESR_CLASS_FP &&
           fpu_first_use(cpu);
}

static void handle(struct cpu *cpu, const struct trap *trap)
{
    if (trap->kind == TRAP_SYSCALL) {
        system_call(cpu);
    } else if (trap->kind == TRAP_INTERRUPT) {
        irq_handle_pending(cpu);
    } else if (!is_first_fp_use(cpu, trap)) {
        struct fault fault = fault_of(trap);
        fault_raise(cpu, &fault);
    }
}

struct context *core_current(struct cpu *cpu)
{
    return cpu->current ? &cpu->current->context : NULL;
}

/* The end of every entry: who runs now, in which space, with whose FP state. */
static struct context *leave(struct cpu *cpu)
{
    sched_finish(cpu);
    asid_activate(cpu, cpu->current);
    if (!cpu->current)
        return NULL;
    fpu_switch(cpu, cpu->current);
    return &cpu->current->context;
}

/* While somebody watches: events, utilisation. */
static __attribute__((noinline)) struct context *enter_watched(struct cpu *cpu,
                                                               const struct trap *trap)
{
    struct tcb *entered = cpu->current;
    bool timed = cpu->kernel->benchmark_calls;
    explain_enter(cpu, trap);
    if (timed)
        utilisation_enter(cpu);
    handle(cpu, trap);
    (void)leave(cpu);
    if (timed)
        utilisation_leave(cpu, entered);
    explain_leave(cpu);
    return core_current(cpu);
}

struct context *core_syscall_slowly(struct cpu *cpu)
{
    static const struct trap svc = {.kind = TRAP_SYSCALL, .esr = ESR_SVC};
    if (cpu->watched)
        return enter_watched(cpu, &svc);
    system_call(cpu);
    return leave(cpu);
}

struct context *core_enter_syscall(struct cpu *cpu, uint64_t number)
{
    if (!cpu->fast)
        return core_syscall_slowly(cpu);
    if (number == (uint64_t)SYS_CALL)
        return fastpath_call(cpu);
    if (number == (uint64_t)SYS_REPLY_RECV)
        return fastpath_reply_recv(cpu);
    if (number == (uint64_t)SYS_SEND || number == (uint64_t)SYS_NB_SEND)
        return fastpath_send(cpu);
    if (number == (uint64_t)SYS_YIELD)
        return fastpath_yield(cpu);
    return core_syscall_slowly(cpu);
}

struct context *core_enter(struct cpu *cpu, const struct trap *trap)
{
    if (trap->kind == TRAP_SYSCALL)
        return core_enter_syscall(cpu, cpu->current->context.reg[REG_X7]);
    if (cpu->watched)
        return enter_watched(cpu, trap);
    if (trap->kind == TRAP_INTERRUPT) {
        irq_handle_pending(cpu);
    } else if (!is_first_fp_use(cpu, trap)) {
        struct fault fault = fault_of(trap);
        if (cpu->fast && fastpath_fault(cpu, &fault))
            return core_current(cpu);
        fault_raise(cpu, &fault);
    }
    return leave(cpu);
}
