/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The copy of memory (memory.h). Free memory is compared too, which AddressSanitizer forbids its
 * own memcpy and memcmp to touch; so under it plain loops do the work.
 */
#include "memory.h"

#include <string.h>

#include "internal.h"
#include "thread.h"

static uint64_t copy[WORLD_RAM_BYTES / 8];
static unsigned changed[MEMORY_PAGES];
static unsigned changed_count;

const uint64_t *memory_now(uint64_t pa)
{
    return hal_window(paddr(pa));
}

const uint64_t *memory_before(uint64_t pa)
{
    return &copy[(pa - MEMORY_START) / 8];
}

#if MACHINE_ASAN
__attribute__((no_sanitize("address"))) static void copy_page(uint64_t *to, const uint64_t *from)
{
    volatile uint64_t *t = to;
    for (unsigned i = 0; i < MEMORY_PAGE_WORDS; i++)
        t[i] = from[i];
}

__attribute__((no_sanitize("address"))) static bool differs(const uint64_t *a, const uint64_t *b)
{
    uint64_t differing = 0;
    for (unsigned i = 0; i < MEMORY_PAGE_WORDS; i++)
        differing |= a[i] ^ b[i];
    return differing != 0;
}
#else
static void copy_page(uint64_t *to, const uint64_t *from)
{
    memcpy(to, from, MEMORY_PAGE_BYTES);
}

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

void memory_take(void)
{
    for (unsigned page = 0; page < MEMORY_PAGES; page++)
        copy_page(page_before(page), page_now(page));
}

static void take_page_of(const void *object)
{
    unsigned page = (unsigned)((pa_of(object) - MEMORY_START) / MEMORY_PAGE_BYTES);
    copy_page(page_before(page), page_now(page));
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
    for (unsigned i = 0; i < changed_count; i++)
        copy_page(page_before(changed[i]), page_now(changed[i]));
}

void memory_undo(void)
{
    for (unsigned i = 0; i < changed_count; i++)
        copy_page(page_now(changed[i]), page_before(changed[i]));
}
