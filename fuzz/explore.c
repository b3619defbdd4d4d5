/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The explorer: all sequences of actions of an alphabet from a small start state, breadth first, so
 * that the first violation found has the fewest steps. Each edge is one kernel entry under all
 * oracles (invariants, refusals, confinement, machine checks, the model), and once more through the
 * ordinary ways, which must end in the same memory. A long call is also taken with an interrupt at
 * every look for one. Of a state only its digest and the way to it are kept: to go on from it, the
 * way is executed again.
 *
 *   explore [--quick] [--only PHASE] [--depth N] [--out FILE]
 *   explore --list
 *
 * --quick: small depths, seconds. A violation is written to FILE (build/fuzz/explored) as a case
 * for kaal-replay. Exit status: 0 no violation, 1 a violation, 2 wrong use or no memory.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "diag.h"
#include "explore.h"
#include "machine.h"
#include "memory.h"
#include "runner.h"
#include "world.h"

enum {
    SVC_PC = 0x400000, /* where a free thread's next call is */
    FAULT_PC = 0x400100,
    MAX_DEPTH = 32,
    SECONDS_FOR_ONE_STATE = 60,
};

struct phase {
    const char *name;
    unsigned world;
    bool full; /* alphabet */
    unsigned depth;
    unsigned quick_depth;
};

static const struct phase phases[] = {
    {"exchange", WORLD_EXCHANGE, false, 10, 4}, {"exchange-full", WORLD_EXCHANGE, true, 2, 1},
    {"tree", WORLD_TREE, false, 5, 2},          {"tree-full", WORLD_TREE, true, 2, 1},
    {"pool", WORLD_POOL, false, 6, 3},          {"pool-full", WORLD_POOL, true, 2, 1},
    {"spaces", WORLD_SPACES, false, 6, 2},      {"spaces-full", WORLD_SPACES, true, 2, 1},
};

enum {
    PHASES = sizeof phases / sizeof phases[0]
};

/* A state by the way to it. */
struct node {
    uint32_t parent;
    uint16_t action;
    uint8_t preempt; /* index into preempt_question */
    uint8_t depth;
};

struct counts {
    uint64_t changing;
    uint64_t refused;
    uint64_t same; /* neither */
};

static struct {
    struct alphabet alphabet;
    struct node *node;
    size_t nodes, room;
    struct digest_set seen;
    struct cpu *cpu;
    void *snapshot;             /* of the state whose edges are being taken */
    struct canon_digest digest; /* of that state */
    struct counts counts;
    /* the edge being taken, for the trace */
    uint32_t from;
    struct node edge;
    const char *out;
} x;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "explore: %s\n", what);
    exit(2);
}

/* ---- traces ---- */

static unsigned way_to(uint32_t state, struct node *way)
{
    unsigned depth = x.node[state].depth;
    for (unsigned i = depth; i > 0; i--) {
        way[i - 1] = x.node[state];
        state = x.node[state].parent;
    }
    return depth;
}

/* The step of an edge; an entry that is preempted is left there. */
static size_t step_bytes(const struct node *edge, uint8_t *out)
{
    const struct action *action = &x.alphabet.action[edge->action];
    memcpy(out, action->bytes, action->size);
    out[0] |= (uint8_t)(0x80 | edge->preempt << 4);
    return action->size;
}

static size_t trace_bytes(uint8_t *out)
{
    struct node way[MAX_DEPTH + 1];
    unsigned depth = way_to(x.from, way);
    size_t used = 0;
    out[used++] = (uint8_t)x.alphabet.world;
    way[depth] = x.edge;
    for (unsigned i = 0; i <= depth; i++)
        used += step_bytes(&way[i], out + used);
    return used;
}

static bool write_trace(void)
{
    uint8_t bytes[1 + (MAX_DEPTH + 1) * ACTION_BYTES];
    size_t used = trace_bytes(bytes);
    FILE *f = fopen(x.out, "wb");
    bool good = f && fwrite(bytes, 1, used, f) == used;
    return (f == NULL || fclose(f) == 0) && good;
}

/* The core crashed or does not come back: the trace is worth more than a clean end. */
static void on_signal(int number)
{
    bool written = write_trace();
    fprintf(stderr, "explore: signal %d after %u steps; %s %s\n", number, x.node[x.from].depth + 1,
            written ? "trace in" : "cannot write", x.out);
    _exit(1);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM};
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        signal(numbers[i], on_signal);
}

/* ---- one edge ---- */

static bool must_repeat(void)
{
    return x.cpu->current && x.cpu->current->context.next_pc == SVC_PC;
}

/* A thread that is about to repeat its call can do nothing else; a free one cannot repeat. */
static bool is_possible(enum step_op op)
{
    if (op == STEP_IRQ || op == STEP_TICK)
        return true;
    return x.cpu->current && (op == STEP_AGAIN) == must_repeat();
}

