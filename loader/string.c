/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The C library functions that the libraries and the compiler call (ISO C11 §7.24). memcpy() moves
 * words at any address, which needs the MMU on: it is not called before.
 */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *s, int value, size_t size);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *strchr(const char *s, int value);
char *strrchr(const char *s, int value);

/* What glibc makes of explicit_bzero() in a fortified library; the last argument is the room. */
void __explicit_bzero_chk(void *to, size_t size, size_t room);

typedef uint64_t word __attribute__((may_alias));

/* 16 bytes from any address to any address. */
static inline void move16(uint8_t *to, const uint8_t *from)
{
    uint64_t a, b;

    __asm__ volatile("ldp %0, %1, [%2]" : "=&r"(a), "=r"(b) : "r"(from) : "memory");
    __asm__ volatile("stp %0, %1, [%2]" : : "r"(a), "r"(b), "r"(to) : "memory");
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *d = to;
    const uint8_t *s = from;

    for (; size >= 64; size -= 64, d += 64, s += 64) {
        move16(d, s);
        move16(d + 16, s + 16);
        move16(d + 32, s + 32);
        move16(d + 48, s + 48);
    }
    for (; size >= 16; size -= 16, d += 16, s += 16) {
        move16(d, s);
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

void *memset(void *to, int value, size_t size)
{
    uint8_t *d = to;
    uint64_t pattern = (uint8_t)value * UINT64_C(0x0101010101010101);

    for (; size > 0 && ((uintptr_t)d & 7) != 0; size--) {
        *d++ = (uint8_t)value;
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

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n] != '\0') {
        n++;
    }
    return n;
}

char *strchr(const char *s, int value)
{
    return memchr(s, value, strlen(s) + 1);
}

char *strrchr(const char *s, int value)
{
    char *found = NULL;

    do {
        if (*s == (char)value) {
            found = (char *)(uintptr_t)s;
        }
    } while (*s++ != '\0');
    return found;
}
