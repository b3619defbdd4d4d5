/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The copy of memory (memory.h). Free memory is compared too, which AddressSanitizer forbids its
 * own memcpy and memcmp to touch; so under it loops do the work.
 */
#include "memory.h"

#include <string.h>

#include "internal.h"
#include "machine.h"
#include "thread.h"

static uint64_t copy[WORLD_RAM_BYTES / 8];
static unsigned changed[MEMORY_PAGES];
static unsigned changed_count;
static const uint8_t *base;
static bool remembered[MEMORY_PAGES];  /* differs from the base, perhaps */
static unsigned touched[MEMORY_PAGES]; /* the same as a list */
static unsigned touched_count;
static uint64_t stash[MEMORY_PAGES][MEMORY_PAGE_WORDS];
static unsigned stashed[MEMORY_PAGES];
static bool is_stashed[MEMORY_PAGES];
static unsigned stashed_count;

const uint64_t *memory_now(uint64_t pa)
{
    return hal_window(paddr(pa));
}

const uint64_t *memory_before(uint64_t pa)
{
    return &copy[(pa - MEMORY_START) / 8];
}

static void copy_page(uint64_t *to, const uint64_t *from)
{
    arena_copy(to, from, MEMORY_PAGE_BYTES);
}

#if MACHINE_ASAN
/* After every trap, over all of memory. */
__attribute__((no_sanitize("address"))) static bool differs(const uint64_t *a, const uint64_t *b)
{
    const arena_words *x = (const arena_words *)a, *y = (const arena_words *)b;
    arena_words any = {0};
    for (unsigned i = 0; i < MEMORY_PAGE_BYTES / sizeof any; i++)
        any |= x[i] ^ y[i];
    return (any[0] | any[1] | any[2] | any[3]) != 0;
}
#else
static bool differs(const uint64_t *a, const uint64_t *b)
{
    return memcmp(a, b, MEMORY_PAGE_BYTES) != 0;
}
#endif

static uint64_t *page_now(unsigned page)
{
    return hal_window(paddr(MEMORY_START + (uint64_t)page * MEMORY_PAGE_BYTES));
}

static uint64_t *page_before(unsigned page)
{
    return &copy[page * MEMORY_PAGE_WORDS];
}

static const uint64_t *base_page(unsigned page)
{
    return (const uint64_t *)(base + (size_t)page * MEMORY_PAGE_BYTES);
}

static void remember(unsigned page)
{
    if (remembered[page])
        return;
    remembered[page] = true;
    touched[touched_count++] = page;
}

void memory_take(void)
{
    for (unsigned page = 0; page < MEMORY_PAGES; page++)
        copy_page(page_before(page), page_now(page));
}

static void take_page_of(const void *object)
{
    unsigned page = (unsigned)((pa_of(object) - MEMORY_START) / MEMORY_PAGE_BYTES);
    copy_page(page_before(page), page_now(page));
    remember(page);
}

void memory_take_user(const struct cpu *cpu)
{
    if (!cpu->current)
        return;
    const struct ipc_buffer *buffer = thread_buffer(cpu->current, false);
    take_page_of(cpu->current);
    if (buffer)
        take_page_of(buffer);
}

unsigned memory_compare(void)
{
    changed_count = 0;
    for (unsigned page = 0; page < MEMORY_PAGES; page++)
        if (differs(page_now(page), page_before(page)))
            changed[changed_count++] = page;
    return changed_count;
}

unsigned memory_changed_count(void)
{
    return changed_count;
}

unsigned memory_changed_page(unsigned i)
{
    return changed[i];
}

void memory_follow(void)
{
    for (unsigned i = 0; i < changed_count; i++) {
        copy_page(page_before(changed[i]), page_now(changed[i]));
        remember(changed[i]);
    }
}

/* ---- going back ---- */

static void forget(void)
{
    for (unsigned i = 0; i < touched_count; i++)
        remembered[touched[i]] = false;
    touched_count = 0;
}

void memory_set_base(const void *snapshot)
{
    base = (const uint8_t *)snapshot + machine_snapshot_ram(MEMORY_START);
    forget();
    memory_take();
}

void memory_to_base(void)
{
    for (unsigned i = 0; i < touched_count; i++) {
        copy_page(page_now(touched[i]), base_page(touched[i]));
        copy_page(page_before(touched[i]), base_page(touched[i]));
    }
    forget();
}

void memory_stash(void)
{
    stashed_count = touched_count;
    for (unsigned i = 0; i < touched_count; i++) {
        stashed[i] = touched[i];
        is_stashed[touched[i]] = true;
        copy_page(stash[i], page_now(touched[i]));
    }
}

static uint64_t difference_in(unsigned page, const uint64_t *expected, uint64_t skip)
{
    const uint64_t *now = page_now(page);
    for (unsigned i = 0; differs(now, expected) && i < MEMORY_PAGE_WORDS; i++)
        if (now[i] != expected[i] && (uint64_t)&now[i] != skip)
            return MEMORY_START + (uint64_t)page * MEMORY_PAGE_BYTES + i * 8;
    return 0;
}

uint64_t memory_difference(const void *ignored)
{
    uint64_t skip = (uint64_t)ignored / 8 * 8;
    uint64_t found = 0;
    memory_compare();
    for (unsigned i = 0; i < changed_count; i++) {
        remember(changed[i]);
        if (!found && !is_stashed[changed[i]])
            found = difference_in(changed[i], page_before(changed[i]), skip);
    }
    for (unsigned i = 0; i < stashed_count; i++) {
        remember(stashed[i]);
        is_stashed[stashed[i]] = false;
        if (!found)
            found = difference_in(stashed[i], stash[i], skip);
    }
    stashed_count = 0;
    return found;
}
