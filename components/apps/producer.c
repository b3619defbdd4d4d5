/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Sends numbers through the ring "numbers": as many as its argument says, 1000 without one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "comp/comp.h"
#include "ring/ring.h"

RING_TYPE(numbers, uint64_t);

int main(int argc, char **argv)
{
    struct ring ring;
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000;
    if (!ring_open_env(&ring, comp_find("numbers", ENV_PRODUCER), sizeof(uint64_t))) {
        printf("producer: expected a ring 'numbers' of 8-byte entries\n");
        return 1;
    }
    for (uint64_t i = 1; i <= count; i++) {
        while (!numbers_push(&ring, &i)) {
            (void)kaal_wait(SLOT_NOTIFICATION);
        }
    }
    uint64_t end = 0;
    while (!numbers_push(&ring, &end)) {
        (void)kaal_wait(SLOT_NOTIFICATION);
    }
    printf("producer: sent %llu numbers\n", (unsigned long long)count);
    return 0;
}
