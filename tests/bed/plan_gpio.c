/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * GPIO and a client that waits for a line.
 * Boot arguments: kaal.log=quiet
 */
#include "bed.h"

BED_ELF(pl061);
BED_ELF(devices);

const struct bed_plan bed_plan = {
    .component =
        {{.name = "lines",
          .elf = BED_ELF_OF(pl061),
          .priority = 200,
          .waits = true,
          .device = {{"gpio", 0x9030000, 39}}},
         {.name = "devices", .elf = BED_ELF_OF(devices), .priority = 100, .argument = {"watch"}}},
    .channel = {{"gpio", "devices", "lines", 0}},
};
