/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The C library functions that the libraries and the compiler call (ISO C11 §7.24). memcpy() moves
 * words at any address, which needs the MMU on: it is not called before.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *s, int value, size_t size);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);

/* What glibc makes of explicit_bzero() in a fortified library; the last argument is the room. */
void __explicit_bzero_chk(void *to, size_t size, size_t room);

typedef uint64_t word __attribute__((may_alias));

/* 64 bytes from any address to any address. The SIMD registers are free: no C code here is compiled
 * to use them, and the libraries' calls keep none across (AAPCS64 §6.1.2: v16 to v31). */
static inline void move64(uint8_t *to, const uint8_t *from)
{
    __asm__ volatile("ldp q16, q17, [%0]\n\t"
                     "ldp q18, q19, [%0, #32]\n\t"
                     "stp q16, q17, [%1]\n\t"
                     "stp q18, q19, [%1, #32]"
                     :
                     : "r"(from), "r"(to)
                     : "memory");
}

static inline void move8(uint8_t *to, const uint8_t *from)
{
    uint64_t value;

    __asm__ volatile("ldr %0, [%1]\n\tstr %0, [%2]" : "=&r"(value) : "r"(from), "r"(to) : "memory");
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *d = to;
    const uint8_t *s = from;

    for (; size >= 256; size -= 256, d += 256, s += 256) {
        move64(d, s);
        move64(d + 64, s + 64);
        move64(d + 128, s + 128);
        move64(d + 192, s + 192);
    }
    for (; size >= 64; size -= 64, d += 64, s += 64) {
        move64(d, s);
    }
    for (; size >= 8; size -= 8, d += 8, s += 8) {
        move8(d, s);
    }
    for (; size > 0; size--) {
        *d++ = *s++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    uint8_t *d = to;
    const uint8_t *s = from;

    if ((uintptr_t)d - (uintptr_t)s >= size) {
        while (size > 0) {
            *d++ = *s++;
            size--;
        }
        return to;
    }
    while (size > 0) {
        size--;
        d[size] = s[size];
    }
    return to;
}

/* Zeroes 64-byte blocks from an address that is one's: the rest's size. */
static size_t zero_blocks(uint8_t *at, size_t size)
{
    for (; size >= 64; size -= 64, at += 64) {
        __asm__ volatile("dc zva, %0" : : "r"(at) : "memory");
    }
    return size;
}

/* Arm ARM D19.2.36: may DC ZVA be used, and are its blocks of 64 bytes? It needs the MMU on. */
static bool has_zero_blocks(void)
{
    uint64_t blocks, control;

    __asm__("mrs %0, dczid_el0" : "=r"(blocks));
    __asm__ volatile("mrs %0, sctlr_el1" : "=r"(control));
    return blocks == 4 && (control & 1) != 0;
}

void *memset(void *to, int value, size_t size)
{
    uint8_t *d = to;
    uint64_t pattern = (uint8_t)value * UINT64_C(0x0101010101010101);

    for (; size > 0 && ((uintptr_t)d & 63) != 0; size--) {
        *d++ = (uint8_t)value;
    }
    if (pattern == 0 && size >= 64 && has_zero_blocks()) {
        size_t rest = zero_blocks(d, size);

        d += size - rest;
        size = rest;
    }
    for (; size >= 32; size -= 32, d += 32) {
        ((word *)d)[0] = pattern;
        ((word *)d)[1] = pattern;
        ((word *)d)[2] = pattern;
        ((word *)d)[3] = pattern;
    }
    for (; size > 0; size--) {
        *d++ = (uint8_t)value;
    }
    return to;
}

void __explicit_bzero_chk(void *to, size_t size, size_t room)
{
    (void)room;
    memset(to, 0, size);
}

int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *x = a;
    const uint8_t *y = b;

    for (; size > 0; size--, x++, y++) {
        if (*x != *y) {
            return *x - *y;
        }
    }
    return 0;
}

void *memchr(const void *s, int value, size_t size)
{
    const uint8_t *p = s;

    for (; size > 0; size--, p++) {
        if (*p == (uint8_t)value) {
            return (void *)(uintptr_t)p;
        }
    }
    return NULL;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0') {
        n++;
    }
    return n;
}

int strncmp(const char *a, const char *b, size_t max)
{
    for (; max > 0; max--, a++, b++) {
        if (*a != *b || *a == '\0') {
            return (uint8_t)*a - (uint8_t)*b;
        }
    }
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}
