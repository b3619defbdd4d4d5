/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The derivation list (abi/objects.md §3).
 */
#include "cdt.h"

static bool inside(struct cap outer, struct cap inner)
{
    uint64_t start = cap_object(outer);
    uint64_t inner_start = cap_object(inner);
    unsigned inner_bits = cap_object_bits(inner);
    if (inner_bits == 0 || inner_bits > cap_object_bits(outer))
        return false;
    uint64_t offset = inner_start - start;
    return offset < 1ull << cap_object_bits(outer) &&
           offset + (1ull << inner_bits) <= 1ull << cap_object_bits(outer);
}

bool cap_covers(struct cap a, struct cap b)
{
    switch (cap_type(a)) {
    case CAP_UNTYPED: return inside(a, b);
    case CAP_FRAME: return cap_type(b) == CAP_FRAME && inside(a, b);
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_TCB:
    case CAP_PAGE_TABLE:
    case CAP_VSPACE:
    case CAP_ASID_POOL: return cap_type(a) == cap_type(b) && cap_object(a) == cap_object(b);
    case CAP_CNODE:
        return cap_type(b) == CAP_CNODE && cap_object(a) == cap_object(b) &&
               cnode_radix(a) == cnode_radix(b);
    case CAP_IRQ_CONTROL:
        return cap_type(b) == CAP_IRQ_CONTROL || cap_type(b) == CAP_IRQ_HANDLER ||
               cap_type(b) == CAP_SGI_SIGNAL;
    case CAP_IRQ_HANDLER:
        return cap_type(b) == CAP_IRQ_HANDLER && irq_handler_irq(a) == irq_handler_irq(b);
    case CAP_SGI_SIGNAL: return a.w[0] == b.w[0] && a.w[1] == b.w[1];
    case CAP_DOMAIN:
    case CAP_ASID_CONTROL:
    case CAP_SMC: return cap_type(a) == cap_type(b);
    default: return false; /* null, reply, zombie */
    }
}

bool cap_same_object(struct cap a, struct cap b)
{
    enum cap_type_number type = cap_type(a);
    if (type == CAP_UNTYPED || type == CAP_IRQ_CONTROL)
        return false;
    return cap_covers(a, b);
}

/* The badge rule of §3.3 for a parent whose caps carry badges. */
static bool badge_allows(const struct slot *a, const struct slot *b)
{
    bool b_first = slot_flags(b) & SLOT_FIRST_BADGED;
    switch (cap_type(a->cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_SMC:
        return ipc_badge(a->cap) == 0 || (ipc_badge(a->cap) == ipc_badge(b->cap) && !b_first);
    case CAP_SGI_SIGNAL: return !b_first;
    default: return true;
    }
}

bool cdt_is_ancestor(const struct slot *a, const struct slot *b)
{
    return (slot_flags(a) & SLOT_REVOCABLE) && cap_covers(a->cap, b->cap) && badge_allows(a, b);
}

bool cdt_has_children(const struct slot *slot)
{
    const struct slot *next = slot_next(slot);
    return next && cdt_is_ancestor(slot, next);
}

bool cdt_is_final(const struct slot *slot)
{
    const struct slot *next = slot_next(slot);
    if (slot->prev && cap_same_object(slot->prev->cap, slot->cap))
        return false;
    return !(next && cap_same_object(slot->cap, next->cap));
}

bool cdt_is_long_deletion(const struct slot *slot)
{
    enum cap_type_number type = cap_type(slot->cap);
    if (type == CAP_ZOMBIE)
        return true;
    return (type == CAP_CNODE || type == CAP_TCB) && cdt_is_final(slot);
}

static void set_next(struct slot *slot, struct slot *next)
{
    slot->link = slot_link(next, slot_flags(slot));
}

/* Makes the neighbours of `slot` point at it. */
static void adopt_neighbours(struct slot *slot)
{
    struct slot *next = slot_next(slot);
    if (slot->prev)
        set_next(slot->prev, slot);
    if (next)
        next->prev = slot;
}

static void fill(struct slot *slot, struct cap cap, struct slot *prev, uint64_t link)
{
    slot->cap.w[0] = cap.w[0];
    slot->cap.w[1] = cap.w[1];
    slot->prev = prev;
    slot->link = link;
}

static void insert_after(struct slot *before, struct slot *slot, struct cap cap, unsigned flags)
{
    fill(slot, cap, before, slot_link(before ? slot_next(before) : NULL, flags));
    adopt_neighbours(slot);
}

/* Is a cap derived from `source` the top of a subtree that revoking it removes (§3.1)? */
static bool derived_is_revocable(struct cap cap, struct cap source)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_SMC: return ipc_badge(cap) != ipc_badge(source);
    case CAP_IRQ_HANDLER:
    case CAP_SGI_SIGNAL: return cap_type(source) == CAP_IRQ_CONTROL;
    case CAP_UNTYPED: return true;
    default: return false;
    }
}

void cdt_insert_boot(struct slot *slot, struct cap cap)
{
    insert_after(NULL, slot, cap, SLOT_REVOCABLE | SLOT_FIRST_BADGED);
}

void cdt_insert_copy(struct slot *source, struct slot *dest, struct cap cap)
{
    bool top = derived_is_revocable(cap, source->cap);
    if (cap_type(cap) == CAP_UNTYPED)
        source->cap = untyped_with_watermark(source->cap, untyped_size(source->cap));
    insert_after(source, dest, cap, top ? SLOT_REVOCABLE | SLOT_FIRST_BADGED : 0);
}

void cdt_insert_object(struct slot *untyped, struct slot *dest, struct cap cap)
{
    insert_after(untyped, dest, cap, SLOT_REVOCABLE | SLOT_FIRST_BADGED);
}

static void clear(struct slot *slot)
{
    fill(slot, cap_null(), NULL, 0);
}

void cdt_move(struct slot *source, struct slot *dest, struct cap cap)
{
    fill(dest, cap, source->prev, source->link);
    clear(source);
    adopt_neighbours(dest);
}

/* Where an entry of the list is when those of `a` and `b` have changed places. */
static struct slot *swapped(struct slot *entry, struct slot *a, struct slot *b)
{
    if (entry == a)
        return b;
    return entry == b ? a : entry;
}

void cdt_swap(struct slot *a, struct cap cap_a, struct slot *b, struct cap cap_b)
{
    struct slot *prev_a = swapped(a->prev, a, b);
    struct slot *next_a = swapped(slot_next(a), a, b);
    unsigned flags_a = slot_flags(a);
    fill(a, cap_b, swapped(b->prev, a, b), slot_link(swapped(slot_next(b), a, b), slot_flags(b)));
    fill(b, cap_a, prev_a, slot_link(next_a, flags_a));
    adopt_neighbours(a);
    adopt_neighbours(b);
}

void cdt_remove(struct slot *slot)
{
    struct slot *prev = slot->prev;
    struct slot *next = slot_next(slot);
    if (prev)
        set_next(prev, next);
    if (next) {
        next->prev = prev;
        slot_add_flags(next, slot_flags(slot) & SLOT_FIRST_BADGED);
    }
    clear(slot);
}
