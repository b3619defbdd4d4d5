/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * System calls that build start states (world_make.h). Every step is a trap like those of the
 * cases, so each state is one that user level can bring about.
 */
#include "world_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diag.h"
#include "hal.h"
#include "machine.h"
#include "thread.h"

static struct cpu *cpu;
static uint64_t taken[WORLD_TCB_A]; /* bytes of the boot Untyped in that slot */

void make_on(struct cpu *on)
{
    cpu = on;
    memset(taken, 0, sizeof taken);
}

_Noreturn void make_give_up(const char *what, uint64_t value)
{
    fprintf(stderr, "fuzz: start state: %s (%llu)\n", what, (unsigned long long)value);
    exit(2);
}

void make_enter(int64_t number)
{
    const struct trap trap = {.kind = TRAP_SYSCALL, .esr = 0x56000000};
    struct context *context = core_current(cpu);
    if (!context)
        make_give_up("nobody runs before system call", (uint64_t)-number);
    context->reg[REG_X7] = (uint64_t)number;
    context->reg[REG_PC] = context->next_pc;
    context->next_pc += 4;
    machine_enter(cpu, &trap);
}

void make_message(const struct message *m)
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

void make_receive_slot(uint64_t node, uint64_t slot, uint64_t depth)
{
    struct ipc_buffer *buffer = thread_buffer(cpu->current, true);
    buffer->receive_cnode = node;
    buffer->receive_index = slot;
    buffer->receive_depth = depth;
}

void make_call(struct message m)
{
    struct tcb *caller = cpu->current;
    make_message(&m);
    make_enter(SYS_CALL);
    if (msginfo_label(caller->context.reg[REG_X1]) != 0)
        make_give_up("refused label", m.label * 1000 + m.cptr);
}

uint64_t make_find_untyped(bool device, unsigned bits)
{
    for (unsigned i = SLOT_FIRST_DYNAMIC; i < WORLD_TCB_A; i++) {
        struct cap cap = slots_at(world_root_cnode())[i].cap;
        if (cap_type(cap) == CAP_UNTYPED && untyped_is_device(cap) == device &&
            untyped_bits(cap) == bits)
            return i;
    }
    make_give_up("no untyped of that size", bits);
}

void make_retype(uint64_t untyped, enum object_type type, unsigned bits, unsigned slot,
                 unsigned count)
{
    make_call((struct message){.cptr = untyped,
                               .label = LABEL_UNTYPED_RETYPE,
                               .length = 6,
                               .words = {type, bits, 0, 0, slot, count},
                               .cap_count = 1,
                               .caps = {ROOT}});
}

void make_objects_of(enum object_type type, unsigned bits, unsigned object_bits, unsigned slot,
                     unsigned count)
{
    uint64_t size = 1ull << object_bits;
    unsigned best = 0;
    unsigned best_bits = 64;
    for (unsigned i = SLOT_FIRST_DYNAMIC; i < WORLD_TCB_A; i++) {
        struct cap cap = slots_at(world_root_cnode())[i].cap;
        if (cap_type(cap) != CAP_UNTYPED || untyped_is_device(cap) ||
            untyped_bits(cap) >= best_bits ||
            (taken[i] + size - 1) / size * size + count * size > untyped_size(cap))
            continue;
        best = i;
        best_bits = untyped_bits(cap);
    }
    if (best == 0)
        make_give_up("no memory left for objects of type", (uint64_t)type);
    make_retype(best, type, bits, slot, count);
    taken[best] = (taken[best] + size - 1) / size * size + count * size;
}

void make_mint(uint64_t source, uint64_t node, unsigned slot, unsigned depth, uint64_t data)
{
    make_call((struct message){.cptr = node,
                               .label = data ? LABEL_CNODE_MINT : LABEL_CNODE_COPY,
                               .length = 6,
                               .words = {slot, depth, source, DEPTH, RIGHTS_ALL, data},
                               .cap_count = 1,
                               .caps = {ROOT}});
}

void make_move(uint64_t source, uint64_t node, unsigned slot, unsigned depth)
{
    make_call((struct message){.cptr = node,
                               .label = LABEL_CNODE_MOVE,
                               .length = 4,
                               .words = {slot, depth, source, DEPTH},
                               .cap_count = 1,
                               .caps = {ROOT}});
}

void make_delete(uint64_t slot)
{
    make_call((struct message){
        .cptr = ROOT, .label = LABEL_CNODE_DELETE, .length = 2, .words = {slot, DEPTH}});
}

void make_space(void)
{
    make_call((struct message){.cptr = SLOT_INIT_ASID_POOL,
                               .label = LABEL_ASID_POOL_ASSIGN,
                               .cap_count = 1,
                               .caps = {WORLD_VSPACE_C}});
    for (unsigned i = WORLD_TABLE_1; i <= WORLD_TABLE_3; i++)
        make_call((struct message){.cptr = i,
                                   .label = LABEL_PAGE_TABLE_MAP,
                                   .length = 2,
                                   .words = {FRAME_VA, ATTR_DEFAULT},
                                   .cap_count = 1,
                                   .caps = {WORLD_VSPACE_C}});
    make_call((struct message){.cptr = WORLD_FRAME,
                               .label = LABEL_PAGE_MAP,
                               .length = 3,
                               .words = {FRAME_VA, RIGHTS_ALL, ATTR_DEFAULT},
                               .cap_count = 1,
                               .caps = {WORLD_VSPACE_C}});
}

void make_irq(uint32_t irq)
{
    make_call((struct message){.cptr = SLOT_IRQ_CONTROL,
                               .label = LABEL_IRQ_CONTROL_GET,
                               .length = 3,
                               .words = {irq, WORLD_IRQ, DEPTH},
                               .cap_count = 1,
                               .caps = {ROOT}});
    make_call((struct message){.cptr = WORLD_IRQ,
                               .label = LABEL_IRQ_HANDLER_SET_NOTIFICATION,
                               .cap_count = 1,
                               .caps = {WORLD_SIGNAL_1}});
}

void make_configured(unsigned tcb, uint64_t handler, unsigned cspace, uint64_t guard,
                     unsigned vspace, unsigned frame, unsigned priority)
{
    make_call((struct message){.cptr = tcb,
                               .label = LABEL_TCB_CONFIGURE,
                               .length = 4,
                               .words = {handler, guard, 0, FRAME_VA + 0x1000},
                               .cap_count = 3,
                               .caps = {cspace, vspace, frame}});
    make_call((struct message){.cptr = tcb,
                               .label = LABEL_TCB_SET_SCHED_PARAMS,
                               .length = 2,
                               .words = {priority, priority},
                               .cap_count = 1,
                               .caps = {SLOT_INIT_TCB}});
}

void make_resumed(unsigned tcb)
{
    make_call((struct message){.cptr = tcb, .label = LABEL_TCB_RESUME});
}

void make_root_equal(void)
{
    make_call((struct message){.cptr = SLOT_INIT_TCB,
                               .label = LABEL_TCB_SET_PRIORITY,
                               .length = 1,
                               .words = {PRIORITY},
                               .cap_count = 1,
                               .caps = {SLOT_INIT_TCB}});
}

void make_name(unsigned tcb, const char *name)
{
    diag_name_thread(cpu->diag, cap_object(slots_at(world_root_cnode())[tcb].cap), name);
}
