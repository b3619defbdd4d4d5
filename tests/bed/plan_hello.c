/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * hello, twice.
 * Boot arguments: kaal.log=quiet
 */
#include "bed.h"

BED_ELF(hello);

const struct bed_plan bed_plan = {
    .component =
        {{.name = "first", .elf = BED_ELF_OF(hello), .priority = 100},
         {.name = "second", .elf = BED_ELF_OF(hello), .priority = 100, .argument = {"one", "two"}}},
};
