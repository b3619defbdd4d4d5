/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Slots and the derivation tree (abi/objects.md §3): an explicit tree whose pre-order is the
 * ordered list of the documents.
 */
#include "model.h"

/* ---- links ---- */

static uint16_t *first_link(struct model *m, uint16_t slot)
{
    uint16_t parent = m->slot[slot].parent;
    return parent ? &m_touch(m, parent)->child : NULL;
}

/* Puts `slot` where `at` of the same parent stands; 0 = at the end after `prev`. */
static void link_between(struct model *m, uint16_t slot, uint16_t parent, uint16_t prev,
                         uint16_t next)
{
    struct m_slot *s = m_touch(m, slot);
    s->parent = parent;
    s->prev = prev;
    s->next = next;
    if (prev)
        m_touch(m, prev)->next = slot;
    else if (parent)
        m_touch(m, parent)->child = slot;
    if (next)
        m_touch(m, next)->prev = slot;
}

uint16_t m_list_next(const struct model *m, uint16_t slot)
{
    const struct m_slot *s = &m->slot[slot];
    if (s->child)
        return s->child;
    while (slot && !m->slot[slot].next)
        slot = m->slot[slot].parent;
    return slot ? m->slot[slot].next : 0;
}

uint16_t m_list_prev(const struct model *m, uint16_t slot)
{
    uint16_t at = m->slot[slot].prev;
    if (!at)
        return m->slot[slot].parent;
    while (m->slot[at].child) {
        at = m->slot[at].child;
        while (m->slot[at].next)
            at = m->slot[at].next;
    }
    return at;
}

/* ---- operations ---- */

/* Directly after the entry of `source`: its first child when the source is revocable, else its next
 * sibling (a cap that is not revocable has no children). Without a source: alone. */
void m_insert(struct model *m, uint16_t slot, struct m_cap cap, uint16_t source)
{
    struct m_slot *s = m_touch(m, slot);
    *s = (struct m_slot){.cap = cap};
    if (!source)
        return;
    const struct m_slot *from = &m->slot[source];
    if (from->cap.revocable)
        link_between(m, slot, source, 0, from->child);
    else
        link_between(m, slot, from->parent, source, from->next);
}

static void point_to(struct model *m, uint16_t old, uint16_t slot)
{
    const struct m_slot s = m->slot[old];
    uint16_t *first = first_link(m, old);
    if (s.prev)
        m_touch(m, s.prev)->next = slot;
    else if (first)
        *first = slot;
    if (s.next)
        m_touch(m, s.next)->prev = slot;
    for (uint16_t c = s.child; c; c = m->slot[c].next)
        m_touch(m, c)->parent = slot;
}

static void note_reply(struct model *m, uint16_t slot)
{
    const struct m_cap *cap = &m->slot[slot].cap;
    if (cap->type == CAP_REPLY)
        m_thread_of(m, cap->object)->reply_slot = slot;
}

/* Position, children and flags go with the cap. */
void m_move(struct model *m, uint16_t from, uint16_t to, struct m_cap cap)
{
    point_to(m, from, to);
    *m_touch(m, to) = m->slot[from];
    *m_touch(m, from) = (struct m_slot){0};
    cap.revocable = m->slot[to].cap.revocable;
    cap.first_badged = m->slot[to].cap.first_badged;
    m->slot[to].cap = cap;
    note_reply(m, to);
}

/* By way of a slot that is nobody's. */
void m_swap(struct model *m, uint16_t a, struct m_cap cap_a, uint16_t b, struct m_cap cap_b)
{
    m_move(m, a, M_SPARE_SLOT, cap_a);
    m_move(m, b, a, cap_b);
    m_move(m, M_SPARE_SLOT, b, cap_a);
}

/* Empties the slot: its children take its place, in order. */
void m_remove(struct model *m, uint16_t slot)
{
    const struct m_slot s = m->slot[slot];
    uint16_t after = m_list_next(m, slot);
    if (s.cap.type == CAP_NULL)
        return;
    if (s.cap.first_badged && after)
        m_touch(m, after)->cap.first_badged = true;
    uint16_t last = s.prev;
    for (uint16_t c = s.child, next; c; c = next) {
        next = m->slot[c].next;
        link_between(m, c, s.parent, last, s.next);
        last = c;
    }
    if (!s.child) {
        uint16_t *first = first_link(m, slot);
        if (s.prev)
            m_touch(m, s.prev)->next = s.next;
        else if (first)
            *first = s.next;
        if (s.next)
            m_touch(m, s.next)->prev = s.prev;
    }
    *m_touch(m, slot) = (struct m_slot){0};
}

