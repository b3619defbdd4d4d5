/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Frame methods (abi/invocations.md §8, abi/vspace.md §4 to §6).
 */
#include "space.h"

/* Does the table still show this frame, with this size, where the cap says? */
static bool shown(struct model *m, const struct m_cap *cap, struct m_walk *w)
{
    uint64_t root = cap->asid ? m_space_of_asid(m, cap->asid) : 0;
    if (!root)
        return false;
    *w = m_walk(m, root, cap->data);
    return (w->entry & M_ENTRY_FRAME) && w->shift == cap->bits &&
           (w->entry & ~(uint64_t)M_ENTRY_BITS) == cap->object;
}

void m_unmap_frame(struct model *m, const struct m_cap *cap)
{
    struct m_walk w;
    if (shown(m, cap, &w))
        m_set_word(m, w.at, 0);
}

static uint64_t new_entry(const struct m_cap *cap, uint64_t rights, uint64_t attributes)
{
    struct m_cap masked = *cap;
    uint64_t entry = cap->object | M_ENTRY_FRAME;
    m_mask_rights(&masked, rights);
    if (masked.rights & RIGHT_READ)
        entry |= M_ENTRY_READ;
    if (masked.rights & RIGHT_WRITE)
        entry |= M_ENTRY_WRITE;
    if (attributes & ATTR_EXECUTE_NEVER)
        entry |= M_ENTRY_NO_EXECUTE;
    if (attributes & ATTR_CACHEABLE)
        entry |= M_ENTRY_CACHED;
    return entry;
}

static bool check_place(struct model *m, const struct m_cap *cap, const struct m_cap *space,
                        uint64_t vaddr)
{
    uint64_t size = 1ull << cap->bits;
    if (vaddr & (size - 1))
        return m_fail(m, ERROR_ALIGNMENT);
    if (!cap->asid) {
        if (vaddr + size - 1 > USER_TOP)
            return m_fail1(m, ERROR_INVALID_ARGUMENT, 0);
    } else if (cap->asid != space->asid) {
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 1);
    } else if (cap->data != vaddr) {
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 0);
    }
    return true;
}

/* The walk must come to the level of the frame's size; there another frame, but no table, may
 * stand. */
static bool check_level(struct model *m, const struct m_cap *cap, const struct m_walk *w)
{
    return w->shift == cap->bits || m_fail_missing(m, false, w->shift);
}

static bool map(struct model *m)
{
    struct m_cap cap = m_cap_of(m, m->call.slot);
    uint64_t vaddr = m_arg(m, 0);
    if (m->call.length < 3 || m->call.cap_count < 1)
        return m_fail(m, ERROR_TRUNCATED_MESSAGE);
    struct m_cap space = m_extra(m, 0);
    if (space.type != CAP_VSPACE || !space.asid)
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 1);
    if (!m_check_asid(m, &space, 1) || !check_place(m, &cap, &space, vaddr))
        return false;
    struct m_walk w = m_walk(m, space.object, vaddr);
    if (!check_level(m, &cap, &w))
        return false;
    m_set_word(m, w.at, new_entry(&cap, m_arg(m, 1), m_arg(m, 2)));
    struct m_cap *kept = &m_touch(m, m->call.slot)->cap;
    kept->asid = space.asid;
    kept->data = vaddr;
    return true;
}

static bool unmap(struct model *m)
{
    struct m_cap *cap = &m_touch(m, m->call.slot)->cap;
    m_unmap_frame(m, cap);
    cap->asid = 0;
    cap->data = 0;
    return true;
}

static bool cache(struct model *m)
{
    static const struct m_failure gone = {.type = LOOKUP_INVALID_ROOT};
    struct m_cap cap = m_cap_of(m, m->call.slot);
    uint64_t start = m_arg(m, 0), end = m_arg(m, 1), size = 1ull << cap.bits;
    struct m_walk w;
    if (m->call.length < 2)
        return m_fail(m, ERROR_TRUNCATED_MESSAGE);
    if (!cap.asid)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    if (!m_space_of_asid(m, cap.asid))
        return m_fail_lookup(m, false, &gone);
    if (end <= start)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 1);
    if (start >= size || end > size)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 0);
    if (!shown(m, &cap, &w))
        return m_fail1(m, ERROR_INVALID_CAPABILITY, 0);
    if (m->call.label == LABEL_PAGE_INVALIDATE_DATA && !(w.entry & M_ENTRY_WRITE))
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    return true;
}

static bool get_address(struct model *m)
{
    m->call.result_count = 1;
    m->call.result[0] = m_cap_of(m, m->call.slot).object;
    return true;
}

bool m_invoke_frame(struct model *m)
{
    switch (m->call.label) {
    case LABEL_PAGE_MAP: return map(m);
    case LABEL_PAGE_UNMAP: return unmap(m);
    case LABEL_PAGE_CLEAN_DATA:
    case LABEL_PAGE_INVALIDATE_DATA:
    case LABEL_PAGE_CLEAN_INVALIDATE_DATA:
    case LABEL_PAGE_UNIFY_INSTRUCTION: return cache(m);
    case LABEL_PAGE_GET_ADDRESS: return get_address(m);
    default: return m_fail(m, ERROR_ILLEGAL_OPERATION);
    }
}
