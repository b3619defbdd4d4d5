/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Physical memory. It keeps true: RAM of the platform lies at HAL_WINDOW_BASE plus its address and
 * nothing else does; under AddressSanitizer free memory is poisoned; copies and hashes see every
 * byte regardless of poison.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "internal.h"
#include "tlb_check.h"

enum {
    PAGE = 4096,
    DIAG_SPACE = (CORE_DIAG_BYTES + PAGE - 1) / PAGE * PAGE
};

#if MACHINE_ASAN
#include <sanitizer/asan_interface.h>

/* Shadow byte of an address (AddressSanitizer's published mapping). */
static uint8_t *shadow_of(uint64_t pa)
{
    static size_t scale, offset;
    if (offset == 0) {
        __asan_get_shadow_mapping(&scale, &offset);
    }
    return (uint8_t *)(((HAL_WINDOW_BASE + pa) >> scale) + offset);
}

void arena_poison(uint64_t pa, uint64_t bytes)
{
    ASAN_POISON_MEMORY_REGION(hal_window(paddr(pa)), bytes);
}

void arena_unpoison(uint64_t pa, uint64_t bytes)
{
    ASAN_UNPOISON_MEMORY_REGION(hal_window(paddr(pa)), bytes);
}

static size_t shadow_bytes(const struct range *r)
{
    return (size_t)(r->end - r->start) / 8;
}

/* Volatile, or the compiler would make a call of memcpy() of it, which is checked. */
__attribute__((no_sanitize("address"))) void arena_copy(void *to, const void *from, size_t bytes)
{
    volatile arena_words *t = to;
    const arena_words *f = from;
    for (size_t i = 0; i < bytes / sizeof *t; i++) {
        t[i] = f[i];
    }
}
#else
static uint8_t *shadow_of(uint64_t pa)
{
    (void)pa;
    return NULL;
}

void arena_poison(uint64_t pa, uint64_t bytes)
{
    (void)pa;
    (void)bytes;
}

void arena_unpoison(uint64_t pa, uint64_t bytes)
{
    (void)pa;
    (void)bytes;
}

static size_t shadow_bytes(const struct range *r)
{
    (void)r;
    return 0;
}

void arena_copy(void *to, const void *from, size_t bytes)
{
    if (bytes != 0) {
        memcpy(to, from, bytes);
    }
}
#endif

__attribute__((no_sanitize("address"))) uint64_t arena_read64(uint64_t pa)
{
    return arena_has(pa, 8) ? *(const uint64_t *)hal_window(paddr(pa)) : 0;
}

bool arena_has(uint64_t pa, uint64_t bytes)
{
    for (uint32_t i = 0; i < machine.platform.ram_count; i++) {
        const struct range *r = &machine.platform.ram[i];
        if (pa >= r->start && pa < r->end) {
            return bytes <= r->end - pa;
        }
    }
    return false;
}

static bool map_at(void *at, uint64_t bytes)
{
    void *got = mmap(at, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got != MAP_FAILED && got != at) {
        munmap(got, bytes);
    }
    return got == at;
}

const char *arena_map(const struct platform *platform)
{
    static char text[160];
    for (uint32_t i = 0; i < platform->ram_count; i++) {
        const struct range *r = &platform->ram[i];
        if (!map_at(hal_window(paddr(r->start)), r->end - r->start)) {
            snprintf(text, sizeof text, "memory [0x%llx, 0x%llx): the host cannot map %llu bytes",
                     (unsigned long long)r->start, (unsigned long long)r->end,
                     (unsigned long long)(r->end - r->start));
            return text;
        }
    }
    return map_at(MACHINE_DIAG, DIAG_SPACE) ? NULL : "the host cannot map the diagnostics";
}

void arena_unmap(const struct platform *platform)
{
    for (uint32_t i = 0; i < platform->ram_count; i++) {
        const struct range *r = &platform->ram[i];
        arena_unpoison(r->start, r->end - r->start);
        munmap(hal_window(paddr(r->start)), r->end - r->start);
    }
    munmap(MACHINE_DIAG, DIAG_SPACE);
}

/* ---- snapshots: RAM, its shadow, diagnostics, devices, checker, in this order ---- */

size_t machine_snapshot_bytes(void)
{
    size_t bytes = DIAG_SPACE + sizeof machine.model + tlb_save_bytes();
    for (uint32_t i = 0; i < machine.platform.ram_count; i++) {
        const struct range *r = &machine.platform.ram[i];
        bytes += (size_t)(r->end - r->start) + shadow_bytes(r);
    }
    return bytes;
}

