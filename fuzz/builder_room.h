/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * Where fuzz/builder.c lets the builder run: an empty folder, and a heap and open files of which
 * nothing outlives a run. Failing ends the real builder where it is; here that would be a leak.
 */
#ifndef FUZZ_BUILDER_ROOM_H
#define FUZZ_BUILDER_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Empties the folder, which is made at the first call, and is the current one from then on. */
void room_clean(void);

void room_write(const char *name, const uint8_t *data, size_t size);

/* Is that file there, with these bytes? */
bool room_holds(const char *name, const uint8_t *data, size_t size);

/* The names in the folder that match (fnmatch). */
size_t room_count(const char *pattern);

/* Between these, memory and files that the builder takes are kept in mind; then they are freed. */
void room_begin_run(void);
void room_end_run(void);

#endif
