/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Derived caps (abi/syscalls.md §4.1, abi/invocations.md §5.1).
 */
#include "derive.h"

#include "cdt.h"

enum error_code derive(const struct slot *slot, struct cap cap, struct cap *out, struct refusal *no)
{
    *out = cap;
    switch (cap_type(cap)) {
    case CAP_UNTYPED:
        if (cdt_has_children(slot))
            return refuse(no, ERROR_REVOKE_FIRST, "the Untyped has children", 0);
        return ERROR_NONE;
    case CAP_FRAME: *out = with_mapping(cap, 0, 0); return ERROR_NONE;
    case CAP_PAGE_TABLE:
        if (mapping_asid(cap) == 0)
            return refuse_illegal(no, "the page table is not mapped");
        return ERROR_NONE;
    case CAP_VSPACE:
        if (mapping_asid(cap) == 0)
            return refuse_illegal(no, "the VSpace has no ASID");
        return ERROR_NONE;
    case CAP_IRQ_CONTROL:
    case CAP_REPLY:
    case CAP_ZOMBIE: *out = cap_null(); return ERROR_NONE;
    default: return ERROR_NONE;
    }
}

struct cap cap_mask_rights(struct cap cap, uint64_t rights)
{
    unsigned mask = (unsigned)(rights % 16);
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION: return ipc_with_rights(cap, ipc_rights(cap) & mask);
    case CAP_FRAME: return frame_with_rights(cap, frame_masked_rights(cap, rights));
    default: return cap;
    }
}

static struct cap apply_guard(struct cap cap, uint64_t data)
{
    unsigned size = (unsigned)(data % (1u << GUARD_SIZE_BITS));
    uint64_t guard = data / (1u << GUARD_SIZE_BITS);
    if (size + cnode_radix(cap) > WORD_BITS)
        return cap_null();
    return cap_cnode(cap_object(cap), cnode_radix(cap), guard % (1ull << size), size);
}

struct cap cap_apply_data(struct cap cap, uint64_t data, bool keep)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_SMC:
        if (keep || ipc_badge(cap) != 0)
            return cap_null();
        cap.w[1] = data;
        return cap;
    case CAP_CNODE: return apply_guard(cap, data);
    default: return cap;
    }
}
