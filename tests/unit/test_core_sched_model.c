/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The scheduler against a naive model that keeps lists, under random operations: same current
 * thread and same queues after every one (abi/scheduling.md §2 to §4, §6).
 */
#include "core_fixture.h"
#include "sched.h"

enum {
    ROOT = SLOT_INIT_CNODE
};

/* A thread and what it waits on. */
struct actor {
    uint64_t slot;
    struct tcb *tcb;
};

static struct actor actor(unsigned priority)
{
    struct actor a = {.slot = fx_thread(priority, true)};
    a.tcb = fx_tcb(a.slot);
    return a;
}

static void tick(void)
{
    uint64_t at;
    assert_true(machine_next_event(&at));
    machine_advance(at - machine_now());
    fx_trap(TRAP_INTERRUPT, 0, 0);
}

enum {
    THREADS = 6,
    PRIORITIES = 3,
    STEPS = 4000
};

struct model {
    int order[PRIORITIES][THREADS]; /* ready ones, first to run first */
    int count[PRIORITIES];
    int priority[THREADS]; /* index */
    enum {
        READY, /* or current */
        WAITING,
        STOPPED
    } state[THREADS];
    bool active[THREADS]; /* the thread's notification */
    int slice[THREADS];
    int current; /* -1 = idle */
    int candidate;
    bool choose;
};

static const unsigned levels[PRIORITIES] = {10, 70, 130}; /* in three words of the bitmap */
static struct model m;
static struct actor actors[THREADS];
static uint64_t notifications[THREADS];

static void m_remove(int t)
{
    int p = m.priority[t];
    for (int i = 0; i < m.count[p]; i++)
        if (m.order[p][i] == t) {
            memmove(&m.order[p][i], &m.order[p][i + 1],
                    (size_t)(m.count[p] - i - 1) * sizeof m.order[p][0]);
            m.count[p]--;
            return;
        }
}

static void m_head(int t)
{
    int p = m.priority[t];
    m_remove(t);
    memmove(&m.order[p][1], &m.order[p][0], (size_t)m.count[p] * sizeof m.order[p][0]);
    m.order[p][0] = t;
    m.count[p]++;
}

static void m_tail(int t)
{
    m_remove(t);
    m.order[m.priority[t]][m.count[m.priority[t]]++] = t;
}

static int m_best(void)
{
    for (int p = PRIORITIES - 1; p >= 0; p--)
        if (m.count[p])
            return m.order[p][0];
    return -1;
}

static void m_run(int t)
{
    if (t >= 0)
        m_remove(t);
    m.current = t;
}

/* §3, first table, as it stands there. `resumed`: C stands at the head of its queue already. */
static void m_exit(bool resumed)
{
    int c = m.candidate, r = m.current;
    bool runnable = r >= 0 && m.state[r] == READY;
    m.candidate = -1;
    if (c < 0 && runnable && !m.choose)
        return;
    bool choose = m.choose;
    m.choose = false;
    if (c < 0 || choose) {
        if (runnable && m_best() != r && !choose)
            m_head(r);
        m_run(m_best());
        return;
    }
    int cp = m.priority[c], rp = r >= 0 ? m.priority[r] : PRIORITIES;
    if (runnable && cp > rp) {
        m_head(r);
        m_run(c);
    } else if (runnable && cp == rp) {
        if (!resumed)
            m_tail(c);
    } else if (runnable) {
        m_head(c);
    } else if (cp >= rp || m_best() < 0 || m.priority[m_best()] <= cp) {
        m_run(c);
    } else {
        m_head(c);
        m_run(m_best());
    }
}

static void m_compare(unsigned step)
{
    const struct tcb *current = m.current < 0 ? NULL : actors[m.current].tcb;
    if (fx.cpu->current != current)
        fail_msg("step %u: another thread runs than in the model", step);
    for (int p = 0; p < PRIORITIES; p++) {
        const struct tcb *tcb = fx.cpu->kernel->ready[0].queue[levels[p]].head;
        for (int i = 0; i < m.count[p]; i++, tcb = tcb->ready_next)
            if (tcb != actors[m.order[p][i]].tcb)
                fail_msg("step %u: queue %d differs at %d", step, p, i);
        assert_null(tcb);
    }
}

static uint64_t seed;

static int random_below(int n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (int)((seed >> 33) % (uint64_t)n);
}

static void step_signal(int t)
{
    if (m.state[t] == WAITING) {
        m.state[t] = READY;
        m.candidate = t;
    } else {
        m.active[t] = true;
    }
    fx_signal(notifications[t]);
    m_exit(false);
}

