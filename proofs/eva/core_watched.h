/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Entry points: the remaining debug and benchmark calls, and entries while events are built and
 * utilisation is counted. Included once, by core.c.
 */
#pragma once

static void watch(struct cpu *cpu)
{
    cpu->kernel->benchmark_calls = true;
    cpu->diag->events = true;
    cpu->diag->trace_to = UINT64_MAX;
    cpu->watched = true;
}

/* On a cap of each type and on none; B and C are ready. */
void eva_benchmark(void)
{
    static const int64_t numbers[] = {SYS_BENCHMARK_FLUSH_CACHES,
                                      SYS_BENCHMARK_RESET_LOG,
                                      SYS_BENCHMARK_FINALIZE_LOG,
                                      SYS_BENCHMARK_SET_LOG_BUFFER,
                                      SYS_BENCHMARK_NULL_SYSCALL,
                                      SYS_BENCHMARK_GET_THREAD_UTILISATION,
                                      SYS_BENCHMARK_RESET_THREAD_UTILISATION,
                                      SYS_BENCHMARK_RESET_ALL_UTILISATION};
    struct cpu *cpu = make_state(NOBODY_WAITS, false);
    watch(cpu);
    set_cptr(cpu, 0, UINT64_MAX);
    lookups_kept = 1;
    int i = Frama_C_interval(0, 7);
    //@ split i;
    enter_syscall(cpu, numbers[i]);
}

/* What is printed is one value in each state: no names, the least or the greatest number. */
static void know_numbers(uint64_t number)
{
    static const uint64_t threads[] = {TCB_A, TCB_B, TCB_C};
    for (unsigned i = 0; i < 3; i++) {
        struct tcb *tcb = tcb_at(threads[i]);
        tcb->context.reg[REG_PC] = number;
        tcb->utilisation = (struct utilisation){number, number, number, number};
    }
    the_kernel()->cpus[0].total.time = number;
}
void eva_dump(void)
{
    static const int64_t numbers[] = {SYS_DEBUG_DUMP_SCHEDULER, SYS_BENCHMARK_DUMP_ALL_UTILISATION};
    struct cpu *cpu = make_state(NOBODY_WAITS, false);
    uint64_t greatest = Frama_C_unsigned_long_interval(0, 1);
    //@ split greatest;
    cpu->kernel->benchmark_calls = true;
    know_numbers(0 - greatest);
    int i = Frama_C_interval(0, 1);
    //@ split i;
    enter_syscall(cpu, numbers[i]);
}

/* Every cap as text, zombies and rights to reply among them; badges are the least or the greatest.
 */
void eva_snapshot(void)
{
    struct cpu *cpu;
    uint64_t greatest = Frama_C_unsigned_long_interval(0, 1), badge;
    enum waiting waiting = (enum waiting)Frama_C_interval(NOBODY_WAITS, FAULTED);
    //@ split greatest;
    badge = 0 - greatest;
    //@ split waiting;
    cpu = make_state(waiting, false);
    root_slot(S_FAULTS)->cap = cap_endpoint(ENDPOINTS + 16, badge, RIGHTS_ALL);
    root_slot(S_BADGED)->cap =
        cap_endpoint(ENDPOINTS, badge, (unsigned)Frama_C_interval(0, RIGHTS_ALL));
    root_slot(S_SIGNAL)->cap = cap_notification(NOTIFICATIONS, badge, RIGHT_WRITE);
    root_slot(30)->cap = cap_zombie(INNER, 2, false, 0);
    enter_syscall(cpu, SYS_DEBUG_SNAPSHOT);
}

/* The digest of the whole state, after a Yield. */
void eva_lockstep(void)
{
    struct cpu *cpu = make_state(CALLED, false);
    watch(cpu);
    cpu->diag->lockstep = 1;
    enter_syscall(cpu, SYS_YIELD);
}

/* Faults and interrupts, */
void eva_watched_trap(void)
{
    struct cpu *cpu = make_state(FAULTED, false);
    struct trap trap = {.esr = (uint32_t)any, .far = any};
    enum trap_kind kind = (enum trap_kind)Frama_C_interval(TRAP_DATA_ABORT, TRAP_INTERRUPT);
    //@ split kind;
    trap.kind = kind;
    watch(cpu);
    core_enter(cpu, &trap);
    Frama_C_show_each_returned();
}
/* Signal, Wait and Poll, */
void eva_watched_notification(void)
{
    static const int64_t numbers[] = {SYS_CALL, SYS_SEND, SYS_RECV, SYS_NB_RECV};
    struct cpu *cpu = make_state(CALLED, false);
    watch(cpu);
    set_cptr(cpu, S_NOTIFICATION, S_SIGNAL);
    cpu->current->context.reg[REG_X1] = info_without_caps();
    lookups_kept = 1;
    int i = Frama_C_interval(0, 3);
    //@ split i;
    enter_syscall(cpu, numbers[i]);
}
/* messages, without and with an extra cap, */
void eva_watched_send(void)
{
    struct cpu *cpu = stage(false);
    uint64_t caps = Frama_C_unsigned_long_interval(0, 1);
    watch(cpu);
    receives(thread_b(), ENDPOINTS);
    receives_caps = thread_b();
    //@ split caps;
    some_length(thread_a(), caps);
    use_full_endpoint();
    enter_one_of(cpu, sending, 2);
}
void eva_watched_recv(void)
{
    struct cpu *cpu = stage(false);
    watch(cpu);
    sends(thread_b(), ENDPOINTS, true);
    thread_b()->blocked_grant = true;
    receives_caps = thread_a();
    set_info(thread_b(), 1, 20);
    use_full_endpoint();
    enter_one_of(cpu, receiving, 1);
}
void eva_watched_reply(void)
{
    struct cpu *cpu = stage(false);
    watch(cpu);
    answers(thread_b(), true);
    receives_caps = thread_b();
    set_info(thread_a(), 1, 20);
    use_full_endpoint();
    enter_one_of(cpu, replying, 1);
}
/* invocations that are refused and some that are not. */
ENTRY(watched_calls,
      CALL(CNODE_COPY, CALLED, S_ROOT, watch, .words = 5, .caps = 1, .extra = {S_ROOT},
           .targets = 2, .target = {IN_INNER + 1, EACH}),
      CALL(CNODE_DELETE, CALLED, S_ROOT, watch, .words = 2, .targets = 1, .target = {EACH_THREAD}),
      CALL(ASID_POOL_ASSIGN, CALLED, S_POOL, watch, .caps = 1, .extra = {EACH}),
      CALL(CNODE_COPY, CALLED, S_PAGE, watch))
