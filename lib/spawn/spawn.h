/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * An ELF file becomes a component, and stops being one without a trace. A component is one thread
 * with an address space and a CNode of its own (comp/layout.h), and holds no cap that its maker did
 * not give: the maker opens it, maps and gives what it is to have, writes its environment, starts
 * it.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "comp/env.h"
#include "comp/layout.h"
#include "mm/mm.h"

struct spawn_params {
    const char *name;
    uint16_t client; /* of the broker: pays for everything */
    const void *elf;
    size_t elf_bytes;
    uint32_t priority;   /* 0..254 */
    uint32_t cnode_bits; /* 2^bits slots, 4..16 */
    uint64_t stack;      /* bytes it may grow to, a multiple of 4096 */
    uint64_t heap;
    uint32_t faults;       /* endpoint for fault messages */
    uint64_t fault_badge;  /* not 0 */
    uint32_t notification; /* to be bound to the thread, 0 = none */
};

struct spawn {
    bool open;
    uint32_t space;
    uint32_t cnode; /* blocks */
    uint32_t tcb;
    uint32_t cnode_bits;
    uint64_t entry;
    uint64_t heap_limit; /* addresses, for the environment */
    uint64_t stack_bottom;
};

/* Makes the component, not yet running. On refusal one sentence in `why` and nothing is left. */
KAAL_MUST_CHECK enum broker_code spawn_open(struct mm *mm, const struct spawn_params *params,
                                            struct spawn *spawn, char *why, size_t room);
/* Puts a copy of the root task's cap `from` into a slot; badge 0 leaves the badge as it is. */
KAAL_MUST_CHECK enum broker_code spawn_give(struct mm *mm, const struct spawn *spawn, uint32_t slot,
                                            uint32_t from, uint64_t rights, uint64_t badge);
/* Writes the environment page. */
KAAL_MUST_CHECK enum broker_code spawn_env(struct mm *mm, const struct spawn *spawn,
                                           const struct env *env);
/* The thread runs from the program's entry (comp/layout.h: its start state). */
KAAL_MUST_CHECK enum broker_code spawn_start(struct mm *mm, const struct spawn *spawn);
KAAL_MUST_CHECK enum broker_code spawn_suspend(struct mm *mm, const struct spawn *spawn);
KAAL_MUST_CHECK enum broker_code spawn_resume(struct mm *mm, const struct spawn *spawn);
/* Ends the component: thread, CSpace with all its caps, address space. Objects that others own
 * (endpoints, notifications, memories) stay. */
void spawn_close(struct mm *mm, struct spawn *spawn);
/* cptr of the thread's TCB. */
static inline uint32_t spawn_tcb(const struct mm *mm, const struct spawn *spawn)
{
    return broker_cptr(mm->broker, spawn->tcb);
}
