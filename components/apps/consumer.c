/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Takes numbers out of the ring "numbers" until a 0 comes, and prints how many and their sum.
 */
#include <stdio.h>

#include "comp/comp.h"
#include "ring/ring.h"

RING_TYPE(numbers, uint64_t);

int main(void)
{
    struct ring ring;
    uint64_t count = 0;
    uint64_t sum = 0;
    uint64_t value = 1;
    if (!ring_open_env(&ring, comp_find("numbers", ENV_CONSUMER), sizeof(uint64_t))) {
        printf("consumer: expected a ring 'numbers' of 8-byte entries\n");
        return 1;
    }
    while (value != 0) {
        while (!numbers_pop(&ring, &value)) {
            (void)kaal_wait(SLOT_NOTIFICATION);
        }
        count += value != 0;
        sum += value;
    }
    printf("consumer: %llu numbers, sum %llu\n", (unsigned long long)count,
           (unsigned long long)sum);
    return 0;
}
