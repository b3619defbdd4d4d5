/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Text on the console and in buffers (core/print.h), and what a failing ensure() says.
 */
#include "print.h"

#include "console.h"

static void expect(const char *expected, const char *found, size_t length)
{
    assert_string_equal(found, expected);
    assert_int_equal(length, strlen(expected));
}

#define PRINTS(expected, ...)                                                                      \
    do {                                                                                           \
        char line[96];                                                                             \
        size_t used = print_to(line, sizeof line, __VA_ARGS__);                                    \
        expect(expected, line, used);                                                              \
    } while (0)

static void conversions(void **unused)
{
    (void)unused;
    PRINTS("", "%s", "");
    PRINTS("a b%", "%s %c%%", "a", 'b');
    PRINTS("0 18446744073709551615", "%u %u", (uint64_t)0, UINT64_MAX);
    PRINTS("0 ffffffffffffffff", "%x %x", (uint64_t)0, UINT64_MAX);
    PRINTS("0 -1 9223372036854775807 -9223372036854775808", "%d %d %d %d", (int64_t)0, (int64_t)-1,
           INT64_MAX, INT64_MIN);
}

static void widths(void **unused)
{
    (void)unused;
    PRINTS("[  7] [007] [1234]", "[%3u] [%03u] [%3u]", (uint64_t)7, (uint64_t)7, (uint64_t)1234);
    PRINTS("[00000000000000ff] [   a]", "[%016x] [%4x]", (uint64_t)255, (uint64_t)10);
    PRINTS("[-  5] [-005]", "[%3d] [%03d]", (int64_t)-5, (int64_t)-5);
}

/* Longer text is cut; the terminator is always there. */
static void buffers_are_not_overrun(void **unused)
{
    (void)unused;
    char line[8];
    for (unsigned bytes = 1; bytes <= sizeof line; bytes++) {
        memset(line, '#', sizeof line);
        size_t used = print_to(line, bytes, "%u-%s", (uint64_t)123456, "abc");
        assert_int_equal(used, bytes - 1);
        assert_memory_equal(line, "123456-", used);
        assert_int_equal(line[used], 0);
        for (unsigned i = bytes; i < sizeof line; i++)
            assert_int_equal(line[i], '#');
    }
}

static void to_the_console(void **unused)
{
    (void)unused;
    console_begin();
    print("thread %s at 0x%08x: %d\n", "a", (uint64_t)0x40001000, (int64_t)-3);
    assert_string_equal(console_end(), "thread a at 0x40001000: -3\n");
}

/* LF is preceded by CR (abi/syscalls.md §8). */
static void line_ends(void **unused)
{
    char bytes[8] = {0};
    (void)unused;
    machine_console_capture(bytes, sizeof bytes);
    print("a\nb");
    machine_console_capture(NULL, 0);
    assert_string_equal(bytes, "a\r\nb");
}

static void fail_an_assertion(void *unused)
{
    (void)unused;
    ensure(1 + 1 == 2);
    ensure_failed("core/some.c", 42, "x == y");
}

static void a_failing_ensure_ends_the_run(void **unused)
{
    const char *text;
    (void)unused;
    assert_int_equal(console_run(fail_an_assertion, NULL, &text), 100);
    assert_string_equal(text, "kernel bug: core/some.c:42: x == y does not hold\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversions),
        cmocka_unit_test(widths),
        cmocka_unit_test(buffers_are_not_overrun),
        FX_CASE(to_the_console),
        FX_CASE(line_ends),
        FX_CASE(a_failing_ensure_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
