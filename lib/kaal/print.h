/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Formatted output on the kernel's debug console: %s %c %d %u %x %%, with `l` for 64-bit values, a
 * width, `0` to fill with zeros and `-` to fill on the right.
 */
#pragma once
#include <stdarg.h>

__attribute__((format(printf, 1, 2))) void kaal_printf(const char *format, ...);
void kaal_vprintf(const char *format, va_list arguments);
