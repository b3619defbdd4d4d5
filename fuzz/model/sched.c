/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Scheduling and domains (abi/scheduling.md). One array per domain holds all ready threads,
 * priorities descending and, within one priority, in queue order.
 */
#include "model.h"

bool m_runnable(const struct m_thread *t)
{
    return t->state == M_RUNNING || t->state == M_RESTART;
}

/* ---- the ready arrays ---- */

static void put(struct model *m, struct m_thread *t, bool head)
{
    struct m_queue *q = &m->s.ready[t->domain];
    unsigned at = 0;
    if (t->queued)
        return;
    for (; at < q->count; at++) {
        uint8_t other = m->s.thread[q->thread[at]].priority;
        if (other < t->priority || (head && other == t->priority))
            break;
    }
    for (unsigned i = q->count++; i > at; i--)
        q->thread[i] = q->thread[i - 1];
    q->thread[at] = m_index(m, t);
    t->queued = true;
}

void m_ready_head(struct model *m, struct m_thread *t)
{
    put(m, t, true);
}
void m_ready_tail(struct model *m, struct m_thread *t)
{
    put(m, t, false);
}

void m_unready(struct model *m, struct m_thread *t)
{
    struct m_queue *q = &m->s.ready[t->domain];
    unsigned at = 0;
    if (!t->queued)
        return;
    while (q->thread[at] != m_index(m, t))
        at++;
    q->count--;
    for (; at < q->count; at++)
        q->thread[at] = q->thread[at + 1];
    t->queued = false;
}

/* ---- wake-ups (§3) ---- */

void m_force_choice(struct model *m)
{
    if (m->s.candidate)
        m_ready_head(m, &m->s.thread[m->s.candidate]);
    m->s.candidate = 0;
    m->s.choose = true;
}

void m_wake(struct model *m, struct m_thread *t)
{
    if (t->domain != m->s.domain) {
        m_ready_head(m, t);
    } else if (m->s.candidate || m->s.choose) {
        m_force_choice(m);
        m_ready_head(m, t);
    } else {
        m->s.candidate = m_index(m, t);
    }
}

void m_set_priority(struct model *m, struct m_thread *t, uint8_t priority)
{
    m_unready(m, t);
    t->priority = priority;
    if (!m_runnable(t))
        return;
    if (m_index(m, t) == m->s.current)
        m_force_choice(m);
    else
        m_wake(m, t);
}

void m_set_domain(struct model *m, struct m_thread *t, uint8_t domain)
{
    m_unready(m, t);
    t->domain = domain;
    if (m_index(m, t) == m->s.current)
        m_force_choice(m);
    else if (m_runnable(t))
        m_ready_head(m, t);
}

/* ---- time ---- */

/* §5: the entry after the current one, or the start when that is an end marker. */
void m_next_domain(struct model *m)
{
    uint64_t next = m->s.domain_index + 1;
    if (next >= m->config.schedules || m->s.schedule[next].duration == 0)
        next = m->s.domain_start;
    m->s.domain_index = next;
    m->s.domain = (uint8_t)m->s.schedule[next].domain;
    m->s.domain_time = m->s.schedule[next].duration;
    m_force_choice(m);
}

void m_tick(struct model *m)
{
    struct m_thread *t = m_current(m);
    if (m->s.current && m_runnable(t)) {
        if (t->slice > 1) {
            t->slice--;
        } else {
            t->slice = m->config.slice;
            m_ready_tail(m, t);
            m_force_choice(m);
        }
    }
    if (m->config.domains > 1 && --m->s.domain_time == 0) {
        if (m->s.current && m_runnable(t))
            m_ready_head(m, t);
        m_next_domain(m);
    }
}

/* ---- the choice at kernel exit ---- */

static void run(struct model *m, uint8_t index)
{
    struct m_thread *t = &m->s.thread[index];
    m->s.current = index;
    if (index == 0)
        return;
    m_unready(m, t);
    if (t->state == M_RESTART)
        t->next_pc = t->reg[REG_PC];
    t->state = M_RUNNING;
}

static uint8_t highest(const struct model *m)
{
    const struct m_queue *q = &m->s.ready[m->s.domain];
    return q->count ? q->thread[0] : 0;
}

/* Who of candidate and the rest runs; the table of §3. */
static uint8_t judge_candidate(struct model *m, bool was_runnable)
{
    struct m_thread *c = &m->s.thread[m->s.candidate];
    const struct m_thread *r = m->s.current ? m_current(m) : NULL;
    const struct m_thread *best;
    if (was_runnable) {
        if (c->priority > r->priority)
            return m->s.candidate;
        if (c->priority == r->priority)
            m_ready_tail(m, c);
        else
            m_ready_head(m, c);
        return highest(m);
    }
    if (r && c->priority >= r->priority)
        return m->s.candidate;
    best = &m->s.thread[highest(m)];
    if (!highest(m) || best->priority <= c->priority)
        return m->s.candidate;
    m_ready_head(m, c);
    return highest(m);
}

void m_schedule(struct model *m)
{
    bool was_runnable = m->s.current && m_runnable(m_current(m));
    uint8_t next = m->s.current;
    if (m->s.candidate || m->s.choose || !was_runnable) {
        if (was_runnable)
            m_ready_head(m, m_current(m));
        next = m->s.candidate ? judge_candidate(m, was_runnable) : highest(m);
    }
    m->s.candidate = 0;
    m->s.choose = false;
    run(m, next);
}
