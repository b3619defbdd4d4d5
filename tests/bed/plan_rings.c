/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Two components of the same priority on two rings.
 * Boot arguments: kaal.log=quiet kaal.tick_us=100 kaal.slice_ticks=1
 */
#include "bed.h"

BED_ELF(rings);

const struct bed_plan bed_plan = {
    .component =
        {{.name = "producer", .elf = BED_ELF_OF(rings), .priority = 100, .argument = {"produce"}},
         {.name = "consumer", .elf = BED_ELF_OF(rings), .priority = 100, .argument = {"consume"}}},
    .ring = {{"words", "producer", "consumer", 16, 8}, {"samples", "producer", "consumer", 4, 64}},
};
