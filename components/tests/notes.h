/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the clients of the system "chaos" tell its master by rings of 64-bit words: that they begin
 * a call to a server of some kind, that it was broken, and how many ticks of the counter passed
 * from its begin to the next answer of such a server.
 */
#pragma once
#include <string.h>

#include "ring/ring.h"

RING_TYPE(notes, uint64_t);

/* Servers, by the name of the channel to them. */
static const char *const note_kind[] = {"echo",  "vfs",  "log",   "names", "uart",
                                        "clock", "gpio", "timer", "sink"};

enum {
    NOTE_KINDS = sizeof(note_kind) / sizeof(note_kind[0])
};

/* NOTE_KINDS for a name that is none. */
static inline unsigned note_number(const char *name)
{
    unsigned i = 0;
    while (i < NOTE_KINDS && strcmp(note_kind[i], name) != 0) {
        i++;
    }
    return i;
}

enum note_event {
    NOTE_BEGIN,
    NOTE_BROKEN,
    NOTE_ANSWERED, /* with the ticks */
};

static inline uint64_t note_make(unsigned kind, enum note_event event, uint64_t ticks)
{
    return (uint64_t)kind << 56 | (uint64_t)event << 48 | (ticks & 0xffffffffffff);
}
static inline unsigned note_kind_of(uint64_t note)
{
    return note >> 56;
}
static inline enum note_event note_event_of(uint64_t note)
{
    return (enum note_event)(note >> 48 & 0xff);
}
static inline uint64_t note_ticks_of(uint64_t note)
{
    return note & 0xffffffffffff;
}
