/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The fast paths against the ordinary way, case by case: from a random state (states.h) one trap is
 * taken with and without the fast paths. Memory, registers, address space and FP unit must be the
 * same bit by bit. A third run, watched, tells which way the call went: each kind must have gone
 * both often enough.
 */
#include <stdlib.h>

#include "diag.h"
#include "internal.h"
#include "states.h"

enum {
    CASES = 6000
};

static void *state; /* the one before the trap */

/* ---- the trap ---- */

struct trial {
    enum trap_kind kind;
    uint32_t esr;
    uint64_t far;
    unsigned what; /* index of the counters */
};

enum what {
    CALL_PLAIN,
    CALL_LONG,
    CALL_FP,
    REPLY_RECV_PLAIN,
    REPLY_RECV_LONG,
    REPLY_RECV_FP,
    REPLY_RECV_FAULT,
    SEND,
    SEND_LONG,
    SIGNAL,
    YIELD,
    FAULT,
    KINDS
};
static const char *const kind_names[KINDS] = {"Call",
                                              "long Call",
                                              "Call with FP",
                                              "ReplyRecv",
                                              "long ReplyRecv",
                                              "ReplyRecv with FP",
                                              "ReplyRecv to a faulter",
                                              "Send",
                                              "long Send",
                                              "Signal",
                                              "Yield",
                                              "fault"};
static unsigned fast[KINDS], slow[KINDS];

static uint64_t random_length(void)
{
    static const uint8_t edges[] = {0, 1, 3, 4, 5, 6, 119, 120, 121, 127};
    return states_one_in(6)   ? states_below(128)
           : states_one_in(4) ? edges[states_below(sizeof edges)]
                              : states_below(5);
}

static void put_message(unsigned i, int64_t number, unsigned slot)
{
    uint64_t *reg = states_thread(i)->context.reg;
    uint64_t info = states_word() << 9 | random_length();
    reg[REG_X0] = states_name(i, slot) ^ (states_one_in(12) ? 1ull << states_below(64) : 0);
    if (states_one_in(3))
        info %= 512; /* label 0 lets a faulter go on */
    reg[REG_X1] = (states_one_in(2) ? info : info % (1ull << 30)) |
                  (states_one_in(12) ? states_below(4) << 7 : 0);
    for (unsigned j = 0; j < MSG_REGISTERS; j++)
        reg[REG_X2 + j] = states_word();
    reg[REG_X7] = (uint64_t)number;
}

static bool answers_a_fault(const struct tcb *from)
{
    struct cap right = from->slots[TCB_CALLER].cap;
    return !cap_is_null(right) && tcb_of(right)->faulty;
}

/* Which counters a call of this thread goes to. */
static unsigned what_of(const struct tcb *from, int64_t number, unsigned slot)
{
    uint64_t length = msginfo_length(from->context.reg[REG_X1]);
    unsigned form = from->fp_live ? 2 : length > MSG_REGISTERS ? 1 : 0;
    if (number == SYS_CALL)
        return CALL_PLAIN + form;
    if (number == SYS_REPLY_RECV && answers_a_fault(from))
        return REPLY_RECV_FAULT;
    if (number == SYS_REPLY_RECV)
        return REPLY_RECV_PLAIN + form;
    if (number == SYS_YIELD)
        return YIELD;
    if (slot >= 7 && slot <= 9)
        return SIGNAL;
    return length > MSG_REGISTERS ? SEND_LONG : SEND;
}

/* What thread `i`, which runs, does: a system call of `number`, or a fault when that is 0. */
static struct trial random_trial(unsigned i, int64_t number)
{
    unsigned slot = states_one_in(6)           ? (unsigned)states_below(STATES_SLOTS)
                    : number == SYS_REPLY_RECV ? states_receiving_slot()
                                               : states_calling_slot();
    if (number == 0) {
        struct trap fault = states_fault();
        return (struct trial){fault.kind, fault.esr, fault.far, FAULT};
    }
    if (number == SYS_SEND && states_one_in(2))
        slot = 7 + (unsigned)states_below(2);
    put_message(i, number, slot);
    return (struct trial){
        .kind = TRAP_SYSCALL, .esr = 0x56000000, .what = what_of(states_thread(i), number, slot)};
}

