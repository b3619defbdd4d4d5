/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A component's view of itself: its environment, its slots, calls over its channels. Included by
 * components and by the libraries above (rpc, ring, dddk, c).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "comp/env.h"
#include "comp/layout.h"
#include "comp/protocol.h"
#include "kaal/invocations.h"
#include "kaal/syscalls.h"

#define COMP_MUST_CHECK __attribute__((warn_unused_result))

/* ---- the environment ---- */

/* The environment page. */
static inline const struct env *comp_env(void)
{
    return (const struct env *)LAYOUT_ENV;
}

/* The entry of that name and kind; NULL when there is none. */
const struct env_entry *comp_find(const char *name, enum env_kind kind);

/* Entries of one kind, in the environment's order: the first one for `after` = NULL, then the next
 * after the one given; NULL after the last. */
const struct env_entry *comp_next(enum env_kind kind, const struct env_entry *after);

/* The client whose messages carry `badge`; NULL when there is none. */
const struct env_entry *comp_client(uint64_t badge);

/* ---- slots of the own CNode ---- */

/* A free slot, 0 when all are taken. The first 256 slots of the CNode are managed. */
COMP_MUST_CHECK uint32_t comp_slot_take(void);
/* Gives a slot back; the cap in it must be gone. */
void comp_slot_give(uint32_t slot);
/* Where a slot is, for CNode methods (kaal/invocations.h). */
struct kaal_slot comp_slot(uint32_t slot);
/* Deletes the cap in the slot, if any. */
void comp_slot_clear(uint32_t slot);
/* Caps of messages go to this empty slot from now on; 0 = no caps are received. */
void comp_receive_slot(uint32_t slot);

/* ---- calls ---- */

/* Sends `m` to the endpoint in `slot` and waits for the reply, which replaces it. The result is the
 * reply's label, by convention of all services an enum system_error; SYSTEM_BROKEN when the server
 * died with the call: whether it was carried out is then unknown. */
uint64_t comp_call(uint64_t slot, struct kaal_message *m);

/* ---- words for errors ---- */

/* "NOT_FOUND" and the like; "unknown error" for a number that is none. */
const char *comp_error_name(uint64_t error);
/* "no device, component or file of that name" and the like. */
const char *comp_error_sentence(uint64_t error);

/* Logs "text: error sentence" (error 0: the text alone) and ends the component with `status`. */
_Noreturn void comp_fail(int status, const char *text, uint64_t error);
