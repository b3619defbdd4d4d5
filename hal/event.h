/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The one event of the core: a finished kernel entry, in words. Serves trace, record, statistics
 * and the timeline. Strings are constants or live until the next kernel entry.
 */
#pragma once
#include <stdint.h>

#include "context.h"

struct event {
    uint64_t number; /* kernel entries since boot, this one included */
    const struct trap *trap;
    uint64_t thread; /* physical address of the TCB that trapped, 0 = was waiting */
    const char *thread_name;
    int64_t syscall;      /* x7, for system calls */
    uint64_t cptr;        /* x0 at entry */
    uint64_t info;        /* x1 at entry */
    uint64_t message[4];  /* x2..x5 at entry */
    uint64_t pc;          /* restart address at entry */
    const char *cap_name; /* type of the invoked cap, NULL if none was looked up */
    const char *method;   /* "CNode_Copy", …; NULL if not an invocation of a known label */
    uint64_t error;       /* enum error_code of a refused invocation, else 0 */
    uint64_t error_words[5];
    const char *error_text; /* what was expected and found; NULL without a refusal */
    uint64_t fault;         /* enum fault_label raised, else 0 */
    uint64_t next_thread;   /* who runs now, 0 = waiting for an interrupt */
    const char *next_name;
    uint64_t result[6]; /* x0..x5 of the thread that trapped, after the call */
};
