/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Formatted output on the kernel's debug console: %s %c %d %u %x %%, with `l` for 64-bit values, a
 * width, `0` to fill with zeros and `-` to fill on the right.
 */
#pragma once
#include <stdarg.h>
#include <stddef.h>

__attribute__((format(printf, 1, 2))) void kaal_printf(const char *format, ...);
void kaal_vprintf(const char *format, va_list arguments);

/* The same into `to`, at most `room` bytes with the closing zero; the result is the length that the
 * whole text has. `to` must not be NULL. */
__attribute__((format(printf, 3, 4))) size_t kaal_snprintf(char *to, size_t room,
                                                           const char *format, ...);
size_t kaal_vsnprintf(char *to, size_t room, const char *format, va_list arguments);
