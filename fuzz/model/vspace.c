/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Address spaces as arrays of entries: walks, tables, cache operations by address, ASIDs
 * (abi/vspace.md, abi/invocations.md §8).
 */
#include "model.h"
#include "space.h"

/* ---- walks ---- */

struct m_walk m_walk(struct model *m, uint64_t root, uint64_t vaddr)
{
    struct m_walk w = {.shift = M_TOP_SHIFT};
    uint64_t table = root;
    for (;; w.shift -= M_LEVEL_BITS) {
        uint64_t index = vaddr >> w.shift & ((1 << M_LEVEL_BITS) - 1);
        w.at = table + 8 * index;
        w.entry = *m_word(m, w.at);
        if (!(w.entry & M_ENTRY_TABLE) || w.shift == PAGE_BITS)
            return w;
        table = w.entry & ~(uint64_t)M_ENTRY_BITS;
    }
}

/* ---- ASIDs ---- */

uint64_t m_space_of_asid(struct model *m, uint16_t asid)
{
    uint64_t pool = m->s.pools[asid / ASIDS_PER_POOL];
    return pool ? *m_word(m, pool + asid % ASIDS_PER_POOL * 8) : 0;
}

/* The check of an ASID against the VSpace it should be of. */
bool m_check_asid(struct model *m, const struct m_cap *space, unsigned cap_number)
{
    static const struct m_failure gone = {.type = LOOKUP_INVALID_ROOT};
    uint64_t root = m_space_of_asid(m, space->asid);
    if (!root)
        return m_fail_lookup(m, false, &gone);
    if (root != space->object)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, cap_number);
    return true;
}

void m_clear_asid(struct model *m, const struct m_cap *cap)
{
    if (cap->asid && m_space_of_asid(m, cap->asid) == cap->object)
        m_set_word(m, m->s.pools[cap->asid / ASIDS_PER_POOL] + cap->asid % ASIDS_PER_POOL * 8, 0);
}

/* ---- page tables ---- */

void m_unlink_table(struct model *m, const struct m_cap *cap)
{
    uint64_t table = cap->asid ? m_space_of_asid(m, cap->asid) : 0;
    for (unsigned shift = M_TOP_SHIFT; table && shift > PAGE_BITS; shift -= M_LEVEL_BITS) {
        uint64_t index = cap->data >> shift & ((1 << M_LEVEL_BITS) - 1);
        uint64_t entry = *m_word(m, table + 8 * index);
        if (!(entry & M_ENTRY_TABLE))
            return;
        if ((entry & ~(uint64_t)M_ENTRY_BITS) == cap->object) {
            m_set_word(m, table + 8 * index, 0);
            return;
        }
        table = entry & ~(uint64_t)M_ENTRY_BITS;
    }
}

static bool map_table(struct model *m)
{
    uint64_t vaddr = m_arg(m, 0);
    struct m_cap *cap = &m->slot[m->call.slot].cap;
    if (m->call.length < 2 || m->call.cap_count < 1)
        return m_fail(m, ERROR_TRUNCATED_MESSAGE);
    if (cap->asid)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 0);
    struct m_cap space = m_extra(m, 0);
    if (space.type != CAP_VSPACE || !space.asid)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 1);
    if (vaddr > USER_TOP)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 0);
    if (!m_check_asid(m, &space, 1))
        return false;
    struct m_walk w = m_walk(m, space.object, vaddr);
    if (w.entry || w.shift == PAGE_BITS)
        return m_fail(m, ERROR_DELETE_FIRST);
    m_set_word(m, w.at, cap->object | M_ENTRY_TABLE);
    cap = &m_touch(m, m->call.slot)->cap;
    cap->asid = space.asid;
    cap->data = vaddr >> w.shift << w.shift;
    return true;
}

static bool unmap_table(struct model *m)
{
    if (!m_is_final(m, m->call.slot))
        return m_fail(m, ERROR_REVOKE_FIRST);
    struct m_cap *cap = &m_touch(m, m->call.slot)->cap;
    if (cap->asid) {
        m_unlink_table(m, cap);
        for (unsigned i = 0; i < 1 << M_LEVEL_BITS; i++)
            if (*m_word(m, cap->object + 8ull * i))
                m_set_word(m, cap->object + 8ull * i, 0);
    }
    cap->asid = 0;
    cap->data = 0;
    return true;
}

