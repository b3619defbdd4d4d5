/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The conformance program's frame: an ordinary root task that knows only the binary interface.
 * Every case prints one TAP line with the row ids it covers (rows.csv), owns what it allocates and
 * leaves nothing behind: its objects come from one Untyped that is revoked, its slots are emptied.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/bootinfo.h"
#include "answer.h"
#include "kaal/invocations.h"
#include "kaal/syscalls.h"

#define ROOT SLOT_INIT_CNODE /* radix 12 or more, guard: cptr = slot number (abi/boot.md §3) */

/* ---- cases ---- */

struct test {
    const char *rows; /* ids of rows.csv, separated by spaces */
    const char *name;
    void (*run)(void);
};

struct suite {
    const char *name;
    const struct test *tests;
    unsigned count;
};
#define SUITE(name_, tests_)                                                                       \
    {                                                                                              \
        (name_), (tests_), sizeof(tests_) / sizeof((tests_)[0])                                    \
    }

/* For a case whose course is not the program's alone: true = leave it out, by the wish of
 * `kaal-builder --patch conformance_without_clock=1`. `why`: what it depends on. */
bool left_out(const char *why);
/* Runs all suites; the number of cases that failed. */
unsigned harness_run(const struct bootinfo *bootinfo, const struct suite *suites, unsigned count);

/* The boot information. */
const struct bootinfo *boot(void);

/* ---- checks: the first that fails in a case fails it and is reported; the case goes on ---- */

void check_that(bool holds, const char *what, const char *file, int line);
void check_equal(uint64_t found, uint64_t expected, const char *what, const char *file, int line);
void check_answered(struct reply found, struct answer expected, const char *what, const char *file,
                    int line);
#define check(condition)          check_that((condition), #condition, __FILE__, __LINE__)
#define check_eq(found, expected) check_equal((found), (expected), #found, __FILE__, __LINE__)
/* The call `invocation_` is answered as `answer_` says. */
#define check_call(invocation_, answer_)                                                           \
    check_answered(invoke(&(invocation_)), (answer_), #invocation_, __FILE__, __LINE__)
/* A library call that must succeed. */
#define must(call) check_equal((call), ERROR_NONE, #call, __FILE__, __LINE__)

/* Emits a TAP line of its own for what was checked since the last line. */
void case_line(const char *rows, const char *subject, const char *what);

/* Whether a check of the current line has failed. */
bool case_failed(void);

/* ---- refusals: a table of wrong arguments for one method ---- */

enum field {
    FIELD_NONE,
    FIELD_TARGET,
    FIELD_LABEL,
    FIELD_LENGTH,
    FIELD_WORD,
    FIELD_CAPS,
    FIELD_CAP
};

struct change {
    enum field field;
    uint64_t index; /* of FIELD_WORD and FIELD_CAP */
    uint64_t value;
};
#define TARGET(v)                                                                                  \
    {                                                                                              \
        FIELD_TARGET, 0, (v)                                                                       \
    }
#define LABEL(v)                                                                                   \
    {                                                                                              \
        FIELD_LABEL, 0, (v)                                                                        \
    }
#define LENGTH(v)                                                                                  \
    {                                                                                              \
        FIELD_LENGTH, 0, (v)                                                                       \
    }
#define NCAPS(v)                                                                                   \
    {                                                                                              \
        FIELD_CAPS, 0, (v)                                                                         \
    }
#define WORD(index, v)                                                                             \
    {                                                                                              \
        FIELD_WORD, (index), (v)                                                                   \
    }
#define CAP(index, v)                                                                              \
    {                                                                                              \
        FIELD_CAP, (index), (v)                                                                    \
    }

struct violation {
    const char *rows;
    const char *what;
    struct change change[3];
    struct answer answer;
};

/* `valid` with each violation alone gives its answer; with each pair of violations that touch
 * different arguments, the earlier one's (abi/invocations.md §1: the first failing check is
 * reported). Two TAP lines per violation. */
void refusals(const char *subject, const struct invocation *valid, const struct violation *list,
              unsigned count);
#define REFUSALS(subject, valid, list)                                                             \
    refusals((subject), &(valid), (list), sizeof(list) / sizeof((list)[0]))

/* ---- objects and slots of the current case ---- */

/* `count` adjacent empty slots of the root CNode; the first one's number. */
uint64_t slots_new(unsigned count);
static inline uint64_t slot_new(void)
{
    return slots_new(1);
}

/* A new object; its slot. `bits` as Retype's size_bits. */
uint64_t object(enum object_type type, uint64_t bits);
/* The Untyped that all objects of the case come from. */
uint64_t case_untyped(void);
/* A childless Untyped of 2^bits bytes; its slot. */
uint64_t untyped(uint64_t bits);
/* A device Untyped of the boot list with at least 2^bits bytes; its slot. */
uint64_t device_untyped(uint64_t bits);
/* A VSpace with an ASID of the initial pool. */
uint64_t vspace(void);

/* Maps a frame, making the page tables that are missing. */
void map(uint64_t space, uint64_t frame, uint64_t vaddr, uint64_t rights, uint64_t attributes);
/* Addresses for cases in the initial VSpace, 1 GiB each; nothing of the frame is there. */
#define FREE_VADDR 0x100000000ull

/* Guard bits of the root CNode's cap (abi/boot.md §3). */
static inline uint64_t root_guard(void)
{
    return WORD_BITS - boot()->init_cnode_bits;
}

/* Where a slot of the root CNode is. */
static inline struct kaal_slot at(uint64_t slot)
{
    return (struct kaal_slot){ROOT, slot, WORD_BITS};
}

/* Copies with rights, and with a badge or guard; the new slot. */
uint64_t copy_of(uint64_t slot, uint64_t rights);
uint64_t mint_of(uint64_t slot, uint64_t rights, uint64_t data);

/* Whether a slot is occupied, without changing it or needing a debug call. */
bool occupied(uint64_t slot);
