/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A refused invocation: the error code and its words (abi/invocations.md §1), and for people what
 * was expected and found. Each function fills `no` and returns the code, so that a decode function
 * ends in `return refuse_…`. `text` is a constant in which "%" or "#" stands for the value found,
 * decimal or hexadecimal.
 */
#pragma once
#include "kernel.h"

struct refusal {
    enum error_code code;
    uint32_t count; /* info words */
    uint64_t words[5];
    uint64_t found;
    const char *text;
};

MUST_CHECK enum error_code refuse(struct refusal *no, enum error_code code, const char *text,
                                  uint64_t found);
MUST_CHECK enum error_code refuse_truncated(struct refusal *no);
MUST_CHECK enum error_code refuse_argument(struct refusal *no, uint64_t number, const char *text,
                                           uint64_t found);
/* 0 = the invoked cap, 1 = first extra cap, … */
MUST_CHECK enum error_code refuse_cap(struct refusal *no, uint64_t number, const char *text);
MUST_CHECK enum error_code refuse_illegal(struct refusal *no, const char *text);
MUST_CHECK enum error_code refuse_range(struct refusal *no, uint64_t min, uint64_t max,
                                        const char *text, uint64_t found);
MUST_CHECK enum error_code refuse_lookup(struct refusal *no, bool is_source,
                                         const struct lookup_fault *fault, const char *text);
MUST_CHECK enum error_code refuse_missing(struct refusal *no, bool is_source, uint64_t bits_left,
                                          const char *text);
MUST_CHECK enum error_code refuse_memory(struct refusal *no, uint64_t bytes_left);
