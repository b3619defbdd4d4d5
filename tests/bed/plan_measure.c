/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a push and a pop cost.
 * Boot arguments: kaal.log=quiet kaal.tick_us=0 kaal.el0_pmu=on
 */
#include "bed.h"

BED_ELF(rings);

const struct bed_plan bed_plan = {
    .component =
        {{.name = "measure", .elf = BED_ELF_OF(rings), .priority = 100, .argument = {"measure"}}},
};
