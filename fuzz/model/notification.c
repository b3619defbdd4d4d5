/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Notifications (abi/syscalls.md §6). A record exists while one is active or bound.
 */
#include "model.h"

struct m_notification *m_notification_of(struct model *m, uint64_t addr, bool make)
{
    struct m_notification *all = m->s.notification;
    for (unsigned i = 0; i < m->s.notifications; i++)
        if (all[i].addr == addr)
            return &all[i];
    if (!make)
        return NULL;
    if (m->s.notifications == M_NOTIFICATIONS) {
        m->s.gave_up = true;
        m->s.notifications--;
    }
    all[m->s.notifications] = (struct m_notification){.addr = addr};
    return &all[m->s.notifications++];
}

void m_drop_notification(struct model *m, uint64_t addr)
{
    struct m_notification *n = m_notification_of(m, addr, false);
    if (n)
        *n = m->s.notification[--m->s.notifications];
}

static void drop_if_idle(struct model *m, const struct m_notification *n)
{
    if (!n->active && !n->bound)
        m_drop_notification(m, n->addr);
}

static void deliver(struct model *m, struct m_thread *t, uint64_t word)
{
    m_unwait(m, t);
    t->reg[REG_X0] = word;
    t->state = M_RUNNING;
    m_wake(m, t);
}

void m_signal(struct model *m, uint64_t addr, uint64_t badge)
{
    struct m_thread *waiter = m_first_waiter(m, addr, M_BLOCKED_NOTIFICATION);
    struct m_notification *n = m_notification_of(m, addr, false);
    if (waiter) {
        deliver(m, waiter, badge);
        return;
    }
    if (n && !n->active && n->bound) {
        struct m_thread *bound = m_thread_of(m, n->bound);
        if (bound->state == M_BLOCKED_RECEIVE) {
            deliver(m, bound, badge);
            return;
        }
    }
    n = m_notification_of(m, addr, true);
    n->word = n->active ? n->word | badge : badge;
    n->active = true;
}

bool m_take_signal(struct model *m, struct m_thread *t, uint64_t addr)
{
    struct m_notification *n = m_notification_of(m, addr, false);
    if (!n || !n->active)
        return false;
    t->reg[REG_X0] = n->word;
    n->active = false;
    n->word = 0;
    drop_if_idle(m, n);
    return true;
}

void m_receive_signal(struct model *m, struct m_thread *t, uint64_t addr, bool blocking)
{
    if (m_take_signal(m, t, addr))
        return;
    if (blocking)
        m_wait(m, t, addr, M_BLOCKED_NOTIFICATION);
    else
        t->reg[REG_X0] = 0;
}

void m_bind(struct model *m, struct m_thread *t, uint64_t addr)
{
    m_notification_of(m, addr, true)->bound = t->addr;
    t->notification = addr;
}

void m_unbind(struct model *m, struct m_thread *t)
{
    struct m_notification *n;
    if (!t->notification)
        return;
    n = m_notification_of(m, t->notification, true);
    n->bound = 0;
    drop_if_idle(m, n);
    t->notification = 0;
}
