/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A server, a client that tries everything, and one that kills the server.
 * Boot arguments: kaal.log=quiet
 */
#include "bed.h"

BED_ELF(calls);

const struct bed_plan bed_plan = {
    .component =
        {{.name = "server",
          .elf = BED_ELF_OF(calls),
          .priority = 120,
          .waits = true,
          .argument = {"serve"}},
         {.name = "caller", .elf = BED_ELF_OF(calls), .priority = 110, .argument = {"call"}},
         {.name = "killer", .elf = BED_ELF_OF(calls), .priority = 100, .argument = {"kill"}}},
    .channel = {{"server", "caller", "server", 4096}, {"server", "killer", "server", 0}},
};
