/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The frame of the test root task for the framework's libraries: TAP on the debug console, one
 * broker and one memory manager for all cases, a puppet component that does what it is told.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "broker/broker.h"
#include "mm/mm.h"
#include "spawn/spawn.h"

extern struct broker broker;
extern struct mm mm;

/* ---- checks: the first that fails in a case fails it; the case goes on ---- */

void check_that(bool holds, const char *what, const char *file, int line);
void check_equal(uint64_t found, uint64_t expected, const char *what, const char *file, int line);
#define check(condition)          check_that((condition), #condition, __FILE__, __LINE__)
#define check_eq(found, expected) check_equal((found), (expected), #found, __FILE__, __LINE__)
/* Of a library call; prints the broker's sentence when it is refused. */
void check_code(enum broker_code found, enum broker_code expected, const char *what,
                const char *file, int line);
#define check_is(call, code) check_code((call), (code), #call, __FILE__, __LINE__)
#define must(call)           check_code((call), BROKER_OK, #call, __FILE__, __LINE__)
/* Closes the case. */
void case_line(const char *what);

/* ---- books ---- */

/* The books with everything joined and given back that can be. */
struct broker_status books(void);
/* Whether the books are the same as before. */
void check_books(struct broker_status before, const char *file, int line);
#define check_same_books(before) check_books((before), __FILE__, __LINE__)

/* Runs `attempt` with its first, second, third... allocation failing, until it succeeds; it returns
 * the code of what it tried and undoes what succeeded. The books must be the same after each.
 * Returns how many allocations there were. */
unsigned every_allocation_fails(enum broker_code (*attempt)(void), struct broker_status before);

/* Kernel calls that can be refused (refuse.c): made so far, and the one that is, 0 = none. */
struct calls {
    uint64_t made;
    uint64_t refuse_at;
};
extern struct calls calls;
/* The same with the first, second, third... of these kernel calls refused. */
unsigned every_call_is_refused(enum broker_code (*attempt)(void), struct broker_status before);

/* ---- the puppet (puppet.c) ---- */

enum {
    CLIENT = 5, /* of the broker */
    OTHER_CLIENT = 6,
    QUOTA = 4 << 20,
    PUPPET_PRIORITY = 100,
};

extern const char puppet_elf[];
extern const char puppet_elf_end[];
extern const char hostile_elf[];
extern const char hostile_elf_end[];

/* The endpoint that components report and fault to; the client's number is the badge. */
uint32_t report_endpoint(void);

/* Opens a component for `client` with SLOT_SYSTEM; does not start it. */
enum broker_code component_open(struct spawn *spawn, uint16_t client, const char *elf,
                                const char *end, uint32_t priority);
/* Opens a puppet for `client`; does not start it. */
enum broker_code puppet_open(struct spawn *puppet, uint16_t client);
/* Starts it and waits for its first report. */
void puppet_start(struct spawn *puppet);
/* One order; returns its report, or the fault that it could not go on from. */
struct puppet_report {
    bool faulted;
    uint64_t value; /* result of the order, or the fault's address */
    uint64_t label; /* of the fault */
    enum mm_answer answer;
};
struct puppet_report puppet_do(struct spawn *puppet, uint64_t order, uint64_t a, uint64_t b);

/* Keeps one frame in use, so that cases do not make and unmake a chunk of frames each time. */
uint32_t keeper_open(void);

void cases_broker(void);
void cases_mm(void);
void cases_spawn(void);
void cases_random(void);
void cases_hostile(void);
