/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * malloc's memory: from LAYOUT_HEAP up to the limit in the environment. Pages appear when they are
 * touched first, within the component's quota.
 */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include "comp/comp.h"

void *sbrk(ptrdiff_t change)
{
    static uint64_t top = LAYOUT_HEAP;
    uint64_t limit = comp_env()->heap_limit;
    uint64_t before = top;
    if (change < 0 ? (uint64_t)-change > top - LAYOUT_HEAP : (uint64_t)change > limit - top) {
        errno = ENOMEM;
        return (void *)-1;
    }
    top += (uint64_t)change;
    return (void *)before;
}