static void place_pc(enum step_op op)
{
    if (x.cpu->current && step_is_syscall(op))
        x.cpu->current->context.next_pc = SVC_PC;
    else if (x.cpu->current && op == STEP_FAULT)
        x.cpu->current->context.next_pc = FAULT_PC;
}

static struct run_result act(const struct node *edge, const struct run_options *options)
{
    uint8_t bytes[ACTION_BYTES];
    size_t size = step_bytes(edge, bytes);
    run_from(x.cpu, options);
    place_pc((enum step_op)(bytes[0] % 16));
    return run_step(bytes, size);
}

/* Prints and writes the violation; the explorer ends. */
static _Noreturn void violation(const char *sentence)
{
    static const struct run_options told = {.words = true, .refusals = true};
    uint8_t bytes[1 + (MAX_DEPTH + 1) * ACTION_BYTES];
    char kept[512];
    snprintf(kept, sizeof kept, "%s", sentence);
    bool written = write_trace();
    size_t used = trace_bytes(bytes);
    printf("violation after %u steps, the fewest there are: %s\n", x.node[x.from].depth + 1, kept);
    printf("%s %s (kaal-replay explains it)\n", written ? "trace written to" : "cannot write",
           x.out);
    fflush(stdout);
    struct run_result again = run_both_ways(bytes, used, &told);
    printf("replayed: %s\n", again.failure ? again.failure
                                           : "no failure: the start of this run "
                                             "is not what the case gives");
    exit(1);
}

static bool is_refused(uint64_t refusals_before)
{
    const struct diag *diag = x.cpu->diag;
    return diag->refusals != refusals_before &&
           diag->ring[(diag->refusals - 1) % DIAG_RING].label != 0;
}

/* Once more with no fast path, from the same state: must end in the same memory. */
static void check_ordinary_way(const struct node *edge, int status)
{
    static const struct run_options bare = {.bare = true};
    static char sentence[96];
    memory_stash();
    memory_to_base();
    machine_restore_devices(x.snapshot);
    x.cpu->fast = false;
    struct run_result other = act(edge, &bare);
    uint64_t pa = memory_difference(&x.cpu->fast);
    if (pa == 0 && other.status == status)
        return;
    snprintf(sentence, sizeof sentence,
             "fast path and ordinary way differ: word at 0x%llx, status %d and %d",
             (unsigned long long)pa, status, other.status);
    violation(sentence);
}

static void keep(struct canon_digest digest)
{
    if (!digest_set_add(&x.seen, digest))
        return;
    if (x.nodes == x.room) {
        x.room = x.room ? 2 * x.room : 1 << 16;
        x.node = realloc(x.node, x.room * sizeof *x.node);
        if (!x.node)
            give_up("expected memory for more states, found none");
    }
    x.node[x.nodes++] = x.edge;
}

static bool has_fast_path(enum step_op op)
{
    return op <= STEP_REPLY_RECV || op == STEP_AGAIN || op == STEP_FAULT;
}

/* Takes the edge from the state that memory is in, and comes back; returns the looks for interrupts
 * that the kernel took on it. */
static uint64_t take_edge(const struct node *edge)
{
    static const struct run_options judged = {.refusals = true};
    uint64_t refusals = x.cpu->diag->refusals;
    x.edge = *edge;
    struct run_result result = act(edge, &judged);
    uint64_t asked = machine_preempt_asked();
    if (result.failure)
        violation(result.failure);
    struct canon_digest digest = canon_digest(x.cpu, &x.alphabet.symmetry, SVC_PC);
    bool same = digest.w[0] == x.digest.w[0] && digest.w[1] == x.digest.w[1];
    bool refused = is_refused(refusals);
    uint64_t *count = refused ? &x.counts.refused : same ? &x.counts.same : &x.counts.changing;
    ++*count;
    if (result.status == MACHINE_RAN_ON)
        keep(digest);
    enum step_op op = (enum step_op)(x.alphabet.action[edge->action].bytes[0] % 16);
    if (!refused && has_fast_path(op))
        check_ordinary_way(edge, result.status);
    memory_to_base();
    machine_restore_devices(x.snapshot);
    return asked;
}

/* ---- states ---- */

static void go_to(uint32_t state)
{
    static const struct run_options bare = {.bare = true};
    struct node way[MAX_DEPTH];
    unsigned depth = way_to(state, way);
    x.cpu = world_reset(x.alphabet.world, false);
    for (unsigned i = 0; i < depth; i++)
        act(&way[i], &bare);
    machine_snapshot(x.snapshot);
    memory_set_base(x.snapshot);
    x.digest = canon_digest(x.cpu, &x.alphabet.symmetry, SVC_PC);
    run_base(x.cpu);
}

