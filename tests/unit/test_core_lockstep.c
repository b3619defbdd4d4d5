/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the boot options kaal.lockstep, kaal.trace_from, kaal.trace_to and kaal.log switch on, and
 * that the digest of events covers what docs/lockstep.md says.
 */
#include "console.h"
#include "lockstep.h"

static void options_and_what_they_switch_on(void **unused)
{
    const struct {
        struct boot_options options;
        bool events;
        uint64_t from, to; /* entries traced */
    } rows[] = {
        {{.log = LOG_QUIET}, false, 0, UINT64_MAX},
        {{.log = LOG_TRACE}, true, 0, UINT64_MAX},
        {{.log = LOG_QUIET, .lockstep = 10}, true, 0, 0},
        {{.log = LOG_REFUSALS, .trace_from = 3, .trace_to = 9}, true, 3, 9},
        {{.log = LOG_TRACE, .lockstep = 10, .trace_from = 3, .trace_to = 9}, true, 0, UINT64_MAX},
    };
    (void)unused;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct diag diag = {0};
        lockstep_init(&diag, &rows[i].options);
        assert_int_equal(diag.events, rows[i].events);
        assert_int_equal(diag.lockstep, rows[i].options.lockstep);
        assert_true(diag.trace_from == rows[i].from && diag.trace_to == rows[i].to);
    }
}

static struct trap trap;
static struct event event;

static uint64_t digest(void)
{
    struct diag *diag = fx.cpu->diag;
    diag->lockstep = 1;
    diag->trace_from = diag->trace_to = UINT64_MAX;
    diag->entries = 1;
    diag->events_digest = 0;
    diag->event = event;
    console_begin();
    lockstep_event(fx.cpu);
    CONTAINS(console_end(), "lockstep 1 ");
    return diag->events_digest;
}

#define IN_DIGEST(word) in_digest(&(word), sizeof(word), #word)
static void in_digest(void *word, size_t bytes, const char *name)
{
    uint8_t *byte = word;
    for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
        uint64_t before = digest();
        byte[i] ^= 1;
        if (digest() == before)
            fail_msg("word %u of %s is not in the digest", (unsigned)(i / 8), name);
        byte[i] ^= 1;
        assert_true(digest() == before);
    }
}

static void every_word_of_an_event_counts(void **unused)
{
    (void)unused;
    event.trap = &trap;
    IN_DIGEST(trap.kind);
    IN_DIGEST(trap.esr);
    IN_DIGEST(trap.far);
    IN_DIGEST(event.thread);
    IN_DIGEST(event.pc);
    IN_DIGEST(event.syscall);
    IN_DIGEST(event.cptr);
    IN_DIGEST(event.info);
    IN_DIGEST(event.message);
    IN_DIGEST(event.error);
    IN_DIGEST(event.error_words);
    IN_DIGEST(event.fault);
    IN_DIGEST(event.next_thread);
    IN_DIGEST(event.result);
}

/* A line each `lockstep` entries, and for each entry that is traced. */
static void which_entries_print(void **unused)
{
    struct diag *diag = fx.cpu->diag;
    (void)unused;
    diag->event.trap = &trap;
    diag->lockstep = 4;
    diag->trace_from = 6;
    diag->trace_to = 7;
    for (diag->entries = 1; diag->entries <= 9; diag->entries++) {
        bool expected =
            diag->entries == 4 || diag->entries == 8 || diag->entries == 6 || diag->entries == 7;
        console_begin();
        lockstep_event(fx.cpu);
        assert_int_equal(strstr(console_end(), "lockstep ") != NULL, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_what_they_switch_on),
        FX_CASE(every_word_of_an_event_counts),
        FX_CASE(which_entries_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
