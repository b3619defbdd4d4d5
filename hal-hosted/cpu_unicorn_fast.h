/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The fast engine: repairs of the Unicorn library that are made when its static archive is linked
 * (cpu_unicorn_fast.c). Nothing but the cpu_unicorn files includes this header.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "platform.h"

struct seen_page;

/* Switches the repairs on or off for the engine that is opened next. On fails, with a sentence,
 * when this program was linked without them or with another version of the library. */
const char *fast_begin(bool on);
bool fast_is_on(void);
/* Between runs: clears the buffer of translated code when it is nearly full. */
void fast_make_room(void);
/* After the RAM was mapped: where the library has it. */
void fast_find_ram(void);
/* Once EL0 runs: finds the library's translation buffer (TLB), whose copies make a switch of the
 * address space cheap. NULL or a sentence. */
const char *fast_find_tlb(void);
/* From now on pages are looked up by mmu_model.h; until then each of the library's own results is
 * compared with it. NULL or a sentence about what differed. */
const char *fast_own_walks(void);
/* Before the library's handle is closed. */
void fast_end(void);

/* Later runs are in this space. Returns where its executed pages are noted; *fresh = nothing that
 * is noted there, nor any translation, is valid. */
struct seen_page *fast_space(uint64_t root, uint16_t asid, bool *fresh);
/* Cached translations may be wrong, in all spaces. */
void fast_translations_changed(void);
/* Forgets the translated code of the page of RAM range `range`. */
void fast_drop_code(unsigned range, uint64_t page);
