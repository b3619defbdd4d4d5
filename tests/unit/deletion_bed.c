/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "deletion_bed.h"

void revoke(uint64_t slot)
{
    OK(ROOT, LABEL_CNODE_REVOKE, W(slot, FX_DEPTH), C());
}

void move_into(uint64_t cnode, uint64_t index, uint64_t from)
{
    OK(cnode, LABEL_CNODE_MOVE, W(index, cnode_radix(fx_cap(cnode)), from, FX_DEPTH), C(ROOT));
}

void copy_into(uint64_t cnode, uint64_t index, uint64_t from)
{
    OK(cnode, LABEL_CNODE_COPY, W(index, cnode_radix(fx_cap(cnode)), from, FX_DEPTH, ALL), C(ROOT));
}

bool childless(uint64_t slot)
{
    return !cdt_has_children(fx_at(slot));
}
