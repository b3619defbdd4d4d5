/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The C string functions that a freestanding AArch64 program of this tree brings itself: the ones
 * libfdt calls. C11 §7.24 is their contract. Found by <string.h> in builds without a C library.
 */
#pragma once
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int byte, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
