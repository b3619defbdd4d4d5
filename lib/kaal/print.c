/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The output goes character by character to DebugPutChar or to the caller's buffer: no state,
 * usable from any thread. A conversion that is not in the list of print.h is written out as it
 * stands.
 */
#include "kaal/print.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kaal/string.h"
#include "kaal/syscalls.h"

struct sink {
    char *to;    /* NULL = the console */
    size_t room; /* with the closing zero */
    size_t used;
};

struct conversion {
    struct sink *sink;
    size_t width;
    bool zero;
    bool left;
    bool is_long;
};

static void put(struct sink *sink, char c)
{
    if (sink->to == NULL) {
        kaal_debug_put_char(c);
    } else if (sink->used + 1 < sink->room) {
        sink->to[sink->used] = c;
        sink->to[sink->used + 1] = '\0';
    }
    sink->used++;
}

static void fill(char c, size_t used, const struct conversion *to)
{
    for (; used < to->width; used++) {
        put(to->sink, c);
    }
}

static void put_text(const char *text, size_t length, const struct conversion *c)
{
    if (!c->left) {
        fill(' ', length, c);
    }
    for (size_t i = 0; i < length; i++) {
        put(c->sink, text[i]);
    }
    if (c->left) {
        fill(' ', length, c);
    }
}

static void put_number(uint64_t value, unsigned base, bool negative, const struct conversion *c)
{
    char digits[21]; /* 2^64 has 20 decimal digits, and a sign */
    size_t at = sizeof(digits);
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    if (c->zero && !c->left) {
        if (negative) {
            put(c->sink, '-');
        }
        fill('0', sizeof(digits) - at + negative, c);
        put_text(digits + at, sizeof(digits) - at, &(struct conversion){.sink = c->sink});
        return;
    }
    if (negative) {
        digits[--at] = '-';
    }
    put_text(digits + at, sizeof(digits) - at, c);
}

/* Reads flags, width and length after '%'; returns the conversion character's place. */
static const char *read_conversion(const char *p, struct conversion *c)
{
    *c = (struct conversion){.sink = c->sink};
    for (; *p == '0' || *p == '-'; p++) {
        c->zero |= *p == '0';
        c->left |= *p == '-';
    }
    for (; *p >= '0' && *p <= '9'; p++) {
        c->width = c->width * 10 + (size_t)(*p - '0');
    }
    for (; *p == 'l'; p++) {
        c->is_long = true;
    }
    return p;
}

static void format_to(struct sink *sink, const char *format, va_list arguments)
{
    struct conversion c = {.sink = sink};
    for (const char *p = format; *p != '\0'; p++) {
        if (*p != '%') {
            put(sink, *p);
            continue;
        }
        p = read_conversion(p + 1, &c);
        if (*p == 's') {
            const char *text = va_arg(arguments, const char *);
            put_text(text, strlen(text), &c);
        } else if (*p == 'c') {
            char one = (char)va_arg(arguments, int);
            put_text(&one, 1, &c);
        } else if (*p == 'd') {
            int64_t value = c.is_long ? va_arg(arguments, int64_t) : va_arg(arguments, int);
            put_number(value < 0 ? -(uint64_t)value : (uint64_t)value, 10, value < 0, &c);
        } else if (*p == 'u' || *p == 'x') {
            uint64_t value = c.is_long ? va_arg(arguments, uint64_t) : va_arg(arguments, unsigned);
            put_number(value, *p == 'u' ? 10 : 16, false, &c);
        } else if (*p == '\0') {
            return;
        } else {
            put(sink, *p);
        }
    }
}

void kaal_vprintf(const char *format, va_list arguments)
{
    format_to(&(struct sink){0}, format, arguments);
}

size_t kaal_vsnprintf(char *to, size_t room, const char *format, va_list arguments)
{
    struct sink sink = {.to = to, .room = room};
    if (room > 0) {
        to[0] = '\0';
    }
    format_to(&sink, format, arguments);
    return sink.used;
}

size_t kaal_snprintf(char *to, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t length = kaal_vsnprintf(to, room, format, arguments);
    va_end(arguments);
    return length;
}

void kaal_printf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    kaal_vprintf(format, arguments);
    va_end(arguments);
}
