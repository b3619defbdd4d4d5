/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CSpace addressing (abi/objects.md §4).
 */
#include "model.h"

static uint64_t low_bits(unsigned n)
{
    return n == 0 ? 0 : ~0ull >> (WORD_BITS - n);
}

static uint16_t failed(struct m_failure *failure, enum lookup_failure type, unsigned left,
                       unsigned found, uint64_t guard)
{
    *failure = (struct m_failure){.type = (uint8_t)type,
                                  .bits_left = (uint8_t)left,
                                  .bits_found = (uint8_t)found,
                                  .guard = guard};
    return 0;
}

/* §4.1. The slot found, with *left bits over; 0 with *failure. */
uint16_t m_resolve(const struct model *m, struct m_cap root, uint64_t address, unsigned depth,
                   struct m_failure *failure, unsigned *left)
{
    unsigned n = depth;
    if (root.type != CAP_CNODE)
        return failed(failure, LOOKUP_INVALID_ROOT, 0, 0, 0);
    for (;;) {
        unsigned g = root.guard_size, r = root.bits;
        if (g > n || (g > 0 && (address >> (n - g) & low_bits(g)) != root.data))
            return failed(failure, LOOKUP_GUARD_MISMATCH, n, g, root.data);
        if (g + r > n)
            return failed(failure, LOOKUP_DEPTH_MISMATCH, n, g + r, 0);
        n -= g + r;
        uint64_t index = address >> n & low_bits(r);
        uint16_t slot = (uint16_t)(m_slot_at(m, root.object) + index);
        *left = n;
        if (n == 0 || m->slot[slot].cap.type != CAP_CNODE)
            return slot;
        root = m->slot[slot].cap;
    }
}

uint16_t m_lookup(const struct model *m, const struct m_thread *t, uint64_t cptr,
                  struct m_failure *failure)
{
    unsigned left;
    return m_resolve(m, m_cap_of(m, m_thread_slot(m, t, M_CSPACE)), cptr, WORD_BITS, failure,
                     &left);
}

uint16_t m_target(struct model *m, struct m_cap root, uint64_t index, uint64_t depth, bool source)
{
    struct m_failure failure;
    unsigned left;
    if (root.type != CAP_CNODE) {
        failure = (struct m_failure){.type = LOOKUP_INVALID_ROOT};
        m_fail_lookup(m, source, &failure);
        return 0;
    }
    if (depth < 1 || depth > WORD_BITS) {
        m_fail_range(m, 1, WORD_BITS);
        return 0;
    }
    uint16_t slot = m_resolve(m, root, index, (unsigned)depth, &failure, &left);
    if (slot && left) {
        failed(&failure, LOOKUP_DEPTH_MISMATCH, left, 0, 0);
        slot = 0;
    }
    if (!slot)
        m_fail_lookup(m, source, &failure);
    return slot;
}

/* abi/syscalls.md §4: 0 when unusable. `buffer` is the receiver's, writable. */
uint16_t m_receive_slot(struct model *m, const struct m_thread *t, uint64_t buffer)
{
    struct m_failure failure;
    unsigned left;
    uint64_t cptr = *m_word(m, buffer + offsetof(struct ipc_buffer, receive_cnode));
    uint64_t index = *m_word(m, buffer + offsetof(struct ipc_buffer, receive_index));
    uint64_t depth = *m_word(m, buffer + offsetof(struct ipc_buffer, receive_depth));
    uint16_t node = m_lookup(m, t, cptr, &failure);
    if (!node || depth < 1 || depth > WORD_BITS)
        return 0;
    uint16_t slot = m_resolve(m, m_cap_of(m, node), index, (unsigned)depth, &failure, &left);
    return slot && !left && m->slot[slot].cap.type == CAP_NULL ? slot : 0;
}
