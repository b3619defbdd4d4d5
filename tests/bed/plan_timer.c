/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The timer on a PL031 and a client.
 * Boot arguments: kaal.log=quiet
 */
#include "bed.h"

BED_ELF(timer);
BED_ELF(timeouts);

const struct bed_plan bed_plan = {
    .component = {{.name = "timer",
                   .elf = BED_ELF_OF(timer),
                   .priority = 200,
                   .waits = true,
                   .device = {{"timer", 0x9010000, 34}}},
                  {.name = "timeouts", .elf = BED_ELF_OF(timeouts), .priority = 100}},
    .channel = {{"timer", "timeouts", "timer", 0}},
};
