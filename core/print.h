/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Text on the console. print() knows %s %c %d %u %x (64-bit arguments for d, u and x) and %%, with
 * an optional zero flag and width.
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>

/* Every %d, %u and %x argument must be cast to or already be 64 bits wide. */
void print(const char *format, ...);
/* The same into a buffer, always terminated; returns the length without the terminator. */
size_t print_to(char *buffer, size_t bytes, const char *format, ...);
