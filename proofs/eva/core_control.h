/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Entry points: what threads are made of, domains, interrupts. Included once, by core.c.
 */
#pragma once

/* ---- TCB_Configure, SetSpace, SetIPCBuffer: of the running thread (A), another (B) ---- */

/* Thread B has a mapped buffer, and a CSpace of its own, the only cap of its CNode or not. */
static void own_cspace(struct cpu *cpu)
{
    struct tcb *b = tcb_at(TCB_B);
    int sole = Frama_C_interval(0, 1);
    //@ split sole;
    cdt_remove(&b->slots[TCB_CSPACE]);
    cdt_remove(&b->slots[TCB_IPC_BUFFER]);
    cdt_insert_copy(root_slot(S_INNER), &b->slots[TCB_CSPACE], root_slot(S_INNER)->cap);
    cdt_insert_copy(root_slot(S_PAGE), &b->slots[TCB_IPC_BUFFER], root_slot(S_PAGE)->cap);
    if (sole)
        cdt_remove(root_slot(S_INNER));
    (void)cpu;
}

#define CONFIGURE(thread, how, ...)                                                                \
    CALL(TCB_CONFIGURE, CALLED, thread, how, .words = 4, .caps = 3, .extra = {__VA_ARGS__})
ENTRY(configure, CONFIGURE(S_TCB_B, NULL, EACH, S_SPACE, S_BUFFER),
      CONFIGURE(S_TCB_B, NULL, S_ROOT, EACH, S_BUFFER),
      CONFIGURE(S_TCB_B, NULL, S_ROOT, S_SPACE, EACH))
ENTRY(configure_self, CONFIGURE(S_TCB_A, NULL, S_ROOT, S_SPACE, S_PAGE),
      CONFIGURE(S_TCB_B, own_cspace, S_ROOT, S_SPACE, S_BUFFER),
      CALL(TCB_SET_SPACE, CALLED, S_TCB_B, own_cspace, .words = 3, .caps = 2,
           .extra = {S_INNER, S_SPACE}),
      CALL(TCB_SET_SPACE, CALLED, S_TCB_A, NULL, .words = 3, .caps = 2, .extra = {S_INNER, EACH}),
      CALL(TCB_SET_IPC_BUFFER, CALLED, S_TCB_A, NULL, .words = 1, .caps = 1, .extra = {EACH}))

/* ---- DomainSet ---- */

static void each_domain(struct cpu *cpu)
{
    uint64_t domain = Frama_C_unsigned_long_interval(0, 2);
    //@ split domain;
    set_word(cpu, 0, domain < 2 ? domain : Frama_C_unsigned_long_interval(2, UINT64_MAX));
}
/* Entry 1 of the schedule is of the other domain, with a thread or none; any duration. */
static void two_entries(struct cpu *cpu)
{
    int ready = Frama_C_interval(0, 1);
    //@ split ready;
    cpu->kernel->schedule[1] = (struct domain_entry){1, any};
    if (ready)
        sched_set_domain(cpu, tcb_at(TCB_B), 1);
    each_domain(cpu);
}
#define DOMAIN_SET(state)                                                                          \
    CALL(DOMAIN_SET_SET, state, S_DOMAIN, each_domain, .words = 1, .caps = 1,                      \
         .extra = {EACH_THREAD})
ENTRY(domain, DOMAIN_SET(NOBODY_WAITS), DOMAIN_SET(CALLED),
      CALL(DOMAIN_SET_SET, CALLED, S_DOMAIN, NULL, .words = 1, .caps = 1, .extra = {S_PAGE}),
      CALL(DOMAIN_SET_SCHEDULE_CONFIGURE, CALLED, S_DOMAIN, two_entries, .words = 3),
      CALL(DOMAIN_SET_SCHEDULE_SET_START, NOBODY_WAITS, S_DOMAIN, two_entries, .words = 1))

/* ---- IRQHandler_SetNotification ---- */

#define SET_NOTIFICATION(state, how)                                                               \
    CALL(IRQ_HANDLER_SET_NOTIFICATION, state, S_IRQ, how, .caps = 1, .extra = {EACH})
ENTRY(set_notification, SET_NOTIFICATION(CALLED, NULL), SET_NOTIFICATION(FAULTED, arm_irq))