static void expand(uint32_t state)
{
    x.from = state;
    alarm(SECONDS_FOR_ONE_STATE);
    go_to(state);
    struct node edge = {.parent = state, .depth = (uint8_t)(x.node[state].depth + 1)};
    for (unsigned i = 0; i < x.alphabet.count; i++) {
        edge.action = (uint16_t)i;
        edge.preempt = 0;
        if (!is_possible((enum step_op)(x.alphabet.action[i].bytes[0] % 16)))
            continue;
        uint64_t asked = take_edge(&edge);
        for (edge.preempt = 1; edge.preempt < 8 && preempt_question[edge.preempt] <= asked;
             edge.preempt++)
            take_edge(&edge);
    }
}

/* ---- phases ---- */

/* Of processor time. */
static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void begin(const struct phase *phase)
{
    if (phase->full)
        alphabet_full(&x.alphabet, phase->world);
    else
        alphabet_chosen(&x.alphabet, phase->world);
    alphabet_step(&x.alphabet, STEP_AGAIN, 0, NULL);
    digest_set_clear(&x.seen);
    x.nodes = 0;
    x.counts = (struct counts){0};
    x.cpu = world_reset(phase->world, false);
    x.edge = (struct node){0};
    keep(canon_digest(x.cpu, &x.alphabet.symmetry, SVC_PC));
}

/* States of all phases, and edges. */
struct total {
    struct digest_set states;
    uint64_t edges;
    double began;
};

static void add_states(struct total *total, unsigned world)
{
    for (size_t i = 0; i < x.seen.room; i++) {
        struct canon_digest digest = x.seen.entry[i];
        if (digest.w[0] == 0 && digest.w[1] == 0)
            continue;
        digest.w[0] ^= world;
        digest_set_add(&total->states, digest);
    }
}

static void run_phase(const struct phase *phase, unsigned depth, struct total *total)
{
    double began = seconds();
    begin(phase);
    uint32_t i = 0;
    while (i < x.nodes && x.node[i].depth < depth)
        expand(i++);
    uint64_t edges = x.counts.changing + x.counts.refused + x.counts.same;
    double spent = seconds() - began;
    printf("%-14s %4u actions, %s depth %u: %7zu states, %8llu edges (%llu changing, %llu refused, "
           "%llu without effect), %.0f edges/s\n",
           phase->name, x.alphabet.count, i == x.nodes ? "all states, complete at" : "complete to",
           i == x.nodes ? x.node[x.nodes - 1].depth : depth, x.nodes, (unsigned long long)edges,
           (unsigned long long)x.counts.changing, (unsigned long long)x.counts.refused,
           (unsigned long long)x.counts.same, (double)edges / (spent > 0 ? spent : 1));
    fflush(stdout);
    add_states(total, phase->world);
    total->edges += edges;
}

struct request {
    bool quick;
    const char *only;
    unsigned depth; /* 0 = of the phase */
};

static int list(void)
{
    for (unsigned i = 0; i < PHASES; i++)
        printf("%s\n", phases[i].name);
    return 0;
}

static struct request read_options(int argc, char **argv)
{
    static const struct option names[] = {
        {"quick", no_argument, NULL, 'q'},       {"only", required_argument, NULL, 'o'},
        {"depth", required_argument, NULL, 'd'}, {"out", required_argument, NULL, 'f'},
        {"list", no_argument, NULL, 'l'},        {NULL, 0, NULL, 0}};
    struct request r = {0};
    int option;
    while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (option) {
        case 'q': r.quick = true; break;
        case 'o': r.only = optarg; break;
        case 'd': r.depth = (unsigned)atoi(optarg); break;
        case 'f': x.out = optarg; break;
        case 'l': exit(list());
        default: give_up("usage: explore [--quick] [--only PHASE] [--depth 1..32] [--out FILE]");
        }
    }
    if (optind != argc || r.depth > MAX_DEPTH)
        give_up("usage: explore [--quick] [--only PHASE] [--depth 1..32] [--out FILE]");
    return r;
}

int main(int argc, char **argv)
{
    struct total total = {0};
    unsigned done = 0;
    x.out = "build/fuzz/explored";
    struct request request = read_options(argc, argv);
    struct stats *stats = stats_open();
    run_init(stats);
    catch_signals();
    world_reset(0, false);
    x.snapshot = malloc(machine_snapshot_bytes());
    if (!x.snapshot)
        give_up("expected memory for a snapshot, found none");
    total.began = seconds();
    for (unsigned i = 0; i < PHASES; i++) {
        if (request.only && strcmp(request.only, phases[i].name) != 0)
            continue;
        unsigned depth = request.quick ? phases[i].quick_depth : phases[i].depth;
        run_phase(&phases[i], request.depth ? request.depth : depth, &total);
        done++;
    }
    if (done == 0)
        give_up("--only: expected a phase that --list names, found none");
    double spent = seconds() - total.began;
    printf("the model predicted %llu of %llu entries\n", (unsigned long long)stats->model.predicted,
           (unsigned long long)stats->model.traps);
    printf("explored: %zu states, %llu edges in %.0f s of processor time, %.0f edges/s; no "
           "violation\n",
           total.states.count, (unsigned long long)total.edges, spent,
           (double)total.edges / (spent > 0 ? spent : 1));
    return 0;
}