/* ---- questions ---- */

/* The same object, as far as the last cap to it matters (abi/objects.md §3.5). */
bool m_same_object(const struct m_cap *a, const struct m_cap *b)
{
    if (a->type != b->type || a->object != b->object)
        return false;
    switch (a->type) {
    case CAP_NULL:
    case CAP_UNTYPED:
    case CAP_IRQ_CONTROL:
    case CAP_REPLY:
    case CAP_ZOMBIE: return false;
    case CAP_FRAME: return a->bits == b->bits;
    case CAP_SGI_SIGNAL: return a->data == b->data;
    default: return true;
    }
}

bool m_is_final(const struct model *m, uint16_t slot)
{
    uint16_t prev = m_list_prev(m, slot), next = m_list_next(m, slot);
    const struct m_cap *cap = &m->slot[slot].cap;
    return !(prev && m_same_object(&m->slot[prev].cap, cap)) &&
           !(next && m_same_object(&m->slot[next].cap, cap));
}

/* ---- derivation ---- */

static bool is_revocable(const struct m_cap *cap, const struct m_cap *source)
{
    switch (cap->type) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_SMC: return cap->data != source->data;
    case CAP_IRQ_HANDLER:
    case CAP_SGI_SIGNAL: return source->type == CAP_IRQ_CONTROL;
    case CAP_UNTYPED: return true;
    default: return false;
    }
}

void m_insert_derived(struct model *m, uint16_t slot, struct m_cap cap, uint16_t source)
{
    struct m_cap *from = &m_touch(m, source)->cap;
    if (cap.type == CAP_UNTYPED && from->type == CAP_UNTYPED)
        from->data = 1ull << from->bits;
    cap.revocable = cap.first_badged = is_revocable(&cap, from);
    m_insert(m, slot, cap, source);
}

/* abi/syscalls.md §4.1: `cap` stands for what is in `source`. False with the error set; a null cap
 * when nothing is derived. */
bool m_derive(struct model *m, uint16_t source, struct m_cap cap, struct m_cap *out)
{
    *out = cap;
    switch (cap.type) {
    case CAP_UNTYPED: return !m->slot[source].child || m_fail(m, ERROR_REVOKE_FIRST);
    case CAP_FRAME:
        out->asid = 0;
        out->data = 0;
        return true;
    case CAP_PAGE_TABLE:
    case CAP_VSPACE: return cap.asid || m_fail(m, ERROR_ILLEGAL_OPERATION);
    case CAP_IRQ_CONTROL:
    case CAP_REPLY:
    case CAP_ZOMBIE: *out = (struct m_cap){0}; return true;
    default: return true;
    }
}

/* Badge or guard word (abi/invocations.md §5.1); `preserve`: Mutate and Rotate. */
bool m_apply_data(struct m_cap *cap, uint64_t data, bool preserve)
{
    uint64_t size = data & ((1 << GUARD_SIZE_BITS) - 1);
    switch (cap->type) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_SMC:
        if (preserve || cap->data != 0)
            return false;
        cap->data = data;
        return true;
    case CAP_CNODE:
        if (size + cap->bits > WORD_BITS)
            return false;
        cap->guard_size = (uint8_t)size;
        cap->data = data >> GUARD_SIZE_BITS & (size ? ~0ull >> (WORD_BITS - size) : 0);
        return true;
    default: return true;
    }
}

void m_mask_rights(struct m_cap *cap, uint64_t rights)
{
    uint8_t both = RIGHT_READ | RIGHT_WRITE;
    switch (cap->type) {
    case CAP_ENDPOINT: cap->rights &= (uint8_t)(rights & RIGHTS_ALL); break;
    case CAP_NOTIFICATION: cap->rights &= (uint8_t)(rights & both); break;
    case CAP_FRAME:
        cap->rights &= (uint8_t)(rights & both);
        if (!(cap->rights & RIGHT_READ))
            cap->rights = 0;
        break;
    }
}
