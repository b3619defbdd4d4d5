/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The boot options: defaults of both flavours, every option, and the sentence for each wrong one.
 * Expected values: platform.h (names, ranges, defaults), abi/boot.md §6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "platform_internal.h"

static struct boot_options options;

static void accept(const char *flavour, const char *args)
{
    const char *error = options_read(&options, flavour, args, strlen(args));
    if (error != NULL) {
        fail_msg("expected options, found: %s", error);
    }
}

static void refuse_with(const char *args, const char *part)
{
    const char *error = options_read(&options, "debug", args, strlen(args));
    if (error == NULL || strstr(error, part) == NULL) {
        fail_msg("%s: expected a sentence with \"%s\", found: %s", args, part,
                 error == NULL ? "(accepted)" : error);
    }
}

static void has_defaults(void **state)
{
    (void)state;
    accept("debug", "");
    assert_int_equal(options.root_cnode_bits, 12); /* abi/boot.md §6 */
    assert_int_equal(options.domains, 1);
    assert_int_equal(options.domain_schedules, 2);
    assert_int_equal(options.tick_us, 2000);
    assert_int_equal(options.slice_ticks, 5);
    assert_int_equal(options.max_irq, 0);
    assert_true(options.debug_calls);
    assert_int_equal(options.log, LOG_REFUSALS);
    accept("release", "");
    assert_false(options.debug_calls);
    assert_false(options.benchmark_calls);
    assert_false(options.smc || options.el0_pmu || options.el0_virtual_counter);
    assert_int_equal(options.log, LOG_NORMAL);
}

static void reads_options(void **state)
{
    (void)state;
    accept("debug",
           " console=ttyAMA0\tkaal.root_cnode_bits=13 kaal.domains=4  quiet kaal.tick_us=1000000 "
           "kaal.slice_ticks=65535 kaal.max_irq=159 kaal.smc=on kaal.debug_calls=off "
           "kaal.benchmark_calls=1 kaal.el0_pmu=on kaal.el0_virtual_timer=on kaal.el0_pmu=0 "
           "kaal.log=trace");
    assert_int_equal(options.root_cnode_bits, 13);
    assert_int_equal(options.domains, 4);
    assert_int_equal(options.domain_schedules, 100); /* more than one domain */
    assert_int_equal(options.tick_us, 1000000);
    assert_int_equal(options.slice_ticks, 65535);
    assert_int_equal(options.max_irq, 159);
    assert_true(options.smc && options.benchmark_calls && options.el0_virtual_timer);
    assert_false(options.debug_calls || options.el0_pmu);
    assert_int_equal(options.log, LOG_TRACE);
    accept("debug", "kaal.domains=256 kaal.domain_schedules=2");
    assert_int_equal(options.domain_schedules, 2);
}

static void refuses_options(void **state)
{
    static const char *const cases[][2] = {
        {"kaal.root_cnode_bits=3", "a decimal number from 4 to 24"},
        {"kaal.root_cnode_bits=25", "a decimal number from 4 to 24"},
        {"kaal.domains=0", "from 1 to 256"},
        {"kaal.domains=257", "from 1 to 256"},
        {"kaal.domain_schedules=1", "from 2 to 1024"},
        {"kaal.tick_us=99", "from 100 to 1000000"},
        {"kaal.tick_us=", "from 100 to 1000000"},
        {"kaal.tick_us", "from 100 to 1000000"},
        {"kaal.tick_us=0x100", "from 100 to 1000000"},
        {"kaal.tick_us=-1", "from 100 to 1000000"},
        {"kaal.tick_us=99999999999999999999", "from 100 to 1000000"},
        {"kaal.slice_ticks=0", "from 1 to 65535"},
        {"kaal.slice_ticks=65536", "from 1 to 65535"},
        {"kaal.max_irq=1020", "from 31 to 1019"},
        {"kaal.smc=maybe", "boot option \"kaal.smc=maybe\": expected on, off, 1 or 0"},
        {"kaal.log=loud", "quiet, normal, refusals or trace"},
        {"kaal.turbo=on", "boot option \"kaal.turbo=on\": expected one of kaal.root_cnode_bits"},
        {"kaal.=1", "expected one of"},
        {"kaal.domain=1", "kaal.benchmark_calls kaal.log" /* the last one */},
        {"ok kaal.domainss=1 ok", "expected one of"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        refuse_with(cases[i][0], cases[i][1]);
    }
}

/* Every option there is, whatever is added later: without "=", without a value, with a value of no
 * kind, one with something behind it, twice "=" and as the last of several words. */
static void refuses_every_option_malformed(void **state)
{
    static const char *const forms[] = {"kaal.%s",
                                        "kaal.%s=",
                                        "kaal.%s=!",
                                        "kaal.%s=1x",
                                        "kaal.%s==1",
                                        "kaal.%s=-1",
                                        "quiet kaal.slice_ticks=7 kaal.%s=on,off"};
    char names[1024], args[100], *rest, *name;
    unsigned count = 0;
    (void)state;
    const char *all = options_read(&options, "debug", "kaal.?", 6);
    snprintf(names, sizeof(names), "%s", strstr(all, "one of ") + strlen("one of "));
    for (name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest), count++) {
        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
            snprintf(args, sizeof(args), forms[i], name + strlen("kaal."));
            refuse_with(args, name);
            refuse_with(args, ": expected ");
        }
    }
    assert_int_equal(count, 18); /* docs/options.md */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_defaults),
        cmocka_unit_test(reads_options),
        cmocka_unit_test(refuses_options),
        cmocka_unit_test(refuses_every_option_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