void machine_snapshot(void *to)
{
    uint8_t *p = to;
    if (machine.engine != NULL) {
        machine.engine->fp_read(&machine.model.fp);
    }
    for (uint32_t i = 0; i < machine.platform.ram_count; i++) {
        const struct range *r = &machine.platform.ram[i];
        arena_copy(p, hal_window(paddr(r->start)), r->end - r->start);
        p += r->end - r->start;
        arena_copy(p, shadow_of(r->start), shadow_bytes(r));
        p += shadow_bytes(r);
    }
    arena_copy(p, MACHINE_DIAG, DIAG_SPACE);
    p += DIAG_SPACE;
    memcpy(p, &machine.model, sizeof machine.model);
    tlb_save(p + sizeof machine.model);
}

size_t machine_snapshot_ram(uint64_t pa)
{
    size_t at = 0;
    for (uint32_t i = 0; i < machine.platform.ram_count; i++) {
        const struct range *r = &machine.platform.ram[i];
        if (pa >= r->start && pa < r->end) {
            return at + (size_t)(pa - r->start);
        }
        at += (size_t)(r->end - r->start) + shadow_bytes(r);
    }
    return at;
}

/* What follows the memory in a snapshot. */
static void restore_rest(const uint8_t *p)
{
    arena_copy(MACHINE_DIAG, p, DIAG_SPACE);
    p += DIAG_SPACE;
    memcpy(&machine.model, p, sizeof machine.model);
    tlb_load(p + sizeof machine.model);
    if (machine.engine != NULL) {
        machine.engine->space(machine.model.root, machine.model.asid);
        machine.engine->fp_enable(machine.model.fpu);
        machine.engine->fp_write(&machine.model.fp);
    }
}

void machine_restore_devices(const void *from)
{
    restore_rest((const uint8_t *)from + machine_snapshot_ram(UINT64_MAX));
}

void machine_restore(const void *from)
{
    const uint8_t *p = from;
    for (uint32_t i = 0; i < machine.platform.ram_count; i++) {
        const struct range *r = &machine.platform.ram[i];
        arena_copy(hal_window(paddr(r->start)), p, r->end - r->start);
        p += r->end - r->start;
        arena_copy(shadow_of(r->start), p, shadow_bytes(r));
        p += shadow_bytes(r);
        if (machine.engine != NULL) {
            machine.engine->code_changed(r->start, r->end - r->start);
        }
    }
    restore_rest(p);
}

/* ---- hashes ---- */

/* One multiplication folded to 64 bits. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 m = (unsigned __int128)a * b;
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static void hash_word(struct machine_hash *h, uint64_t word)
{
    h->w[0] = fold(h->w[0] ^ word, 0x9e3779b97f4a7c15ull);
    h->w[1] = fold(h->w[1] + word, 0xc2b2ae3d27d4eb4full) ^ h->w[0];
}

static struct machine_hash hash_start(void)
{
    return (struct machine_hash){{0x243f6a8885a308d3ull, 0x13198a2e03707344ull}};
}

struct machine_hash machine_hash_bytes(const void *data, size_t bytes)
{
    struct machine_hash h = hash_start();
    const uint8_t *p = data;
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t word = 0;
        memcpy(&word, p + i, bytes - i < 8 ? bytes - i : 8);
        hash_word(&h, word);
    }
    hash_word(&h, bytes);
    return h;
}

/* Adds one page unless it is all zero, with its address. */
__attribute__((no_sanitize("address"))) static void hash_page(struct machine_hash *h, uint64_t pa)
{
    const uint64_t *word = hal_window(paddr(pa));
    uint64_t any = 0;
    for (unsigned i = 0; i < PAGE / 8; i++) {
        any |= word[i];
    }
    if (any == 0) {
        return;
    }
    hash_word(h, pa);
    for (unsigned i = 0; i < PAGE / 8; i++) {
        hash_word(h, word[i]);
    }
}

/* The kernel's list of our pages (one word each; bit 63 present, bit 62 swapped) spares reading
 * memory that nobody ever touched. -1 = not to be had, then every page is read. */
static bool page_untouched(int pagemap, uint64_t pa)
{
    uint64_t word = 0;
    off_t at = (off_t)((HAL_WINDOW_BASE + pa) / PAGE * 8);
    return pread(pagemap, &word, sizeof word, at) == sizeof word && word >> 62 == 0;
}

/* Opened once: the descriptor is valid until the process ends. */
bool arena_page_untouched(uint64_t pa)
{
    static int pagemap = -2;
    if (pagemap == -2) {
        pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    }
    return pagemap >= 0 && page_untouched(pagemap, pa);
}

struct machine_hash machine_hash(void)
{
    enum {
        SMALL = 1 << 20
    };
    struct machine_hash h = hash_start();
    for (uint32_t i = 0; i < machine.platform.ram_count; i++) {
        const struct range *r = &machine.platform.ram[i];
        int pagemap = r->end - r->start > SMALL ? open("/proc/self/pagemap", O_RDONLY) : -1;
        for (uint64_t pa = r->start; pa < r->end; pa += PAGE) {
            if (pagemap < 0 || !page_untouched(pagemap, pa)) {
                hash_page(&h, pa);
            }
        }
        if (pagemap >= 0) {
            close(pagemap);
        }
    }
    return h;
}
