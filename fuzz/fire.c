/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Running the tests of what judges (fire.h).
 */
#include "fire.h"

#include <stdio.h>
#include <string.h>

#include "program.h"

void fire_tell(bool good, unsigned number, const char *what)
{
    printf("%sok %u - %s\n", good ? "" : "not ", number, what);
}

static bool is_expected(const char *found, const char *beginning, const char *expected)
{
    if (!found || !expected)
        return !found && !expected;
    return strncmp(found, beginning, strlen(beginning)) == 0 && strstr(found, expected) != NULL;
}

static bool fires(const struct fire_test *test, struct run_options options, const char *beginning)
{
    const uint8_t yield[] = {test->world, STEP_YIELD, 0};
    options.damage = test->damage;
    struct run_result result = run_program(yield, sizeof yield, &options);
    if (is_expected(result.failure, beginning, test->expected))
        return true;
    printf("# expected: %s\n# found:    %s\n", test->expected ? test->expected : "nothing",
           result.failure ? result.failure : "nothing");
    return false;
}

unsigned fire_all(const struct fire_test *tests, unsigned count, unsigned first,
                  const struct run_options *options, const char *beginning)
{
    unsigned failed = 0;
    for (unsigned i = 0; i < count; i++) {
        bool good = fires(&tests[i], *options, beginning);
        failed += !good;
        fire_tell(good, first + i, tests[i].what);
    }
    return failed;
}
