/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CSpace addressing (abi/objects.md §4). Each step consumes at least one bit, so resolution ends
 * after at most 64 CNodes.
 */
#include "cspace.h"

#include "refusal.h"

/* Bits [low, low + count) of `word`; count 0..63, low + count <= 64. Shifts by ~n modulo 64 are
 * shifts by 63 - n. */
static inline uint64_t bits_of(uint64_t word, unsigned low, unsigned count)
{
    return word << (-(low + count) % 64) >> (~count % 64) >> 1;
}

struct slot *cspace_resolve(struct cap root, uint64_t cptr, unsigned depth, unsigned *left,
                            struct lookup_fault *fault)
{
    unsigned n = depth;
    /*@ loop invariant 0 < n <= depth && is_node(root);
        loop assigns n, root, *left, *fault;
        loop variant n; */
    for (;;) {
        unsigned guard_size = cnode_guard_size(root);
        unsigned radix = cnode_radix(root);
        if (guard_size > n || bits_of(cptr, n - guard_size, guard_size) != cnode_guard(root)) {
            *fault = (struct lookup_fault){LOOKUP_GUARD_MISMATCH, n, cnode_guard(root), guard_size};
            return NULL;
        }
        if (guard_size + radix > n) {
            *fault = (struct lookup_fault){LOOKUP_DEPTH_MISMATCH, n, 0, guard_size + radix};
            return NULL;
        }
        n -= guard_size + radix;
        struct slot *slot = cnode_of(root) + bits_of(cptr, n, radix);
        if (n == 0 || cap_type(slot->cap) != CAP_CNODE) {
            *left = n;
            return slot;
        }
        root = slot->cap;
    }
}

/* Most CSpaces are one CNode that consumes all bits: no loop for them. */
struct slot *cspace_lookup(const struct tcb *tcb, uint64_t cptr, struct lookup_fault *fault)
{
    struct cap root = tcb->slots[TCB_CSPACE].cap;
    unsigned guard_size = cnode_guard_size(root);
    unsigned radix = cnode_radix(root);
    unsigned left;
    if (cap_type(root) != CAP_CNODE) {
        *fault = (struct lookup_fault){.type = LOOKUP_INVALID_ROOT};
        return NULL;
    }
    if (guard_size + radix != WORD_BITS)
        return cspace_resolve(root, cptr, WORD_BITS, &left, fault);
    if (bits_of(cptr, radix, guard_size) == cnode_guard(root))
        return cnode_of(root) + bits_of(cptr, 0, radix);
    *fault = (struct lookup_fault){LOOKUP_GUARD_MISMATCH, WORD_BITS, cnode_guard(root), guard_size};
    return NULL;
}

enum error_code cspace_target(struct cap root, uint64_t index, uint64_t depth, bool is_source,
                              struct slot **out, struct refusal *no)
{
    struct lookup_fault fault;
    if (cap_type(root) != CAP_CNODE) {
        fault = (struct lookup_fault){.type = LOOKUP_INVALID_ROOT};
        return refuse_lookup(no, is_source, &fault, "root of the slot is not a CNode");
    }
    if (depth < 1 || depth > WORD_BITS)
        return refuse_range(no, 1, WORD_BITS, "depth of the slot is %", depth);
    unsigned left;
    struct slot *slot = cspace_resolve(root, index, (unsigned)depth, &left, &fault);
    if (!slot)
        return refuse_lookup(no, is_source, &fault, "slot not found, % bits left");
    if (left != 0) {
        fault = (struct lookup_fault){LOOKUP_DEPTH_MISMATCH, left, 0, 0};
        return refuse_lookup(no, is_source, &fault, "the path ends with % bits left");
    }
    *out = slot;
    return ERROR_NONE;
}
