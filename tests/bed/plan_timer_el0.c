/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The timer on the CPU's physical timer and a client.
 * Boot arguments: kaal.log=quiet kaal.el0_physical_counter=on kaal.el0_physical_timer=on
 */
#include "bed.h"

BED_ELF(timer);
BED_ELF(timeouts);

const struct bed_plan bed_plan = {
    .component = {{.name = "timer",
                   .elf = BED_ELF_OF(timer),
                   .priority = 200,
                   .waits = true,
                   .device = {{"timer", 0, 30}}},
                  {.name = "timeouts", .elf = BED_ELF_OF(timeouts), .priority = 100}},
    .channel = {{"timer", "timeouts", "timer", 0}},
};
