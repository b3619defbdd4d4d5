/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Executing recordings of kaal-hosted (record.h): the kernel's part of the run again, every hash
 * compared.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recording_options {
    bool words;          /* each entry in words with what it changed, ... */
    uint64_t words_from; /* ... from this one on */
    bool oracles;        /* the invariants after each entry */
    bool any_kernel;     /* though recorded with other sources */
    uint64_t stop_at;    /* calls replay_stop() before that entry (1 = the first); 0 = never */
};

struct recording_result {
    uint64_t entries;
    uint64_t hashes;     /* compared and equal */
    const char *failure; /* NULL, or one sentence in a static buffer */
    bool unreadable;     /* the failure is the file's */
};

bool recording_is(const uint8_t *bytes, size_t size);
struct recording_result recording_replay(const uint8_t *bytes, size_t size,
                                         const struct recording_options *options);
