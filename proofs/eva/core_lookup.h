/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Lookups of the value analysis: the production code, and one abstract state for each slot found.
 * Included once, by core.c.
 */
#pragma once
#define cspace_lookup whole_lookup
#define cspace_target whole_target
#include "core/cspace.c"
#undef cspace_lookup
#undef cspace_target

static unsigned lookups_kept;

/* The thread that extra caps go to: its lookups are of its receive slot (core_ipc.h). */
static const struct tcb *receives_caps;
static struct slot *receive_root(struct slot *slot);
static struct slot *receive_place(struct slot *slot);

struct slot *cspace_lookup(const struct tcb *tcb, uint64_t cptr, struct lookup_fault *fault)
{
    struct slot *slot = whole_lookup(tcb, cptr, fault);
    if (tcb == receives_caps)
        return receive_root(slot);
    if (lookups_kept > 0) {
        //@ split slot;
        lookups_kept--;
    }
    return slot;
}

enum error_code cspace_target(struct cap root, uint64_t index, uint64_t depth, bool is_source,
                              struct slot **out, struct refusal *no)
{
    enum error_code error = whole_target(root, index, depth, is_source, out, no);
    if (error)
        return error;
    struct slot *slot = *out;
    if (receives_caps) {
        *out = receive_place(slot);
        return ERROR_NONE;
    }
    //@ split slot;
    *out = slot;
    return ERROR_NONE;
}
