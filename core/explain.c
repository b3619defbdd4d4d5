/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What happens, in words.
 */
#include "explain.h"

#include "asid.h"
#include "diag.h"
#include "lockstep.h"
#include "print.h"
#include "vspace.h"

const char *error_name(uint64_t code)
{
    static const char *const names[ERROR_COUNT] = {
        "NoError",     "InvalidArgument", "InvalidCapability", "IllegalOperation",
        "RangeError",  "AlignmentError",  "FailedLookup",      "TruncatedMessage",
        "DeleteFirst", "RevokeFirst",     "NotEnoughMemory",
    };
    return code < ERROR_COUNT ? names[code] : "?";
}

const char *fault_name(uint64_t label)
{
    static const char *const names[] = {"NullFault",     "CapFault",       "UnknownSyscall",
                                        "UserException", "DebugException", "VMFault"};
    return label <= FAULT_VM ? names[label] : "?";
}

void explain_enter(struct cpu *cpu, const struct trap *trap)
{
    struct diag *diag = cpu->diag;
    diag->entries++;
    diag->trap = *trap;
    if (!diag->events)
        return;
    const struct tcb *tcb = cpu->current;
    diag->event = (struct event){.number = diag->entries, .trap = &diag->trap};
    if (!tcb)
        return;
    diag->event.thread = pa_of(tcb);
    diag->event.thread_name = diag_thread_name(diag, pa_of(tcb));
    diag->event.syscall = (int64_t)tcb->context.reg[REG_X7];
    diag->event.cptr = tcb->context.reg[REG_X0];
    diag->event.info = tcb->context.reg[REG_X1];
    diag->event.pc = tcb->context.reg[REG_PC];
    for (unsigned i = 0; i < MSG_REGISTERS; i++)
        diag->event.message[i] = tcb->context.reg[REG_X2 + i];
}

void explain_invocation(const struct invocation *call)
{
    struct event *event = &call->cpu->diag->event;
    event->cap_name = cap_type_name(cap_type(call->cap));
    if (call->label < LABEL_COUNT && methods[call->label].type == cap_type(call->cap))
        event->method = methods[call->label].name;
}

void explain_receive(struct cpu *cpu, struct cap cap)
{
    cpu->diag->event.cap_name = cap_type_name(cap_type(cap));
}

void explain_refusal(const struct invocation *call, const struct refusal *no)
{
    struct event *event = &call->cpu->diag->event;
    event->error = no->code;
    event->error_text = call->cpu->diag->text;
    for (unsigned i = 0; i < no->count; i++)
        event->error_words[i] = no->words[i];
}

void explain_leave(struct cpu *cpu)
{
    struct diag *diag = cpu->diag;
    if (!diag->events)
        return;
    if (diag->event.thread) {
        const struct tcb *tcb = tcb_at(diag->event.thread);
        for (unsigned i = 0; i < 6; i++)
            diag->event.result[i] = tcb->context.reg[REG_X0 + i];
    }
    if (cpu->current) {
        diag->event.next_thread = pa_of(cpu->current);
        diag->event.next_name = diag_thread_name(diag, pa_of(cpu->current));
    }
    lockstep_event(cpu);
}

static void print_mapping(struct cpu *cpu, const struct tcb *tcb, uint64_t va)
{
    struct cap vspace = tcb->slots[TCB_VSPACE].cap;
    if (cap_type(vspace) != CAP_VSPACE ||
        asid_root(cpu->kernel, mapping_asid(vspace)).raw != cap_object(vspace)) {
        print("  the thread has no address space\n");
        return;
    }
    if (va > USER_TOP) {
        print("  the address is above the user range\n");
        return;
    }
    struct walk walk = vspace_walk(paddr(cap_object(vspace)), va);
    print("  descriptor found: 0x%x at level %u of VSpace 0x%x\n", walk.pte, (uint64_t)walk.level,
          cap_object(vspace));
}

void explain_double_fault(struct cpu *cpu, const struct tcb *tcb, const struct fault *fault)
{
    if (cpu->diag->log == LOG_QUIET)
        return;
    print("double fault: thread %s (0x%x) has no handler for its %s\n",
          diag_thread_name(cpu->diag, pa_of(tcb)), pa_of(tcb), fault_name(fault->label));
    print("  pc 0x%x, fault word 0x%x, ESR 0x%x, handler cptr 0x%x\n", tcb->context.reg[REG_PC],
          fault->word, (uint64_t)fault->esr, tcb->fault_handler);
    if (fault->label == FAULT_VM)
        print_mapping(cpu, tcb, fault->word);
    for (unsigned i = 0; i < REG_COUNT; i += 4)
        print("  %02u: %016x %016x %016x %016x\n", (uint64_t)i, tcb->context.reg[i],
              tcb->context.reg[i + 1], tcb->context.reg[i + 2], tcb->context.reg[i + 3]);
}
