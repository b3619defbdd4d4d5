/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Replays cases of the system-call fuzzer outside any fuzzing engine.
 *
 *   replay FILE...              each trap in words (standard error), then how it ended
 *   replay --quiet FILE...      only failures and the count
 *   replay --twice FILE...      all in order, then in reverse order: equal state hashes
 *   replay --random SEED COUNT  programs made by the grammar; the first ten that fail are written
 *                               to build/fuzz/NUMBER
 *   replay --save DIR SEED COUNT       writes such programs as files
 *   replay --rate SECONDS FILE...      cases and traps a second of processor time, with all oracles
 *                                      and both ways as in fuzzing, then once and unjudged
 *   replay --rate-of MODE SECONDS FILE...   one number (rates.h)
 *   replay --shorten IN OUT     the shortest program that still fails, by leaving out
 *   replay --report FILE [all]  the counters of a campaign as a table; with "all" a method that
 *                               never succeeded is a failure
 *
 * Exit status: 0 no failure, 1 a case failed, 2 wrong use or unreadable file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "grammar.h"
#include "program.h"
#include "rates.h"
#include "runner.h"
#include "shorten.h"

struct file {
    const char *name;
    uint8_t bytes[PROGRAM_MAX_BYTES];
    size_t size;
    struct machine_hash hash;
};

static _Noreturn void give_up(const char *name, const char *what)
{
    fprintf(stderr, "replay: %s: %s\n", name, what);
    exit(2);
}

static void read_file(struct file *file, const char *name)
{
    FILE *f = fopen(name, "rb");
    if (!f)
        give_up(name, strerror(errno));
    file->name = name;
    file->size = fread(file->bytes, 1, sizeof file->bytes, f);
    if (ferror(f))
        give_up(name, "cannot be read");
    fclose(f);
}

/* They live until the process ends. */
static struct file *read_files(char **names, int count)
{
    static struct file *files;
    if (count == 0)
        give_up("files", "expected at least one case, found none");
    files = calloc((size_t)count, sizeof *files);
    if (!files)
        give_up("files", "no memory");
    for (int i = 0; i < count; i++)
        read_file(&files[i], names[i]);
    return files;
}

static bool report_failure(const char *name, const struct run_result *result)
{
    if (result->failure)
        printf("%s: step %u: %s\n", name, result->step, result->failure);
    return result->failure != NULL;
}

static unsigned replay_files(struct file *files, int count, bool words)
{
    const struct run_options told = {.words = true};
    const struct run_options options = {.refusals = true, .hash = true, .stack_fill = 0x11};
    unsigned failed = 0;
    for (int i = 0; i < count; i++) {
        if (words)
            run_program(files[i].bytes, files[i].size, &told);
        struct run_result result = run_both_ways(files[i].bytes, files[i].size, &options);
        files[i].hash = result.hash;
        if (words)
            printf("%s: %u steps, %u kernel entries, state %016llx%016llx\n", files[i].name,
                   result.step, result.traps, (unsigned long long)result.hash.w[0],
                   (unsigned long long)result.hash.w[1]);
        failed += report_failure(files[i].name, &result);
    }
    printf("%d cases, %u failed\n", count, failed);
    return failed;
}

/* In reverse order, and with another byte in the free stack, what comes before each case differs.
 */
static unsigned replay_twice(struct file *files, int count)
{
    const struct run_options options = {.refusals = true, .hash = true, .stack_fill = 0xee};
    unsigned failed = replay_files(files, count, false);
    for (int i = count - 1; i >= 0; i--) {
        struct run_result result = run_program(files[i].bytes, files[i].size, &options);
        if (memcmp(&result.hash, &files[i].hash, sizeof result.hash) != 0) {
            printf("%s: the second run ended in another state\n", files[i].name);
            failed++;
        }
    }
    printf("%d cases twice, %u failed or differed\n", count, failed);
    return failed;
}

static void save(const char *directory, unsigned number, const uint8_t *bytes, size_t size)
{
    char name[4096];
    snprintf(name, sizeof name, "%s/%06u", directory, number);
    FILE *f = fopen(name, "wb");
    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
        give_up(name, "cannot be written");
}

enum {
    RANDOM_STEPS = 24,
    KEPT_FAILURES = 10
};

static unsigned save_random(const char *directory, uint64_t seed, unsigned count)
{
    struct generator generator = {seed};
    uint8_t bytes[PROGRAM_MAX_BYTES];
    for (unsigned i = 0; i < count; i++)
        save(directory, i, bytes, grammar_program(&generator, RANDOM_STEPS, bytes));
    return 0;
}

