/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What CNode methods have in common (abi/invocations.md §5).
 */
#pragma once
#include "cspace.h"
#include "objects.h"

/* slot(invoked, MR0, MR1; 0). */
static inline enum error_code destination(const struct invocation *call, struct slot **dest,
                                          struct refusal *no)
{
    uint64_t index = call_word(call, 0);
    return cspace_target(call->cap, index, call_word(call, 1), false, dest, no);
}

static inline enum error_code refuse_occupied(const struct invocation *call, struct refusal *no)
{
    return refuse(no, ERROR_DELETE_FIRST, "destination slot % is occupied", call_word(call, 0));
}
