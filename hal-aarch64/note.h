/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What distinguishes the flavours of the machine: their name, in the banner and in the kernel note
 * (loader/kernel_note.h). Each flavour file expands this once.
 */
#pragma once
#include "abi/kaal_version.h"
#include "build_id.h"
#include "kernel_note.h"
#include "machine.h"

extern const char boot_part_start[], boot_part_end[]; /* kernel.ld */
extern uint8_t core_state[CORE_STATE_BYTES];

#define KERNEL_FLAVOUR(name_text)                                                                  \
    const char machine_flavour[] = name_text;                                                      \
    __attribute__((section(KERNEL_NOTE_SECTION), used))                                            \
    const struct kernel_note_section kernel_note = {                                               \
        .name_size = sizeof(KERNEL_NOTE_OWNER),                                                    \
        .desc_size = KERNEL_NOTE_SIZE,                                                             \
        .type = KERNEL_NOTE_TYPE,                                                                  \
        .owner = KERNEL_NOTE_OWNER,                                                                \
        .note =                                                                                    \
            {                                                                                      \
                .version = KERNEL_NOTE_VERSION,                                                    \
                .flags = KERNEL_NOTE_MOVABLE,                                                      \
                .boot_start = (uint64_t)boot_part_start,                                           \
                .boot_end = (uint64_t)boot_part_end,                                               \
                .state_start = (uint64_t)core_state,                                               \
                .state_size = CORE_STATE_BYTES,                                                    \
                .name = "KaaL",                                                                    \
                .version_text = KAAL_VERSION,                                                      \
                .flavour = name_text,                                                              \
                .build_id = KAAL_BUILD_ID,                                                         \
            },                                                                                     \
    }
