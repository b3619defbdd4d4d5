/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Building trees of CNodes to be deleted, for tests of Delete, Revoke and zombies.
 */
#pragma once
#include "cdt.h"
#include "core_fixture.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    ALL = RIGHTS_ALL
};

/* Slots are of the root CNode. */
void revoke(uint64_t slot);
/* The cap in slot `from` goes to slot `index` of the CNode in slot `cnode`. */
void move_into(uint64_t cnode, uint64_t index, uint64_t from);
void copy_into(uint64_t cnode, uint64_t index, uint64_t from);
bool childless(uint64_t slot);
