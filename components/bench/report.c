/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One line a row on the console: "row NUMBER NAME UNIT MIN MEDIAN MAX SAMPLES", which tools/bench
 * reads. Settings come from the boot arguments, words "bench.NAME=VALUE".
 */
#include "bench.h"
#include "kaal/bootinfo.h"
#include "kaal/error.h"
#include "kaal/fdt.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"

enum {
    STATUS_FAILED = 1,
    MAX_ROWS = 512
};

struct options options = {.seed = 1, .draws = 8, .group = "rows"};
uint64_t empty_cost, empty_fp_cost;

/* Written, never read: tools/bench watches the stores. */
volatile uint8_t bench_row_mark[MAX_ROWS];

static unsigned row;
static const char *row_name = "none";
static uint64_t random_state;
static char arguments[512];

void must(enum error_code error, const char *what)
{
    if (error != ERROR_NONE) {
        kaal_printf("bench: row %s: %s was refused: %s (words 0x%lx 0x%lx)\n", row_name, what,
                    kaal_strerror(error), kaal_ipc_buffer->msg[0], kaal_ipc_buffer->msg[1]);
        kaal_exit(STATUS_FAILED);
    }
}

void expect(bool holds, const char *what)
{
    if (!holds) {
        kaal_printf("bench: row %s: expected that %s\n", row_name, what);
        kaal_exit(STATUS_FAILED);
    }
}

static uint64_t number(const char *text)
{
    uint64_t value = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (uint64_t)(*text - '0');
    return value;
}

static const char *after(const char *word, const char *prefix)
{
    size_t n = strlen(prefix);
    return strlen(word) >= n && memcmp(word, prefix, n) == 0 ? word + n : NULL;
}

static void read_word(const char *word)
{
    const char *value;
    if ((value = after(word, "bench.seed=")))
        options.seed = number(value);
    else if ((value = after(word, "bench.draws=")))
        options.draws = number(value) < MAX_DRAWS ? number(value) : MAX_DRAWS;
    else if ((value = after(word, "bench.group=")))
        options.group = value;
}

void options_read(const struct bootinfo *bootinfo)
{
    size_t bytes = 0, length = 0;
    const void *blob = kaal_bootinfo_chunk(bootinfo, BOOTINFO_CHUNK_DTB, &bytes);
    const char *text = blob ? kaal_fdt_property(blob, bytes, "/chosen", "bootargs", &length) : NULL;
    if (text && length < sizeof arguments) {
        memcpy(arguments, text, length);
        for (char *word = arguments; *word;) {
            char *end = word;
            while (*end && *end != ' ')
                end++;
            bool last = *end == '\0';
            *end = '\0';
            read_word(word);
            word = last ? end : end + 1;
        }
    }
    random_state = options.seed;
}

/* splitmix64 */
uint64_t draw(uint64_t below)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % below;
}

void row_begin(const char *name)
{
    row++;
    row_name = name;
    if (row >= MAX_ROWS) {
        kaal_printf("bench: expected at most %u rows\n", MAX_ROWS - 1);
        kaal_exit(STATUS_FAILED);
    }
    bench_row_mark[row] = 1;
}

static void sort(uint64_t *value, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        uint64_t v = value[i];
        unsigned j = i;
        for (; j > 0 && value[j - 1] > v; j--)
            value[j] = value[j - 1];
        value[j] = v;
    }
}

void row_end(uint64_t *samples, unsigned count, const char *unit)
{
    bench_row_mark[0] = 1;
    expect(count > 0, "a row has samples");
    sort(samples, count);
    kaal_printf("row %u %s %s %lu %lu %lu %u\n", row, row_name, unit, samples[0],
                samples[count / 2], samples[count - 1], count);
}

void row_skip(const char *reason)
{
    bench_row_mark[0] = 1;
    kaal_printf("skip %u %s %s\n", row, row_name, reason);
}

uint64_t cost(uint64_t before, uint64_t after_reading)
{
    return (uint32_t)(after_reading - before) - empty_cost;
}
