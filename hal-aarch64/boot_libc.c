/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the prebuilt libfdt archive expects from a C library. Boot-only.
 */
#include <string.h>

#include <stdint.h>

#include "machine.h"

uint64_t __stack_chk_guard = 0x4b61614c7ac5113dull;
_Noreturn void __stack_chk_fail(void);

_Noreturn void __stack_chk_fail(void)
{
    put_text("boot: the device-tree library has overrun its stack frame\n");
    hal_halt(101);
}

void *memchr(const void *s, int byte, size_t n)
{
    const uint8_t *p = s;
    for (; n > 0; n--, p++) {
        if (*p == (uint8_t)byte) {
            return (void *)p;
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

size_t strnlen(const char *s, size_t most)
{
    size_t n = 0;
    while (n < most && s[n] != '\0') {
        n++;
    }
    return n;
}

char *strchr(const char *s, int c)
{
    while (*s != (char)c) {
        if (*s++ == '\0') {
            return NULL;
        }
    }
    return (char *)s;
}

char *strrchr(const char *s, int c)
{
    const char *last = NULL;
    for (;; s++) {
        if (*s == (char)c) {
            last = s;
        }
        if (*s == '\0') {
            return (char *)last;
        }
    }
}
