/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Text on the console.
 */
#include "print.h"

#include "kernel.h"

/* Where characters go: a buffer, or the console when `buffer` is NULL. */
struct sink {
    char *buffer;
    size_t bytes;
    size_t length;
};

static void put(struct sink *sink, char c)
{
    if (!sink->buffer)
        hal_console_putc(c);
    else if (sink->length + 1 < sink->bytes)
        sink->buffer[sink->length++] = c;
}

static void put_number(struct sink *sink, uint64_t value, unsigned base, unsigned width, char pad)
{
    char digits[20];
    unsigned n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    for (unsigned i = n; i < width; i++)
        put(sink, pad);
    while (n)
        put(sink, digits[--n]);
}

static void put_signed(struct sink *sink, int64_t value, unsigned width, char pad)
{
    if (value < 0) {
        put(sink, '-');
        value = (int64_t)(0 - (uint64_t)value);
    }
    put_number(sink, (uint64_t)value, 10, width, pad);
}

static void put_text(struct sink *sink, const char *text)
{
    while (*text)
        put(sink, *text++);
}

/* One conversion; `arguments` by pointer because va_arg must advance the caller's. */
struct arguments {
    va_list list;
};

static void convert(struct sink *sink, char kind, unsigned width, char pad,
                    struct arguments *arguments)
{
    switch (kind) {
    case 's': put_text(sink, va_arg(arguments->list, const char *)); break;
    case 'c': put(sink, (char)va_arg(arguments->list, int)); break;
    case 'd': put_signed(sink, va_arg(arguments->list, int64_t), width, pad); break;
    case 'u': put_number(sink, va_arg(arguments->list, uint64_t), 10, width, pad); break;
    case 'x': put_number(sink, va_arg(arguments->list, uint64_t), 16, width, pad); break;
    default: put(sink, kind); break;
    }
}

static void format_to(struct sink *sink, const char *format, struct arguments *arguments)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(sink, *format);
            continue;
        }
        char pad = *++format == '0' ? '0' : ' ';
        unsigned width = 0;
        while (*format >= '0' && *format <= '9')
            width = width * 10 + (unsigned)(*format++ - '0');
        convert(sink, *format, width, pad, arguments);
    }
}

void print(const char *format, ...)
{
    struct sink sink = {NULL, 0, 0};
    struct arguments arguments;
    va_start(arguments.list, format);
    format_to(&sink, format, &arguments);
    va_end(arguments.list);
}

size_t print_to(char *buffer, size_t bytes, const char *format, ...)
{
    struct sink sink = {buffer, bytes, 0};
    struct arguments arguments;
    va_start(arguments.list, format);
    format_to(&sink, format, &arguments);
    va_end(arguments.list);
    buffer[sink.length] = 0;
    return sink.length;
}

void ensure_failed(const char *file, int line, const char *condition)
{
    print("kernel bug: %s:%d: %s does not hold\n", file, (int64_t)line, condition);
    hal_halt(100);
}
