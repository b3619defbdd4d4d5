/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The UART driver and a reader of lines, by calls.
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
    .channel = {{"console", "lines", "uart", 0}},
};
