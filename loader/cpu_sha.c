/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* Which SHA-256 routine this CPU can run (Arm ARM D17.2, ID_AA64ISAR0_EL1.SHA2). */
#include "sha256.h"

bool sha256_has_instructions(void)
{
    uint64_t features;

    __asm__("mrs %0, id_aa64isar0_el1" : "=r"(features));
    return (features >> 12 & 15) != 0;
}

void sha256_use_instructions(void)
{
    if (sha256_has_instructions()) {
        sha256_set_blocks(sha256_blocks_a64);
    }
}