bool m_invoke_page_table(struct model *m)
{
    switch (m->call.label) {
    case LABEL_PAGE_TABLE_MAP: return map_table(m);
    case LABEL_PAGE_TABLE_UNMAP: return unmap_table(m);
    default: return m_fail(m, ERROR_ILLEGAL_OPERATION);
    }
}

/* ---- cache operations by address: only their checks show ---- */

static unsigned entry_size(const struct m_walk *w)
{
    return w->shift;
}

bool m_invoke_vspace(struct model *m)
{
    uint64_t start = m_arg(m, 0), end = m_arg(m, 1), label = m->call.label;
    struct m_cap cap = m_cap_of(m, m->call.slot);
    if (label < LABEL_VSPACE_CLEAN_DATA || label > LABEL_VSPACE_UNIFY_INSTRUCTION)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    if (m->call.length < 2)
        return m_fail(m, ERROR_TRUNCATED_MESSAGE);
    if (end <= start)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 1);
    if (end > USER_TOP)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    if (!cap.asid)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 0);
    if (!m_check_asid(m, &cap, 0))
        return false;
    struct m_walk w = m_walk(m, cap.object, start);
    if (!(w.entry & M_ENTRY_FRAME))
        return true;
    uint64_t last = start | ((1ull << entry_size(&w)) - 1);
    if (end - 1 > last)
        return m_fail_range(m, start, last);
    if (label == LABEL_VSPACE_INVALIDATE_DATA && !(w.entry & M_ENTRY_WRITE))
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    return true;
}

/* ---- ASID pools ---- */

bool m_invoke_asid_pool(struct model *m)
{
    static const struct m_failure gone = {.type = LOOKUP_INVALID_ROOT};
    struct m_cap pool = m_cap_of(m, m->call.slot);
    if (m->call.label != LABEL_ASID_POOL_ASSIGN)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    if (m->call.cap_count < 1)
        return m_fail(m, ERROR_TRUNCATED_MESSAGE);
    struct m_cap space = m_extra(m, 0);
    if (space.type != CAP_VSPACE || space.asid)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 1);
    if (!m->s.pools[pool.data])
        return m_fail_lookup(m, false, &gone);
    if (m->s.pools[pool.data] != pool.object)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 0);
    for (unsigned i = pool.data == 0; i < ASIDS_PER_POOL; i++) {
        if (*m_word(m, pool.object + 8ull * i))
            continue;
        m_set_word(m, pool.object + 8ull * i, space.object);
        m_touch(m, m->call.caps[0])->cap.asid = (uint16_t)(pool.data * ASIDS_PER_POOL + i);
        return true;
    }
    return m_fail(m, ERROR_DELETE_FIRST);
}

bool m_invoke_asid_control(struct model *m)
{
    if (m->call.label != LABEL_ASID_CONTROL_MAKE_POOL)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    if (m->call.length < 2 || m->call.cap_count < 2)
        return m_fail(m, ERROR_TRUNCATED_MESSAGE);
    unsigned number = 0;
    while (number < ASID_POOL_COUNT && m->s.pools[number])
        number++;
    if (number == ASID_POOL_COUNT)
        return m_fail(m, ERROR_DELETE_FIRST);
    struct m_cap untyped = m_extra(m, 0);
    if (untyped.type != CAP_UNTYPED || untyped.bits != ASID_POOL_BITS || untyped.device)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 1);
    if (m->slot[m->call.caps[0]].child)
        return m_fail(m, ERROR_REVOKE_FIRST);
    uint16_t slot = m_target(m, m_extra(m, 1), m_arg(m, 0), m_arg(m, 1), false);
    if (!slot)
        return false;
    if (m->slot[slot].cap.type != CAP_NULL)
        return m_fail(m, ERROR_DELETE_FIRST);
    for (uint64_t at = 0; at < 1 << ASID_POOL_BITS; at += 8)
        if (*m_word(m, untyped.object + at))
            m_set_word(m, untyped.object + at, 0);
    m_touch(m, m->call.caps[0])->cap.data = 1 << ASID_POOL_BITS;
    struct m_cap pool = {.type = CAP_ASID_POOL, .object = untyped.object, .data = number};
    m_insert_derived(m, slot, pool, m->call.caps[0]);
    m->s.pools[number] = untyped.object;
    return true;
}
