/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The tree of a list of caps, by the parent test (abi/objects.md §3.2, §3.3): how a start state
 * becomes the model's.
 */
#include "model.h"

static uint64_t size_of(const struct m_cap *cap)
{
    switch (cap->type) {
    case CAP_UNTYPED:
    case CAP_FRAME: return 1ull << cap->bits;
    case CAP_ENDPOINT: return 1ull << ENDPOINT_BITS;
    case CAP_NOTIFICATION: return 1ull << NOTIFICATION_BITS;
    case CAP_CNODE: return 1ull << (cap->bits + SLOT_BITS);
    case CAP_ZOMBIE: return 1ull << (cap->bits ? cap->bits + SLOT_BITS : TCB_BITS);
    case CAP_TCB: return 1ull << TCB_BITS;
    case CAP_PAGE_TABLE:
    case CAP_VSPACE:
    case CAP_ASID_POOL: return 1ull << PAGE_TABLE_BITS;
    default: return 0;
    }
}

static bool lies_inside(const struct m_cap *a, const struct m_cap *b)
{
    return size_of(b) != 0 && b->object >= a->object &&
           b->object - a->object + size_of(b) <= size_of(a);
}

/* §3.2 */
static bool covers(const struct m_cap *a, const struct m_cap *b)
{
    switch (a->type) {
    case CAP_UNTYPED: return lies_inside(a, b);
    case CAP_FRAME: return b->type == CAP_FRAME && lies_inside(a, b);
    case CAP_IRQ_CONTROL:
        return b->type == CAP_IRQ_CONTROL || b->type == CAP_IRQ_HANDLER ||
               b->type == CAP_SGI_SIGNAL;
    case CAP_CNODE: return b->type == CAP_CNODE && a->object == b->object && a->bits == b->bits;
    case CAP_DOMAIN:
    case CAP_ASID_CONTROL:
    case CAP_SMC: return a->type == b->type;
    default: return m_same_object(a, b);
    }
}

/* §3.3: a before b in the list. */
static bool is_ancestor(const struct m_cap *a, const struct m_cap *b)
{
    if (!a->revocable || !covers(a, b))
        return false;
    switch (b->type) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_SMC:
        return a->type != b->type || a->data == 0 || (a->data == b->data && !b->first_badged);
    case CAP_SGI_SIGNAL: return a->type != CAP_SGI_SIGNAL || !b->first_badged;
    default: return true;
    }
}

void m_build_list(struct model *m, const uint16_t *slots, unsigned count)
{
    uint16_t last = 0; /* the entry before */
    for (unsigned i = 0; i < count; i++) {
        uint16_t slot = slots[i], parent = last, before = 0;
        while (parent && !is_ancestor(&m->slot[parent].cap, &m->slot[slot].cap)) {
            before = parent;
            parent = m->slot[parent].parent;
        }
        struct m_slot *s = &m->slot[slot];
        s->parent = parent;
        s->prev = before;
        s->next = s->child = 0;
        if (before)
            m->slot[before].next = slot;
        else if (parent)
            m->slot[parent].child = slot;
        last = slot;
    }
}