/* ---- the comparison ---- */

struct end {
    struct machine_hash memory;
    struct fp_state fp;
    uint64_t root;
    uint16_t asid;
    bool fpu;
    const struct context *next;
    uint64_t entries;
};

static void run_case(const struct trial *t, bool fast_on, bool watched, struct end *end)
{
    machine_restore(state);
    uint64_t entries = fx.cpu->diag->entries;
    fx.cpu->fast = fast_on;
    fx.cpu->watched = watched;
    fx_trap(t->kind, t->esr, t->far);
    fx.cpu->fast = fx.cpu->watched = false;
    fx_check(__FILE__, __LINE__);
    memset(end, 0, sizeof *end); /* padding too */
    end->memory = machine_hash();
    end->fp = machine.model.fp;
    end->root = machine.model.root;
    end->asid = machine.model.asid;
    end->fpu = machine.model.fpu;
    end->next = core_current(fx.cpu);
    end->entries = fx.cpu->diag->entries - entries;
}

/* Says where two runs of a case differ. */
static void explain(const struct trial *t, const struct end *a, const struct end *b)
{
    static uint64_t words[STATES_RAM / 8];
    const uint64_t start = machine.platform.ram[0].start;
    struct end ignored;
    print_error("fpu %d %d, space 0x%llx 0x%llx, asid %u %u, next %p %p\n", a->fpu, b->fpu,
                (unsigned long long)a->root, (unsigned long long)b->root, a->asid, b->asid,
                (const void *)a->next, (const void *)b->next);
    run_case(t, false, false, &ignored);
    for (unsigned i = 0; i < STATES_RAM / 8; i++)
        words[i] = arena_read64(start + i * 8ull);
    run_case(t, true, false, &ignored);
    for (unsigned i = 0; i < STATES_RAM / 8; i++)
        if (words[i] != arena_read64(start + i * 8ull))
            print_error("0x%llx: ordinary 0x%llx, fast 0x%llx\n",
                        (unsigned long long)(start + i * 8ull), (unsigned long long)words[i],
                        (unsigned long long)arena_read64(start + i * 8ull));
    for (unsigned i = 0; i < STATES_THREADS; i++)
        print_error("thread %u at 0x%llx\n", i, (unsigned long long)pa_of(states_thread(i)));
}

static void compare(unsigned n, const struct trial *t)
{
    struct end ordinary, quick, watched;
    run_case(t, false, false, &ordinary);
    run_case(t, true, false, &quick);
    run_case(t, true, true, &watched);
    bool went_slowly = watched.entries != 0;
    ordinary.entries = quick.entries = watched.entries = 0;
    if (memcmp(&ordinary, &quick, sizeof quick) != 0) {
        explain(t, &ordinary, &quick);
        fail_msg("case %u, %s: the fast path ends in another state", n, kind_names[t->what]);
    }
    if (memcmp(&watched, &ordinary, sizeof ordinary) != 0)
        fail_msg("case %u, %s: watching changes the state", n, kind_names[t->what]);
    if (went_slowly)
        slow[t->what]++;
    else
        fast[t->what]++;
}

static void both_ways_end_in_the_same_state(void **unused)
{
    unsigned taken = 0, all = 0;
    (void)unused;
    state = malloc(machine_snapshot_bytes());
    for (unsigned n = 0; n < CASES; n++) {
        int64_t number;
        int runs = states_build(n, &number);
        if (runs < 0)
            continue;
        struct trial t = random_trial((unsigned)runs, number);
        machine_snapshot(state);
        compare(n, &t);
    }
    free(state);
    for (unsigned i = 0; i < KINDS; i++) {
        print_message("%-22s %5u fast, %5u ordinary\n", kind_names[i], fast[i], slow[i]);
        if (i == FAULT)
            continue; /* a watched fault never goes the fast way */
        taken += fast[i];
        all += fast[i] + slow[i];
        assert_true(fast[i] >= 20 && slow[i] >= 20);
    }
    assert_true(all > CASES / 2);
    assert_true(taken * 10 >= all * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_ways_end_in_the_same_state, states_setup,
                                        states_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
