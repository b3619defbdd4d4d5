/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invocations as data, and the answers that abi/invocations.md §1 allows.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "abi/labels.h"
#include "abi/syscalls.h"

enum {
    MAX_WORDS = 40,
    ANSWER_WORDS = 5
};

/* One Call. `length` and `caps` are what the message info says; words and caps beyond the given
 * ones are zero. */
struct invocation {
    uint64_t target;
    uint64_t label;
    uint64_t length;
    uint64_t caps;
    uint64_t word[MAX_WORDS];
    uint64_t cap[MSG_MAX_EXTRA_CAPS];
};

#define COUNT_OF(...) (sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))
#define CAPS(...)     .caps = COUNT_OF(__VA_ARGS__), .cap = {__VA_ARGS__}
#define NO_CAPS       .caps = 0
/* INVOCATION(target, label, CAPS(...) or NO_CAPS, words...) */
#define INVOCATION(target_, label_, caps_, ...)                                                    \
    ((struct invocation){.target = (target_),                                                      \
                         .label = (label_),                                                        \
                         .length = COUNT_OF(__VA_ARGS__),                                          \
                         .word = {__VA_ARGS__},                                                    \
                         caps_})

/* What came back in x0..x5 and in the IPC buffer's fifth word, beside what x2..x5 were before. */
struct reply {
    uint64_t x0;
    uint64_t info;
    uint64_t mr[ANSWER_WORDS];
    uint64_t before[MSG_REGISTERS];
};

/* Sends it by Call. */
struct reply invoke(const struct invocation *invocation);

/* An expected reply: the label and the words it must have. Success leaves x2..x5 as they were
 * except for result words. */
struct answer {
    uint64_t label;
    uint64_t count;
    uint64_t word[ANSWER_WORDS];
};

#define ANSWER(label_, ...) ((struct answer){(label_), COUNT_OF(__VA_ARGS__), {__VA_ARGS__}})
#define OK                  ANSWER(ERROR_NONE)
#define RESULT(value)       ANSWER(ERROR_NONE, value)
#define INV_ARG(n)          ANSWER(ERROR_INVALID_ARGUMENT, n)
#define INV_CAP(n)          ANSWER(ERROR_INVALID_CAPABILITY, n)
#define ILLEGAL             ANSWER(ERROR_ILLEGAL_OPERATION)
#define RANGE(low, high)    ANSWER(ERROR_RANGE, low, high)
#define ALIGNMENT           ANSWER(ERROR_ALIGNMENT)
#define TRUNC               ANSWER(ERROR_TRUNCATED_MESSAGE)
#define DELETE_FIRST        ANSWER(ERROR_DELETE_FIRST)
#define REVOKE_FIRST        ANSWER(ERROR_REVOKE_FIRST)
#define NO_MEMORY(bytes)    ANSWER(ERROR_NOT_ENOUGH_MEMORY, bytes)
/* FailedLookup; `source` is 1 when the source's lookup failed. */
#define NO_ROOT(source)       ANSWER(ERROR_FAILED_LOOKUP, source, LOOKUP_INVALID_ROOT)
#define MISSING(source, left) ANSWER(ERROR_FAILED_LOOKUP, source, LOOKUP_MISSING_CAPABILITY, left)
#define DEPTH(source, left, found)                                                                 \
    ANSWER(ERROR_FAILED_LOOKUP, source, LOOKUP_DEPTH_MISMATCH, left, found)
#define GUARD(source, left, guard, bits)                                                           \
    ANSWER(ERROR_FAILED_LOOKUP, source, LOOKUP_GUARD_MISMATCH, left, guard, bits)

/* Whether the reply is the answer, in every word that the interface fixes. */
bool is_answer(const struct reply *reply, const struct answer *answer);
