/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The random numbers: xorshift64* (Marsaglia 2003, Vigna 2016), one sequence for the whole program.
 */
#include "random.h"

static uint64_t state;

void random_start(uint64_t seed)
{
    state = seed * 0x9e3779b97f4a7c15ull + 1;
    if (state == 0) {
        state = 1;
    }
}

uint64_t random_word(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1dull;
}

uint64_t below(uint64_t n)
{
    return (random_word() >> 32) % n;
}

bool once_in(uint64_t n)
{
    return below(n) == 0;
}

uint64_t random_page(void)
{
    uint64_t page = once_in(2) ? 0 : below(WINDOW_PAGES);
    return WINDOW + (below(WINDOW_AREAS) << LARGE_PAGE_BITS) + (page << PAGE_BITS);
}
