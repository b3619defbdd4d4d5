/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Boot options from /chosen/bootargs: words "kaal.<name>=<value>" separated by blanks. Words that
 * do not begin with "kaal." belong to somebody else and are skipped; an unknown or malformed
 * "kaal." word stops the boot. The last of several equal names counts.
 */
#include "platform_internal.h"

enum option_kind {
    OPTION_NUMBER,
    OPTION_NUMBER_OR_0,
    OPTION_SWITCH,
    OPTION_LOG
};

struct option {
    const char *name; /* after "kaal." */
    enum option_kind kind;
    uint32_t offset; /* in struct boot_options */
    uint32_t least;
    uint32_t most;
};

#define NUMBER(field, least, most)                                                                 \
    {                                                                                              \
#field, OPTION_NUMBER, offsetof(struct boot_options, field), least, most                   \
    }
#define NUMBER_OR_0(field, least, most)                                                            \
    {                                                                                              \
#field, OPTION_NUMBER_OR_0, offsetof(struct boot_options, field), least, most              \
    }
#define SWITCH(field)                                                                              \
    {                                                                                              \
#field, OPTION_SWITCH, offsetof(struct boot_options, field), 0, 1                          \
    }

static const struct option options[] = {
    NUMBER(root_cnode_bits, 4, 24),
    NUMBER(domains, 1, 256),
    NUMBER(domain_schedules, 2, 1024),
    NUMBER_OR_0(tick_us, 100, 1000000),
    NUMBER(slice_ticks, 1, 65535),
    NUMBER(max_irq, 31, 1019),
    NUMBER(trace_from, 0, UINT32_MAX),
    NUMBER(trace_to, 0, UINT32_MAX),
    NUMBER(lockstep, 0, UINT32_MAX),
    SWITCH(el0_physical_counter),
    SWITCH(el0_virtual_counter),
    SWITCH(el0_physical_timer),
    SWITCH(el0_virtual_timer),
    SWITCH(el0_pmu),
    SWITCH(smc),
    SWITCH(debug_calls),
    SWITCH(benchmark_calls),
    {"log", OPTION_LOG, offsetof(struct boot_options, log), LOG_QUIET, LOG_TRACE},
};

/* In the order of enum log_level. */
static const char *const log_names[] = {"quiet", "normal", "refusals", "trace"};

/* The sentence about the word of n bytes: "boot option <word>: expected …". */
static void complain(const char *word, size_t n)
{
    sentence_begin();
    sentence_text("boot option \"");
    sentence_bytes(word, n < 64 ? n : 64);
    sentence_text(n < 64 ? "\": expected " : "…\": expected ");
}

static const char *complain_number(const struct option *o, const char *word, size_t n)
{
    complain(word, n);
    sentence_text(o->kind == OPTION_NUMBER_OR_0 ? "0 or a decimal number from "
                                                : "a decimal number from ");
    sentence_decimal(o->least);
    sentence_text(" to ");
    sentence_decimal(o->most);
    return sentence_get();
}

/* Decimal digits only, at most ten of them; false if it is anything else. */
static bool parse_number(const char *s, size_t n, uint64_t *value)
{
    *value = 0;
    if (n == 0 || n > 10) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9') {
            return false;
        }
        *value = *value * 10 + (uint64_t)(s[i] - '0');
    }
    return true;
}

static bool is_number_for(const struct option *o, const char *value, size_t n, uint64_t *number)
{
    if (!parse_number(value, n, number)) {
        return false;
    }
    return (*number >= o->least && *number <= o->most) ||
           (*number == 0 && o->kind == OPTION_NUMBER_OR_0);
}

/* Index of the n bytes at s among `count` words, or `count`. */
static uint32_t find_word(const char *const *words, uint32_t count, const char *s, size_t n)
{
    uint32_t i = 0;
    while (i < count && !text_equal(words[i], s, n)) {
        i++;
    }
    return i;
}

/* Reads the value of option `o`; `word` (n bytes) is the whole word, for the sentence. */
static const char *set_option(struct boot_options *out, const struct option *o, const char *word,
                              size_t n, const char *value, size_t value_length)
{
    static const char *const switch_names[] = {"off", "on", "0", "1"};
    char *field = (char *)out + o->offset;
    uint64_t number;
    switch (o->kind) {
    case OPTION_NUMBER:
    case OPTION_NUMBER_OR_0:
        if (!is_number_for(o, value, value_length, &number)) {
            return complain_number(o, word, n);
        }
        *(uint32_t *)field = (uint32_t)number;
        return NULL;
    case OPTION_SWITCH:
        number = find_word(switch_names, 4, value, value_length);
        if (number == 4) {
            complain(word, n);
            sentence_text("on, off, 1 or 0");
            return sentence_get();
        }
        *(bool *)field = number & 1;
        return NULL;
    case OPTION_LOG:
        number = find_word(log_names, 4, value, value_length);
        if (number == 4) {
            complain(word, n);
            sentence_text("quiet, normal, refusals or trace");
            return sentence_get();
        }
        *(enum log_level *)field = (enum log_level)number;
        return NULL;
    }
    return NULL;
}

/* One word of the arguments. */
static const char *read_word(struct boot_options *out, const char *word, size_t n)
{
    if (n < 5 || !text_equal("kaal.", word, 5)) {
        return NULL;
    }
    size_t equals = 5;
    while (equals < n && word[equals] != '=') {
        equals++;
    }
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (text_equal(options[i].name, word + 5, equals - 5)) {
            size_t value = equals < n ? equals + 1 : n;
            return set_option(out, &options[i], word, n, word + value, n - value);
        }
    }
    complain(word, n);
    sentence_text("one of");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        sentence_text(" kaal.");
        sentence_text(options[i].name);
    }
    return sentence_get();
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

const char *options_read(struct boot_options *out, const char *flavour, const char *args, size_t n)
{
    bool debug = text_equal("debug", flavour, 5);
    *out = (struct boot_options){
        .root_cnode_bits = 12,
        .domains = 1,
        .tick_us = 2000,
        .slice_ticks = 5,
        .debug_calls = debug,
        .log = debug ? LOG_REFUSALS : LOG_NORMAL,
    };
    for (size_t i = 0; i < n;) {
        size_t start = i;
        while (i < n && !is_blank(args[i])) {
            i++;
        }
        const char *error = read_word(out, args + start, i - start);
        if (error != NULL) {
            return error;
        }
        i++;
    }
    if (out->domain_schedules == 0) {
        out->domain_schedules = out->domains == 1 ? 2 : 100;
    }
    return NULL;
}
