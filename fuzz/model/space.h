/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What frames and tables share.
 */
#pragma once
#include "model.h"

enum {
    M_TOP_SHIFT = 39
};

/* Where a walk stopped: at the first entry that is no table. */
struct m_walk {
    uint64_t at; /* address of the entry */
    uint64_t entry;
    unsigned shift; /* of the level: 39, 30, 21, 12 */
};

struct m_walk m_walk(struct model *m, uint64_t root, uint64_t vaddr);
bool m_check_asid(struct model *m, const struct m_cap *space, unsigned cap_number);
