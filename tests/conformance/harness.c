/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Cases, checks and TAP lines. A case that fails says what differed on the lines after it.
 */
#include "harness.h"

#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/syscalls.h"
#include "pool.h"
#include "probe.h"

static struct {
    const struct bootinfo *bootinfo;
    const char *suite;
    unsigned number;   /* of the last TAP line */
    unsigned failures; /* lines that were "not ok" */
    bool line_failed;  /* a check has failed since the last line */
    const char *what;  /* the first one that did */
    const char *file;
    int line;
    bool has_values;
    uint64_t found;
    uint64_t expected;
    struct reply reply;
    struct answer answer;
    bool has_reply;
} state;

const struct bootinfo *boot(void)
{
    return state.bootinfo;
}

bool case_failed(void)
{
    return state.line_failed;
}

/* Notes the first failure of the line; true when this is it. */
static bool fail(const char *what, const char *file, int line)
{
    if (state.line_failed) {
        return false;
    }
    state.line_failed = true;
    state.what = what;
    state.file = file;
    state.line = line;
    state.has_values = false;
    state.has_reply = false;
    return true;
}

void check_that(bool holds, const char *what, const char *file, int line)
{
    if (!holds) {
        fail(what, file, line);
    }
}

void check_equal(uint64_t found, uint64_t expected, const char *what, const char *file, int line)
{
    if (found != expected && fail(what, file, line)) {
        state.has_values = true;
        state.found = found;
        state.expected = expected;
    }
}

void check_answered(struct reply found, struct answer expected, const char *what, const char *file,
                    int line)
{
    if (!is_answer(&found, &expected) && fail(what, file, line)) {
        state.has_reply = true;
        state.reply = found;
        state.answer = expected;
    }
}

static void print_failure(void)
{
    kaal_printf("# %s:%d: %s\n", state.file, state.line, state.what);
    if (state.has_values) {
        kaal_printf("#   found 0x%lx, expected 0x%lx\n", state.found, state.expected);
    }
    if (state.has_reply) {
        const struct reply *r = &state.reply;
        const struct answer *a = &state.answer;
        kaal_printf("#   found x0 0x%lx, label %lu, length %lu:", r->x0, msginfo_label(r->info),
                    msginfo_length(r->info));
        for (unsigned i = 0; i < ANSWER_WORDS; i++) {
            kaal_printf(" %lx", r->mr[i]);
        }
        kaal_printf("\n#   expected label %lu, length %lu:", a->label, a->count);
        for (unsigned i = 0; i < a->count; i++) {
            kaal_printf(" %lx", a->word[i]);
        }
        kaal_printf("\n");
    }
}

void case_line(const char *rows, const char *subject, const char *what)
{
    state.number++;
    state.failures += state.line_failed;
    kaal_printf("%sok %u - %s: %s%s%s [%s]\n", state.line_failed ? "not " : "", state.number,
                state.suite, subject, what[0] != '\0' ? ": " : "", what, rows);
    if (state.line_failed) {
        print_failure();
    }
    state.line_failed = false;
}

__attribute__((section(".data"))) volatile uint64_t conformance_without_clock;

bool left_out(const char *why)
{
    if (conformance_without_clock != 0)
        kaal_printf("# left out: %s\n", why);
    return conformance_without_clock != 0;
}

static void run_suite(const struct suite *suite)
{
    state.suite = suite->name;
    for (unsigned i = 0; i < suite->count; i++) {
        const struct test *t = &suite->tests[i];
        pool_open();
        probe_open();
        t->run();
        case_line(t->rows, t->name, "");
        pool_close();
        if (state.line_failed) {
            case_line("INV-5-03", t->name, "cleaning up after it");
        }
    }
}

unsigned harness_run(const struct bootinfo *bootinfo, const struct suite *suites, unsigned count)
{
    state.bootinfo = bootinfo;
    state.suite = "harness";
    pool_init();
    probe_init();
    case_line("", "set up", "");
    for (unsigned i = 0; i < count; i++) {
        run_suite(&suites[i]);
    }
    kaal_printf("1..%u\n", state.number);
    return state.failures;
}

/* ---- refusals ---- */

static void apply(struct invocation *v, const struct change *change)
{
    switch (change->field) {
    case FIELD_NONE: break;
    case FIELD_TARGET: v->target = change->value; break;
    case FIELD_LABEL: v->label = change->value; break;
    case FIELD_LENGTH: v->length = change->value; break;
    case FIELD_WORD: v->word[change->index] = change->value; break;
    case FIELD_CAPS: v->caps = change->value; break;
    case FIELD_CAP: v->cap[change->index] = change->value; break;
    }
}

enum {
    CHANGES = sizeof(((struct violation *)0)->change) / sizeof(struct change)
};

static void violate(struct invocation *v, const struct violation *how)
{
    for (unsigned i = 0; i < CHANGES; i++) {
        apply(v, &how->change[i]);
    }
}

/* Whether two violations want different things of one argument. */
static bool clash(const struct violation *a, const struct violation *b)
{
    for (unsigned i = 0; i < CHANGES; i++) {
        for (unsigned k = 0; k < CHANGES; k++) {
            if (a->change[i].field != FIELD_NONE && a->change[i].field == b->change[k].field &&
                a->change[i].index == b->change[k].index) {
                return true;
            }
        }
    }
    return false;
}

void refusals(const char *subject, const struct invocation *valid, const struct violation *list,
              unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct invocation v = *valid;
        violate(&v, &list[i]);
        check_answered(invoke(&v), list[i].answer, list[i].what, __FILE__, __LINE__);
        case_line(list[i].rows, subject, list[i].what);
    }
    for (unsigned i = 0; i + 1 < count; i++) {
        unsigned pairs = 0;
        for (unsigned k = i + 1; k < count; k++) {
            struct invocation v = *valid;
            if (clash(&list[i], &list[k])) {
                continue;
            }
            violate(&v, &list[i]);
            violate(&v, &list[k]);
            check_answered(invoke(&v), list[i].answer, list[k].what, __FILE__, __LINE__);
            pairs++;
        }
        if (pairs > 0) {
            case_line("INV-1-17", subject, list[i].what);
        }
    }
}
