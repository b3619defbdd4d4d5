/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The same by rings.
 * Boot arguments: kaal.log=quiet
 */
#include "bed.h"

BED_ELF(pl011);
BED_ELF(lines);

const struct bed_plan bed_plan = {
    .component = {{.name = "uart",
                   .elf = BED_ELF_OF(pl011),
                   .priority = 200,
                   .waits = true,
                   .device = {{"uart", 0x9000000, 33}}},
                  {.name = "lines", .elf = BED_ELF_OF(lines), .priority = 100}},
    .ring = {{"console", "lines", "uart", 64, 1}, {"console", "uart", "lines", 128, 1}},
};