static unsigned run_random(uint64_t seed, unsigned count, const struct stats *stats)
{
    const struct run_options options = {.refusals = true};
    struct generator generator = {seed};
    uint8_t bytes[PROGRAM_MAX_BYTES];
    unsigned failed = 0;
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        size_t size = grammar_program(&generator, RANDOM_STEPS, bytes);
        struct run_result result = run_both_ways(bytes, size, &options);
        snprintf(name, sizeof name, "random-%06u", i);
        if (report_failure(name, &result) && failed++ < KEPT_FAILURES)
            save("build/fuzz", i, bytes, size);
    }
    stats_report(stats);
    printf("%u random cases, %u failed\n", count, failed);
    return failed;
}

/* Of processor time: other work on the machine does not count. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Runs all files again and again for `limit` seconds, judged as a fuzzer does, or bare. */
static void measure_rate(double limit, struct file *files, int count, bool judged)
{
    const struct run_options options = {.refusals = judged, .bare = !judged};
    unsigned long cases = 0, traps = 0;
    double start = seconds(), now = start;
    while (now - start < limit) {
        for (int i = 0; i < count; i++, cases++)
            traps += (judged ? run_both_ways(files[i].bytes, files[i].size, &options)
                             : run_program(files[i].bytes, files[i].size, &options))
                         .traps;
        now = seconds();
    }
    printf("%s: %.0f cases and %.0f kernel entries a second of processor time\n",
           judged ? "judged" : "replayed", (double)cases / (now - start),
           (double)traps / (now - start));
}

static unsigned measure_rates(double limit, struct file *files, int count)
{
    measure_rate(limit, files, count, true);
    measure_rate(limit, files, count, false);
    return 0;
}

static unsigned measure_mode(const char *mode, double limit, struct file *files, int count)
{
    struct rate_case *cases = calloc((size_t)count, sizeof *cases);
    if (!cases)
        give_up("files", "no memory");
    for (int i = 0; i < count; i++)
        cases[i] = (struct rate_case){files[i].bytes, files[i].size};
    unsigned failed = (unsigned)rates_print(mode, limit, cases, (unsigned)count);
    free(cases);
    return failed;
}

/* Number of methods that never succeeded, if `all` of them should have. */
static unsigned report(const char *name, bool all)
{
    setenv("KAAL_FUZZ_STATS", name, 1);
    unsigned never = stats_report(stats_open());
    return all ? never : 0;
}

static unsigned shorten(const char *in, const char *out)
{
    struct file file;
    read_file(&file, in);
    if (!shorten_case(file.bytes, &file.size))
        give_up(in, "does not fail, nothing to shorten");
    FILE *f = fopen(out, "wb");
    if (!f || fwrite(file.bytes, 1, file.size, f) != file.size || fclose(f) != 0)
        give_up(out, "cannot be written");
    printf("%s: %zu bytes\n", out, file.size);
    return 0;
}

static unsigned choose(int argc, char **argv, struct stats *stats)
{
    const char *mode = argc > 1 && argv[1][0] == '-' ? argv[1] : "";
    char **rest = argv + (mode[0] ? 2 : 1);
    int count = argc - (mode[0] ? 2 : 1);
    if (mode[0] == '\0')
        return replay_files(read_files(rest, count), count, true);
    if (strcmp(mode, "--quiet") == 0)
        return replay_files(read_files(rest, count), count, false);
    if (strcmp(mode, "--twice") == 0)
        return replay_twice(read_files(rest, count), count);
    if (strcmp(mode, "--rate") == 0 && count > 1)
        return measure_rates(atof(rest[0]), read_files(rest + 1, count - 1), count - 1);
    if (strcmp(mode, "--rate-of") == 0 && count > 2)
        return measure_mode(rest[0], atof(rest[1]), read_files(rest + 2, count - 2), count - 2);
    if (strcmp(mode, "--random") == 0 && count == 2)
        return run_random(strtoull(rest[0], NULL, 0), (unsigned)atoi(rest[1]), stats);
    if (strcmp(mode, "--save") == 0 && count == 3)
        return save_random(rest[0], strtoull(rest[1], NULL, 0), (unsigned)atoi(rest[2]));
    if (strcmp(mode, "--shorten") == 0 && count == 2)
        return shorten(rest[0], rest[1]);
    give_up("use", "replay [--quiet|--twice|--rate SECONDS] FILE... | --random SEED COUNT | --save "
                   "DIR SEED COUNT | --shorten IN OUT | --report FILE");
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "--report") == 0)
        return report(argv[2], argc > 3 && strcmp(argv[3], "all") == 0) != 0;
    struct stats *stats = stats_open();
    run_init(stats);
    return choose(argc, argv, stats) != 0;
}
