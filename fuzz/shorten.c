/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Shortening (shorten.h). The failure must stay the same up to its numbers: the sentence without
 * digits, or the signal.
 */
#include "shorten.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "runner.h"

enum {
    NO_FAILURE = 0,
    TRY_SECONDS = 5
};

static uint8_t sentence_class(const char *sentence)
{
    unsigned hash = 0;
    for (; *sentence; sentence++)
        if (!isxdigit((unsigned char)*sentence))
            hash = hash * 31 + (unsigned char)*sentence;
    return (uint8_t)(1 + hash % 126);
}

/* Class of the failure: NO_FAILURE, of its sentence, or 128 + signal. */
static int failure_of(const uint8_t *bytes, size_t size)
{
    const struct run_options options = {.refusals = true};
    int status;
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, STDERR_FILENO);
        alarm(TRY_SECONDS);
        struct run_result result = run_both_ways(bytes, size, &options);
        _exit(result.failure ? sentence_class(result.failure) : NO_FAILURE);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return NO_FAILURE;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

struct attempt {
    uint8_t bytes[PROGRAM_MAX_BYTES];
    size_t size;
};

static bool keeps_failing(const struct attempt *a, int class, uint8_t *bytes, size_t *size)
{
    if (failure_of(a->bytes, a->size) != class)
        return false;
    memcpy(bytes, a->bytes, a->size);
    *size = a->size;
    return true;
}

static struct attempt without(const uint8_t *bytes, size_t size, size_t from, size_t to)
{
    struct attempt a = {.size = size - (to - from)};
    memcpy(a.bytes, bytes, from);
    memcpy(a.bytes + from, bytes + to, size - to);
    return a;
}

/* Whole steps, from the last to the first. */
static bool drop_steps(uint8_t *bytes, size_t *size, int class)
{
    size_t starts[PROGRAM_MAX_BYTES];
    unsigned steps = 0;
    bool any = false;
    for (size_t at = 1; at < *size; at += program_step_bytes(bytes + at, bytes + *size))
        starts[steps++] = at;
    while (steps-- > 0) {
        size_t end = starts[steps] + program_step_bytes(bytes + starts[steps], bytes + *size);
        struct attempt a = without(bytes, *size, starts[steps], end);
        any = keeps_failing(&a, class, bytes, size) || any;
    }
    return any;
}

/* The last payload byte of each step, with the length that goes with it. */
static bool drop_payload(uint8_t *bytes, size_t *size, int class)
{
    bool any = false;
    for (size_t at = 1; at + 1 < *size; at += program_step_bytes(bytes + at, bytes + *size)) {
        while (bytes[at + 1] % (STEP_MAX_PAYLOAD + 1) != 0) {
            size_t end = at + program_step_bytes(bytes + at, bytes + *size);
            struct attempt a = without(bytes, *size, end - 1, end);
            a.bytes[at + 1] = (uint8_t)(a.bytes[at + 1] % (STEP_MAX_PAYLOAD + 1) - 1);
            if (end - at < 3 || !keeps_failing(&a, class, bytes, size))
                break;
            any = true;
        }
    }
    return any;
}

static bool clear_bytes(uint8_t *bytes, size_t *size, int class)
{
    bool any = false;
    for (size_t i = 0; i < *size; i++) {
        struct attempt a = without(bytes, *size, 0, 0);
        if (bytes[i] == 0)
            continue;
        a.bytes[i] = 0;
        any = keeps_failing(&a, class, bytes, size) || any;
    }
    return any;
}

bool shorten_case(uint8_t *bytes, size_t *size)
{
    int class = failure_of(bytes, *size);
    if (class == NO_FAILURE)
        return false;
    bool any = true;
    while (any) {
        any = drop_steps(bytes, size, class);
        any = drop_payload(bytes, size, class) || any;
        any = clear_bytes(bytes, size, class) || any;
    }
    return true;
}
