/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Lookups of the value analysis: the production code, and one abstract state for each slot found.
 * Included once, by core.c.
 */
#pragma once
#include "refusal.h"

static bool failures_apart; /* set by entry points: each kind has its own number of words */

static enum error_code refuse_kind(struct refusal *no, bool is_source,
                                   const struct lookup_fault *fault, const char *text)
{
    if (failures_apart) {
        enum lookup_failure type = fault->type;
        struct lookup_fault kind = *fault;
        //@ split type;
        kind.type = type;
        return refuse_lookup(no, is_source, &kind, text);
    }
    return refuse_lookup(no, is_source, fault, text);
}

#define cspace_lookup whole_lookup
#define cspace_target whole_target
#define refuse_lookup refuse_kind
#include "core/cspace.c"
#undef refuse_lookup
#undef cspace_lookup
#undef cspace_target

static unsigned lookups_kept;

/* Where the next targets lead, when an entry point says so. Unless `surely_found`, the production
 * code comes first, with any index and depth, and may refuse. */
static bool surely_found;
static struct slot *targets_named[3];
static unsigned targets_count;
static unsigned targets_done;

/* The same for the slots of extra caps, which come after some other lookups. */
static unsigned lookups_before;
static struct slot *extras_named[3];
static unsigned extras_count;
static unsigned extras_done;

/* The thread that extra caps go to: its lookups are of its receive slot (core_ipc.h). */
static const struct tcb *receives_caps;
static struct slot *receive_root(struct slot *slot);
static struct slot *receive_place(struct slot *slot);

struct slot *cspace_lookup(const struct tcb *tcb, uint64_t cptr, struct lookup_fault *fault)
{
    if (surely_found && lookups_before == 0 && extras_done < extras_count)
        return extras_named[extras_done++];
    struct slot *slot = whole_lookup(tcb, cptr, fault);
    if (tcb == receives_caps)
        return receive_root(slot);
    if (lookups_kept > 0) {
        //@ split slot;
        lookups_kept--;
    }
    if (lookups_before > 0)
        lookups_before--;
    else if (slot && extras_done < extras_count)
        slot = extras_named[extras_done++];
    return slot;
}

enum error_code cspace_target(struct cap root, uint64_t index, uint64_t depth, bool is_source,
                              struct slot **out, struct refusal *no)
{
    if (surely_found && targets_done < targets_count) {
        *out = targets_named[targets_done++];
        return ERROR_NONE;
    }
    enum error_code error = whole_target(root, index, depth, is_source, out, no);
    if (error)
        return error;
    struct slot *slot = targets_done < targets_count ? targets_named[targets_done++] : *out;
    if (receives_caps) {
        *out = receive_place(slot);
        return ERROR_NONE;
    }
    //@ split slot;
    *out = slot;
    return ERROR_NONE;
}
