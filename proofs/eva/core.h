/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Read before every file of core/ by the value analysis: what its front end does not know, and what
 * must never be reached.
 */
#pragma once
#include <stdint.h>

#define _Alignas(bytes)
#define __builtin_unreachable() eva_unreachable()
#define __builtin_clzll(word)   eva_clz(word)

/*@ requires never: \false;
    assigns \nothing; */
void eva_unreachable(void);

/* Exact: what __builtin_clzll() is documented to be. */
/*@ requires not_zero: word != 0;
    assigns \result \from word;
    ensures bits: 0 <= \result <= 63; */
int eva_clz(uint64_t word);

/*@ requires holds: \false; */
_Noreturn void ensure_failed(const char *file, int line, const char *condition);
