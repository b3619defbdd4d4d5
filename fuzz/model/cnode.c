/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CNode methods (abi/invocations.md §5).
 */
#include "model.h"

static bool illegal(struct model *m)
{
    return m_fail(m, ERROR_ILLEGAL_OPERATION);
}
static bool truncated(struct model *m)
{
    return m_fail(m, ERROR_TRUNCATED_MESSAGE);
}
static bool is_empty(const struct model *m, uint16_t slot)
{
    return m->slot[slot].cap.type == CAP_NULL;
}

static bool cancel_badged_sends(struct model *m, uint16_t slot)
{
    struct m_cap cap = m_cap_of(m, slot);
    if (cap.type != CAP_ENDPOINT || cap.rights != RIGHTS_ALL)
        return illegal(m);
    m_cancel_badged(m, cap.object, cap.data);
    return true;
}

static bool save_caller(struct model *m, uint16_t slot)
{
    uint16_t held = m_thread_slot(m, m_current(m), M_CALLER);
    if (!is_empty(m, slot))
        return m_fail(m, ERROR_DELETE_FIRST);
    if (!is_empty(m, held))
        m_move(m, held, slot, m_cap_of(m, held));
    return true;
}

/* The source of Copy, Mint, Move and Mutate; 0 with the error set. */
static uint16_t find_source(struct model *m, uint16_t dest)
{
    if (m->call.length < 4 || m->call.cap_count < 1) {
        truncated(m);
        return 0;
    }
    if (!is_empty(m, dest)) {
        m_fail(m, ERROR_DELETE_FIRST);
        return 0;
    }
    uint16_t source = m_target(m, m_extra(m, 0), m_arg(m, 2), m_arg(m, 3), true);
    if (source && is_empty(m, source)) {
        m_fail_missing(m, true, m_arg(m, 3));
        return 0;
    }
    return source;
}

static bool copy_or_mint(struct model *m, uint16_t dest, bool mint)
{
    uint16_t source = find_source(m, dest);
    struct m_cap cap, derived;
    if (!source)
        return false;
    if (m->call.length < (mint ? 6u : 5u))
        return truncated(m);
    cap = m_cap_of(m, source);
    m_mask_rights(&cap, m_arg(m, 4));
    if (mint && !m_apply_data(&cap, m_arg(m, 5), false))
        return illegal(m);
    if (!m_derive(m, source, cap, &derived))
        return false;
    if (derived.type == CAP_NULL)
        return illegal(m);
    m_insert_derived(m, dest, derived, source);
    return true;
}

static bool applies_when_moved(struct m_cap *cap, uint64_t data)
{
    return m_apply_data(cap, data, true);
}

static bool move_or_mutate(struct model *m, uint16_t dest, bool mutate)
{
    uint16_t source = find_source(m, dest);
    struct m_cap cap;
    if (!source)
        return false;
    if (mutate && m->call.length < 5)
        return truncated(m);
    cap = m_cap_of(m, source);
    if (mutate && !applies_when_moved(&cap, m_arg(m, 4)))
        return illegal(m);
    m_move(m, source, dest, cap);
    return true;
}

static bool rotate(struct model *m, uint16_t dest)
{
    if (m->call.length < 8 || m->call.cap_count < 2)
        return truncated(m);
    uint16_t source = m_target(m, m_extra(m, 1), m_arg(m, 6), m_arg(m, 7), true);
    if (!source)
        return false;
    uint16_t pivot = m_target(m, m_extra(m, 0), m_arg(m, 3), m_arg(m, 4), true);
    if (!pivot)
        return false;
    if (pivot == source || pivot == dest)
        return illegal(m);
    if (source != dest && !is_empty(m, dest))
        return m_fail(m, ERROR_DELETE_FIRST);
    if (is_empty(m, source))
        return m_fail_missing(m, true, m_arg(m, 7));
    if (is_empty(m, pivot))
        return m_fail_missing(m, false, m_arg(m, 4));
    struct m_cap moved = m_cap_of(m, source), turned = m_cap_of(m, pivot);
    if (!applies_when_moved(&moved, m_arg(m, 5)) || !applies_when_moved(&turned, m_arg(m, 2)))
        return illegal(m);
    if (source == dest) {
        m_swap(m, source, moved, pivot, turned);
        return true;
    }
    m_move(m, pivot, dest, turned);
    m_move(m, source, pivot, moved);
    return true;
}

bool m_invoke_cnode(struct model *m)
{
    uint64_t label = m->call.label;
    if (label < LABEL_CNODE_REVOKE || label > LABEL_CNODE_SAVE_CALLER)
        return illegal(m);
    if (m->call.length < 2)
        return truncated(m);
    uint16_t slot = m_target(m, m_cap_of(m, m->call.slot), m_arg(m, 0), m_arg(m, 1), false);
    if (!slot)
        return false;
    m->call.target = slot;
    switch (label) {
    case LABEL_CNODE_REVOKE: m_revoke(m, slot); return true;
    case LABEL_CNODE_DELETE: m_delete(m, slot); return true;
    case LABEL_CNODE_CANCEL_BADGED_SENDS: return cancel_badged_sends(m, slot);
    case LABEL_CNODE_COPY: return copy_or_mint(m, slot, false);
    case LABEL_CNODE_MINT: return copy_or_mint(m, slot, true);
    case LABEL_CNODE_MOVE: return move_or_mutate(m, slot, false);
    case LABEL_CNODE_MUTATE: return move_or_mutate(m, slot, true);
    case LABEL_CNODE_ROTATE: return rotate(m, slot);
    default: return save_caller(m, slot);
    }
}
