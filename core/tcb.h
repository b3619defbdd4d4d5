/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the TCB methods that set priorities have in common (abi/invocations.md §4).
 */
#pragma once
#include "objects.h"

/* The highest priority that the thread in extra cap 0 may give. */
static inline enum error_code tcb_authority(const struct invocation *call, uint64_t *limit,
                                            struct refusal *no)
{
    if (cap_type(call_cap(call, 0)) != CAP_TCB)
        return refuse_cap(no, 1, "the authority is not a TCB");
    *limit = tcb_of(call_cap(call, 0))->mcp;
    return ERROR_NONE;
}

static inline enum error_code tcb_check_limit(uint64_t value, uint64_t limit, const char *text,
                                              struct refusal *no)
{
    return value > limit ? refuse_range(no, 0, limit, text, value) : ERROR_NONE;
}
