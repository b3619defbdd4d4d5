/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Plain byte loops; what moves much memory is in memory.c.
 */
#include "kaal/string.h"

#include <stdint.h>

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a;
    const unsigned char *y = b;
    for (size_t i = 0; i < bytes; i++) {
        if (x[i] != y[i]) {
            return x[i] < y[i] ? -1 : 1;
        }
    }
    return 0;
}

size_t strlen(const char *text)
{
    size_t n = 0;
    while (text[n] != '\0') {
        n++;
    }
    return n;
}

size_t strnlen(const char *text, size_t limit)
{
    size_t n = 0;
    while (n < limit && text[n] != '\0') {
        n++;
    }
    return n;
}

int strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

void *memchr(const void *from, int value, size_t bytes)
{
    const unsigned char *f = from;
    for (size_t i = 0; i < bytes; i++) {
        if (f[i] == (unsigned char)value) {
            return (void *)(uintptr_t)(f + i);
        }
    }
    return NULL;
}

char *strchr(const char *text, int c)
{
    while (*text != (char)c) {
        if (*text++ == 0) {
            return NULL;
        }
    }
    return (char *)text;
}
