/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One component with all devices.
 * Boot arguments: kaal.log=quiet
 */
#include "bed.h"

BED_ELF(registers);

const struct bed_plan bed_plan = {
    .component =
        {{.name = "registers",
          .elf = BED_ELF_OF(registers),
          .priority = 100,
          .device = {{"uart", 0x9000000, 0}, {"rtc", 0x9010000, 0}, {"gpio", 0x9030000, 0}}}},
};
