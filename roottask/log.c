/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Output on the kernel's debug console, in whole lines. A kernel without that call would fault the
 * root task, so nothing is printed before the first call is known to work.
 */
#include <stdarg.h>

#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "system.h"

void report(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    kaal_printf("root: ");
    kaal_vprintf(format, list);
    kaal_printf("\n");
    va_end(list);
}

_Noreturn void die(int status, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    kaal_printf("root: ");
    kaal_vprintf(format, list);
    kaal_printf("\n");
    va_end(list);
    kaal_exit(status);
}

void log_end(struct component *c)
{
    if (c->line_bytes != 0) {
        c->line[c->line_bytes] = 0;
        kaal_printf("%s: %s\n", c->name, c->line);
        c->line_bytes = 0;
    }
}

void log_text(struct component *c, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '\n' && c->line_bytes == 0) {
            kaal_printf("%s:\n", c->name);
        } else if (text[i] == '\n') {
            log_end(c);
        } else if (text[i] != 0) {
            c->line[c->line_bytes++] = text[i];
            if (c->line_bytes == LINE_BYTES - 1) {
                log_end(c);
            }
        }
    }
}