static void step_wait(void)
{
    int t = m.current;
    if (m.active[t])
        m.active[t] = false;
    else
        m.state[t] = WAITING;
    fx_recv(notifications[t]);
    m_exit(false);
}

static void step_yield(void)
{
    m_tail(m.current);
    m.choose = true;
    fx_yield();
    m_exit(false);
}

static void step_tick(void)
{
    int t = m.current;
    if (t >= 0 && --m.slice[t] == 0) {
        m.slice[t] = 5;
        m_tail(t);
        m.choose = true;
    }
    tick();
    m_exit(false);
}

static void step_suspend(int t)
{
    m_remove(t);
    m.state[t] = STOPPED;
    fx_syscall(SYS_CALL, actors[t].slot, LABEL_TCB_SUSPEND, W(), C());
    m_exit(false);
}

static void step_resume(int t)
{
    if (m.state[t] != READY) {
        m.state[t] = READY;
        m_head(t);
        m.candidate = t;
    }
    fx_syscall(SYS_CALL, actors[t].slot, LABEL_TCB_RESUME, W(), C());
    m_exit(true);
}

static void step_priority(int t, int p)
{
    bool ready = m.state[t] == READY;
    m_remove(t);
    m.priority[t] = p;
    if (ready && t == m.current) {
        m_head(t);
        m.choose = true;
    } else if (ready) {
        m.candidate = t;
    }
    fx_syscall(SYS_CALL, actors[t].slot, LABEL_TCB_SET_PRIORITY, W(levels[p]), C(SLOT_INIT_TCB));
    m_exit(false);
}

static void one_random_step(void)
{
    int other = random_below(THREADS);
    if (m.current < 0) { /* an interrupt wakes thread 0 if it waits */
        machine_irq_pulse(40);
        if (m.state[0] == WAITING) {
            m.state[0] = READY;
            m.candidate = 0;
        } else {
            m.active[0] = true;
        }
        fx_trap(TRAP_INTERRUPT, 0, 0);
        hal_irq_release(40);
        m_exit(false);
        return;
    }
    switch (random_below(12)) {
    case 0:
    case 1:
    case 2: step_signal(other); break;
    case 3:
    case 4: step_wait(); break;
    case 5: step_yield(); break;
    case 6:
    case 7: step_tick(); break;
    case 8: step_suspend(other); break;
    case 9:
    case 10: step_resume(other); break;
    default: step_priority(other, random_below(PRIORITIES));
    }
}

/* Idle for good: thread 0 is neither waiting nor ready. */
static void start_over(void)
{
    if (m.current >= 0 || m.state[0] != STOPPED)
        return;
    m.state[0] = READY;
    sched_wake(fx.cpu, (actors[0].tcb->state = THREAD_RESTART, actors[0].tcb));
    sched_finish(fx.cpu);
    m.current = 0;
}

static void against_the_model(void **unused)
{
    uint64_t handler = fx_slot();
    (void)unused;
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET_TRIGGER, W(40, 1, handler, FX_DEPTH), C(ROOT));
    m = (struct model){.candidate = -1, .current = -1};
    for (int i = 0; i < THREADS; i++) {
        m.priority[i] = i % PRIORITIES;
        m.slice[i] = 5;
        actors[i] = actor(levels[m.priority[i]]);
        notifications[i] = fx_new(OBJECT_NOTIFICATION, 0);
        m_head(i); /* TCB_Resume puts it there */
    }
    OK(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, W(), C(notifications[0]));
    fx_syscall(SYS_CALL, SLOT_INIT_TCB, LABEL_TCB_SUSPEND, W(), C());
    m_run(m_best());
    m_compare(0);
    for (unsigned step = 1; step < STEPS; step++) {
        fx.unchecked = step % 16 != 0;
        one_random_step();
        start_over();
        m_compare(step);
    }
}

static void current_thread_is_in_no_queue(void **unused)
{
    struct actor a = actor(255);
    (void)unused; /* abi/scheduling.md §1 */
    assert_true(!fx.root->queued && a.tcb->queued);
    fx_yield();
    assert_ptr_equal(fx.cpu->current, a.tcb);
    assert_true(fx.root->queued && !a.tcb->queued);
}

int main(void)
{
    const struct CMUnitTest tests[] = {FX_CASE(against_the_model),
                                       FX_CASE(current_thread_is_in_no_queue)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
