/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Clock, GPIO and a client of both.
 * Boot arguments: kaal.log=quiet
 */
#include "bed.h"

BED_ELF(pl031);
BED_ELF(pl061);
BED_ELF(devices);

const struct bed_plan bed_plan = {
    .component = {{.name = "clock",
                   .elf = BED_ELF_OF(pl031),
                   .priority = 200,
                   .waits = true,
                   .device = {{"rtc", 0x9010000, 34}}},
                  {.name = "lines",
                   .elf = BED_ELF_OF(pl061),
                   .priority = 200,
                   .waits = true,
                   .device = {{"gpio", 0x9030000, 39}}},
                  {.name = "devices", .elf = BED_ELF_OF(devices), .priority = 100}},
    .channel = {{"rtc", "devices", "clock", 0}, {"gpio", "devices", "lines", 0}},
};
