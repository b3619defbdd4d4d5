/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Deletion, finalisation and revocation (abi/objects.md §3.4, §3.5), each as one step.
 */
#include "model.h"

/* ---- records of CNodes ---- */

void m_add_node(struct model *m, uint64_t addr, uint8_t bits)
{
    for (unsigned i = 0; i < m->s.nodes; i++)
        if (m->s.node[i].addr == addr)
            return;
    if (m->s.nodes == M_NODES)
        m->s.gave_up = true;
    else
        m->s.node[m->s.nodes++] = (struct m_node){addr, bits};
}

void m_drop_node(struct model *m, uint64_t addr)
{
    for (unsigned i = 0; i < m->s.nodes; i++)
        if (m->s.node[i].addr == addr)
            m->s.node[i] = m->s.node[--m->s.nodes];
}

/* ---- threads and CNodes: everything inside goes first ---- */

/* Slots of the object behind a zombie, last to first; the zombie counts what is left. */
static void empty_slots(struct model *m, uint16_t slot)
{
    struct m_cap zombie = m_cap_of(m, slot);
    uint16_t base = m_slot_at(m, zombie.object);
    if (zombie.bits == 0)
        base = (uint16_t)(base + m->config.thread_slots);
    m_touch(m, slot)->cap.busy = true;
    for (uint64_t i = zombie.data; i-- > 0;) {
        uint16_t inner = (uint16_t)(base + i);
        if (!m->slot[inner].cap.busy)
            m_delete(m, inner);
    }
}

static void drop_thread(struct model *m, uint64_t addr)
{
    struct m_thread *t = m_thread_of(m, addr);
    uint8_t index = m_index(m, t);
    t->addr = 0;
    if (m->s.current == index)
        m->s.current = 0;
}

static void make_zombie(struct model *m, uint16_t slot)
{
    struct m_cap *cap = &m_touch(m, slot)->cap;
    bool node = cap->type == CAP_CNODE;
    if (!node) {
        struct m_thread *t = m_thread_of(m, cap->object);
        m_unbind(m, t);
        m_suspend(m, t);
    }
    cap->type = CAP_ZOMBIE;
    cap->data = node ? 1ull << cap->bits : M_THREAD_SLOTS;
    if (!node)
        cap->bits = 0;
}

static void finish_zombie(struct model *m, uint16_t slot)
{
    struct m_cap cap = m_cap_of(m, slot);
    empty_slots(m, slot);
    if (cap.bits == 0)
        drop_thread(m, cap.object);
    else
        m_drop_node(m, cap.object);
}

/* ---- one cap ---- */

static void finalise_notification(struct model *m, uint64_t addr)
{
    struct m_notification *n = m_notification_of(m, addr, false);
    if (n && n->bound)
        m_unbind(m, m_thread_of(m, n->bound));
    m_wake_all(m, addr);
    m_drop_notification(m, addr);
}

static void finalise_pool(struct model *m, const struct m_cap *cap)
{
    if (m->s.pools[cap->data] == cap->object)
        m->s.pools[cap->data] = 0;
}

static void finalise_irq(struct model *m, uint64_t irq)
{
    m_delete(m, m_irq_slot(irq));
    m->s.irq_issued[irq] = false;
    m->s.irq_masked[irq] = true;
}

static void finalise(struct model *m, uint16_t slot)
{
    struct m_cap cap = m_cap_of(m, slot);
    switch (cap.type) {
    case CAP_ENDPOINT: m_wake_all(m, cap.object); break;
    case CAP_NOTIFICATION: finalise_notification(m, cap.object); break;
    case CAP_PAGE_TABLE: m_unlink_table(m, &cap); break;
    case CAP_VSPACE: m_clear_asid(m, &cap); break;
    case CAP_ASID_POOL: finalise_pool(m, &cap); break;
    case CAP_IRQ_HANDLER: finalise_irq(m, cap.object); break;
    case CAP_REPLY: m_thread_of(m, cap.object)->reply_slot = 0; break;
    case CAP_CNODE:
    case CAP_TCB:
        make_zombie(m, slot);
        finish_zombie(m, slot);
        break;
    case CAP_ZOMBIE: finish_zombie(m, slot); break;
    default: break;
    }
}

void m_delete(struct model *m, uint16_t slot)
{
    struct m_cap cap = m_cap_of(m, slot);
    if (cap.type == CAP_FRAME)
        m_unmap_frame(m, &cap);
    if (cap.type != CAP_NULL && m_is_final(m, slot))
        finalise(m, slot);
    m_remove(m, slot);
}

/* The next entry as long as it is a descendant; the slot itself may go on the way. */
void m_revoke(struct model *m, uint16_t slot)
{
    while (m->slot[slot].child)
        m_delete(m, m->slot[slot].child);
}
