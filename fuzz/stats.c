/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Counters and their table (stats.h).
 */
#include "stats.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const label_names[LABEL_COUNT] = {
#define X(number, constant, name) [number] = (name),
    KAAL_LABELS(X)
#undef X
};

static const char *const error_letters[ERROR_COUNT] = {
    "none",   "InvArg", "InvCap",   "Illegal",  "Range",    "Align",
    "Lookup", "Trunc",  "DelFirst", "RevFirst", "NoMemory",
};

static struct stats *map(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT, 0644);
    struct stat info;
    if (file < 0 || fstat(file, &info) != 0 ||
        (info.st_size < (off_t)sizeof(struct stats) && ftruncate(file, sizeof(struct stats)) != 0))
        return NULL;
    void *at = mmap(NULL, sizeof(struct stats), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return at == MAP_FAILED ? NULL : at;
}

struct stats *stats_open(void)
{
    static struct stats own;
    const char *path = getenv("KAAL_FUZZ_STATS");
    if (!path)
        return &own;
    struct stats *stats = map(path);
    if (!stats) {
        fprintf(stderr, "fuzz: KAAL_FUZZ_STATS=%s: expected a file to map, found none\n", path);
        exit(2);
    }
    return stats;
}

static void print_errors(const struct label_stats *label)
{
    for (unsigned code = 1; code < ERROR_COUNT; code++)
        if (label->errors[code] != 0)
            printf(" %s %" PRIu64, error_letters[code], label->errors[code]);
}

static void print_totals(const struct stats *stats)
{
    static const char *const calls[STATS_SYSCALLS] = {
        "others", "Call", "ReplyRecv", "Send", "NBSend", "Recv", "Reply", "Yield", "NBRecv"};
    static const char *const faults[STATS_FAULTS] = {
        NULL, "CapFault", "UnknownSyscall", "UserException", NULL, "VMFault"};
    printf("%" PRIu64 " cases, %" PRIu64 " kernel entries, %" PRIu64
           " refused calls compared with the state before\n",
           stats->cases, stats->traps, stats->refusals_checked);
    printf("system calls:");
    for (unsigned i = 0; i < STATS_SYSCALLS; i++)
        printf(" %s %" PRIu64, calls[i], stats->syscalls[i]);
    printf("\nfaults:");
    for (unsigned i = 0; i < STATS_FAULTS; i++)
        if (faults[i])
            printf(" %s %" PRIu64, faults[i], stats->faults[i]);
    printf("\n");
}

static void print_model(const struct model_stats *model)
{
    printf("model: %" PRIu64 " of %" PRIu64 " traps predicted (%" PRIu64
           " with words left open), %" PRIu64 " in the middle of a call (%" PRIu64
           " of them left there), %" PRIu64 " not modelled",
           model->predicted, model->traps, model->open, model->waiting, model->refilled,
           model->missing);
    for (unsigned i = 0; i < LABEL_COUNT; i++)
        if (model->missing_by_label[i] != 0)
            printf(" %s %" PRIu64, i ? label_names[i] : "(no method)", model->missing_by_label[i]);
    printf("\n");
}

unsigned stats_report(const struct stats *stats)
{
    unsigned never = 0;
    print_totals(stats);
    if (stats->model.traps != 0)
        print_model(&stats->model);
    printf("%5s %-30s %10s %10s %10s  %s\n", "label", "method", "attempts", "successes",
           "preempted", "refused with");
    for (unsigned i = 1; i < LABEL_COUNT; i++) {
        const struct label_stats *label = &stats->labels[i];
        printf("%5u %-30s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " ", i, label_names[i],
               label->attempts, label->successes, label->preempted);
        print_errors(label);
        printf("\n");
        never += label->successes == 0;
    }
    if (never == 0)
        return 0;
    printf("never succeeded:");
    for (unsigned i = 1; i < LABEL_COUNT; i++)
        if (stats->labels[i].successes == 0)
            printf(" %s", label_names[i]);
    printf("\n");
    return never;
}
