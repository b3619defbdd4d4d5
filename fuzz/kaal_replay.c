/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * kaal-replay: executes one file again, step by step and in words: a fuzz case, a trace of the
 * explorer, or a recording of kaal-hosted (--help).
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "recording.h"
#include "runner.h"

static const char help[] =
    "usage: kaal-replay [OPTION]... FILE\n"
    "Executes a fuzz case, a trace of the explorer or a recording of kaal-hosted again, without a\n"
    "CPU engine, and tells each step, what the kernel did and what it changed.\n"
    "\n"
    "  --quiet        only how it ended\n"
    "  --from N       words from kernel entry N on\n"
    "  --gdb          a debugger, stopped before the kernel entry that fails (GDB_CMD=COMMAND: "
    "one\n"
    "                 command, then the end)\n"
    "  --stop N       calls replay_stop() before kernel entry N, for a debugger\n"
    "  --check        the invariants after each entry of a recording (cases: always)\n"
    "  --any-kernel   a recording of a kernel built from other sources\n"
    "\n"
    "Exit status: 0 no failure; 1 a failure; 2 wrong use, or a file that cannot be read.\n";

struct request {
    const char *name;
    bool quiet;
    bool gdb;
    bool check;
    bool any_kernel;
    uint64_t stop_at;
    uint64_t from;
};

struct file {
    uint8_t *bytes;
    size_t size;
};

static _Noreturn void give_up(const char *name, const char *what)
{
    fprintf(stderr, "kaal-replay: %s: %s\n", name, what);
    exit(2);
}

static struct file read_file(const char *name)
{
    struct file file = {0};
    size_t room = 1 << 16, got;
    FILE *f = fopen(name, "rb");
    if (!f)
        give_up(name, strerror(errno));
    do {
        room *= 2;
        uint8_t *larger = realloc(file.bytes, room);
        if (!larger)
            give_up(name, "size: expected one that memory holds, found more");
        file.bytes = larger;
        got = fread(file.bytes + file.size, 1, room - file.size, f);
        file.size += got;
    } while (got != 0);
    if (ferror(f))
        give_up(name, "cannot be read as a file");
    fclose(f);
    return file;
}

/* ---- running; each returns the exit status ---- */

static int run_recording(const struct request *request, const struct file *file, bool words)
{
    const struct recording_options options = {.words = words,
                                              .words_from = request->from,
                                              .oracles = request->check,
                                              .any_kernel = request->any_kernel,
                                              .stop_at = request->stop_at};
    struct recording_result result = recording_replay(file->bytes, file->size, &options);
    fflush(stderr);
    if (result.failure && result.unreadable)
        give_up(request->name, result.failure);
    if (result.failure)
        printf("%s: kernel entry %llu: %s\n", request->name, (unsigned long long)result.entries,
               result.failure);
    else
        printf("%s: %llu kernel entries, %llu state hashes equal\n", request->name,
               (unsigned long long)result.entries, (unsigned long long)result.hashes);
    return result.failure != NULL;
}

static int run_case(const struct request *request, const struct file *file, bool words)
{
    const struct run_options told = {.words = true, .stop_at = request->stop_at};
    const struct run_options judged = {.refusals = true, .stop_at = request->stop_at};
    if (file->size > PROGRAM_MAX_BYTES)
        give_up(request->name, "expected a recording or a case of at most 1024 bytes, found more");
    run_init(stats_open());
    if (words)
        run_program(file->bytes, file->size, &told);
    struct run_result result = run_both_ways(file->bytes, file->size, &judged);
    if (result.failure)
        printf("%s: step %u, kernel entry %u: %s\n", request->name, result.step, result.traps,
               result.failure);
    else
        printf("%s: %u steps, %u kernel entries, no failure\n", request->name, result.step,
               result.traps);
    return result.failure != NULL;
}

static int run_file(const struct request *request, const struct file *file, bool words)
{
    return recording_is(file->bytes, file->size) ? run_recording(request, file, words)
                                                 : run_case(request, file, words);
}

/* ---- --gdb ---- */

/* The kernel entry at which the file fails, also by a crash; 0 = it does not. */
static uint64_t failing_entry(const struct request *request, const struct file *file)
{
    int status;
    void *shared =
        mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        give_up(request->name, "expected memory for a counter, found none");
    replay_progress = shared;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        exit(run_file(request, file, false));
    if (child < 0 || waitpid(child, &status, 0) != child)
        give_up(request->name, "cannot be tried in a process of its own");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
        exit(2);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : *replay_progress;
}

static _Noreturn void start_gdb(const char *self, const struct request *request,
                                const struct file *file)
{
    char number[24];
    const char *command = getenv("GDB_CMD");
    uint64_t entry = request->stop_at ? request->stop_at : failing_entry(request, file);
    if (entry == 0)
        give_up(request->name, "does not fail; --gdb --stop N stops at kernel entry N");
    snprintf(number, sizeof number, "%llu", (unsigned long long)entry);
    printf("kernel entry %s: the debugger stops before it\n", number);
    fflush(stdout);
    execlp("gdb", "gdb", command ? "-batch" : "-q", "-iex", "set debuginfod enabled off", "-ex",
           "break replay_stop", "-ex", "run", "-ex", "up", "-ex", command ? command : "list",
           "--args", self, "--quiet", "--stop", number, request->any_kernel ? "--any-kernel" : "--",
           request->name, (char *)NULL);
    give_up("gdb", strerror(errno));
}

/* ---- the command line ---- */

static uint64_t number_of(const char *option, const char *text)
{
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0')
        give_up(option, "expected the number of a kernel entry");
    return value;
}

static struct request read_options(int argc, char **argv)
{
    static const struct option names[] = {
        {"quiet", no_argument, NULL, 'q'}, {"from", required_argument, NULL, 'f'},
        {"gdb", no_argument, NULL, 'g'},   {"stop", required_argument, NULL, 's'},
        {"check", no_argument, NULL, 'c'}, {"any-kernel", no_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},  {NULL, 0, NULL, 0}};
    struct request r = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (option) {
        case 'q': r.quiet = true; break;
        case 'f': r.from = number_of("--from", optarg); break;
        case 'g': r.gdb = true; break;
        case 's': r.stop_at = number_of("--stop", optarg); break;
        case 'c': r.check = true; break;
        case 'a': r.any_kernel = true; break;
        case 'h': fputs(help, stdout); exit(0);
        default: exit(2);
        }
    }
    if (optind != argc - 1)
        give_up("use", "expected one file (--help explains)");
    r.name = argv[optind];
    return r;
}

int main(int argc, char **argv)
{
    struct request request = read_options(argc, argv);
    struct file file = read_file(request.name);
    if (request.gdb)
        start_gdb(argv[0], &request, &file);
    if (!request.quiet)
        dup2(STDOUT_FILENO, STDERR_FILENO); /* one stream, so that the order is kept */
    setvbuf(stdout, NULL, _IOLBF, 0);
    int status = run_file(&request, &file, !request.quiet);
    free(file.bytes);
    return status;
}
