/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Writing timelines (timeline.h). Threads get their tracks in the order in which they are seen
 * first; a TCB whose name changes is another thread from then on.
 */
#include "timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/syscalls.h"
#include "context.h"
#include "event_text.h"
#include "output.h"

enum {
    PROCESS_MACHINE = 1,
    PROCESS_THREADS = 2,
    TRACK_CPU = 1, /* of the machine */
    TRACK_INTERRUPTS = 2,
    NAME_BYTES = 32,
};

struct track {
    uint64_t tcb;
    char name[NAME_BYTES]; /* empty = none yet */
    char state[NAME_BYTES];
    uint64_t since;
};

static struct {
    FILE *file;
    const char *name;
    struct track *track; /* index + 1 is the track's number */
    size_t tracks, room;
    size_t runs;     /* number of the track that has the processor, 0 = idle */
    uint64_t since;  /* of that */
    uint64_t arrows; /* so far */
    bool more;       /* an entry has been written */
} timeline;

/* ---- JSON ---- */

/* Bytes of user level: whatever they are, the file stays valid. */
static void put_text(const char *text)
{
    fputc('"', timeline.file);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') {
            fprintf(timeline.file, "\\u%04x", c);
        } else {
            fputc(c, timeline.file);
        }
    }
    fputc('"', timeline.file);
}

/* Nanoseconds as the format's microseconds. */
static void put_time(const char *field, uint64_t ns)
{
    fprintf(timeline.file, ",\"%s\":%" PRIu64 ".%03u", field, ns / 1000, (unsigned)(ns % 1000));
}

/* Opens an entry; the caller adds fields and "}". */
static void begin_entry(const char *phase, unsigned process, size_t track, const char *name)
{
    fprintf(timeline.file,
            "%s\n{\"ph\":\"%s\",\"pid\":%u,\"tid\":%zu,\"name\":", timeline.more ? "," : "", phase,
            process, track);
    timeline.more = true;
    put_text(name);
}

static void put_slice(unsigned process, size_t track, const char *name, uint64_t from, uint64_t to)
{
    begin_entry("X", process, track, name);
    put_time("ts", from);
    put_time("dur", to - from);
    fputc('}', timeline.file);
}

static void put_name(const char *what, unsigned process, size_t track, const char *name)
{
    begin_entry("M", process, track, what);
    fputs(",\"args\":{\"name\":", timeline.file);
    put_text(name);
    fputs("}}", timeline.file);
}

static void put_number(const char *field, uint64_t value, bool first)
{
    fprintf(timeline.file, "%s\"%s\":\"0x%" PRIx64 "\"", first ? "" : ",", field, value);
}

/* ---- tracks ---- */

static const char *track_name(size_t number)
{
    static char text[NAME_BYTES];
    if (number == 0) {
        return "idle";
    }
    const struct track *t = &timeline.track[number - 1];
    if (t->name[0] != '\0') {
        return t->name;
    }
    if (number == 1) {
        return "first thread";
    }
    snprintf(text, sizeof text, "thread 0x%" PRIx64, t->tcb);
    return text;
}

static size_t track_add(uint64_t tcb, const char *name, uint64_t now)
{
    if (timeline.tracks == timeline.room) {
        size_t room = timeline.room != 0 ? 2 * timeline.room : 64;
        struct track *larger = realloc(timeline.track, room * sizeof *larger);
        if (larger == NULL) {
            fprintf(stderr,
                    "kaal-hosted: --timeline: expected memory for %zu threads, found "
                    "none\n",
                    room);
            abort();
        }
        timeline.track = larger;
        timeline.room = room;
    }
    struct track *t = &timeline.track[timeline.tracks++];
    *t = (struct track){.tcb = tcb, .since = now, .state = "ready"};
    snprintf(t->name, sizeof t->name, "%s", name);
    return timeline.tracks;
}

/* The youngest track of the TCB: older ones are of threads that had it before. */
static size_t track_of(uint64_t tcb, const char *name, uint64_t now)
{
    name = name != NULL ? name : "";
    if (tcb == 0) {
        return 0;
    }
    for (size_t i = timeline.tracks; i > 0; i--) {
        struct track *t = &timeline.track[i - 1];
        if (t->tcb == tcb && (t->name[0] == '\0' || strcmp(t->name, name) == 0)) {
            snprintf(t->name, sizeof t->name, "%s", name);
            return i;
        }
        if (t->tcb == tcb) {
            break;
        }
    }
    return track_add(tcb, name, now);
}

/* The thread is in another state from now on. */
static void enter_state(size_t number, const char *state, uint64_t now)
{
    if (number == 0) {
        return;
    }
    struct track *t = &timeline.track[number - 1];
    if (now > t->since) {
        put_slice(PROCESS_THREADS, number, t->state, t->since, now);
    }
    snprintf(t->state, sizeof t->state, "%s", state);
    t->since = now;
}

/* ---- events ---- */

/* What a thread waits for that loses the processor by this event. */
static const char *wait_of(const struct event *e)
{
    bool object = e->method != NULL;
    if (e->trap->kind == TRAP_INTERRUPT || object) {
        return "ready";
    }
    if (e->fault != 0) {
        return event_fault_name(e->fault);
    }
    switch (e->syscall) {
    case SYS_CALL: return "Call";
    case SYS_RECV:
    case SYS_REPLY_RECV: return "Recv";
    default: return "ready"; /* Send may wait too; a thread that only gave way looks the same */
    }
}

/* Characters and interrupts are no news on a thread's track. */
static bool is_marked(const struct event *e)
{
    bool character = e->trap->kind == TRAP_SYSCALL && e->syscall == SYS_DEBUG_PUT_CHAR;
    return e->thread != 0 && e->trap->kind != TRAP_INTERRUPT && !character;
}

static const char *mark_name(const struct event *e)
{
    if (e->fault != 0) {
        return event_fault_name(e->fault);
    }
    if (e->trap->kind != TRAP_SYSCALL) {
        return "exception"; /* answered by the kernel, like the first use of FP registers */
    }
    return e->method != NULL ? e->method : event_call_name(e->syscall);
}

/* The event as a mark on the thread's track. */
static void put_mark(const struct event *e, size_t number, uint64_t now)
{
    bool call = e->trap->kind == TRAP_SYSCALL;
    begin_entry("i", PROCESS_THREADS, number, mark_name(e));
    put_time("ts", now);
    fputs(",\"s\":\"t\",\"args\":{", timeline.file);
    put_number("entry", e->number, true);
    put_number("pc", e->pc, false);
    if (call) {
        put_number("cptr", e->cptr, false);
        put_number("label", msginfo_label(e->info), false);
        put_number("length", msginfo_length(e->info), false);
    } else {
        put_number("address", e->trap->far, false);
        put_number("syndrome", e->trap->esr, false);
    }
    if (e->cap_name != NULL) {
        fputs(",\"cap\":", timeline.file);
        put_text(e->cap_name);
    }
    if (e->error != 0) {
        put_number("error", e->error, false);
    }
    fputs("}}", timeline.file);
}

/* Does a message, signal or fault leave the thread by this event? */
static bool sends(const struct event *e)
{
    if (e->trap->kind == TRAP_INTERRUPT || e->method != NULL || e->error != 0) {
        return false;
    }
    return e->fault != 0 || (e->trap->kind == TRAP_SYSCALL && e->syscall <= SYS_CALL &&
                             e->syscall >= SYS_REPLY && e->syscall != SYS_RECV);
}

static void put_arrow(const char *phase, size_t number, uint64_t now)
{
    begin_entry(phase, PROCESS_THREADS, number, "message");
    put_time("ts", now);
    fprintf(timeline.file, ",\"cat\":\"ipc\",\"id\":%" PRIu64 "%s}", timeline.arrows,
            phase[0] == 'f' ? ",\"bp\":\"e\"" : "");
}

static void switch_to(size_t next, uint64_t now)
{
    if (now > timeline.since) {
        put_slice(PROCESS_MACHINE, TRACK_CPU, track_name(timeline.runs), timeline.since, now);
    }
    timeline.runs = next;
    timeline.since = now;
    enter_state(next, "runs", now);
}

void timeline_event(const struct event *e, uint64_t now)
{
    if (timeline.file == NULL) {
        return;
    }
    size_t number = track_of(e->thread, e->thread_name, now);
    size_t next = track_of(e->next_thread, e->next_name, now);
    if (is_marked(e)) {
        put_mark(e, number, now);
    }
    if (next == number) {
        return;
    }
    if (number != 0 && next != 0 && sends(e)) {
        timeline.arrows++;
        put_arrow("s", number, now);
        put_arrow("f", next, now);
    }
    enter_state(number, wait_of(e), now);
    switch_to(next, now);
}

void timeline_interrupt(uint32_t irq, uint64_t now)
{
    char name[NAME_BYTES];
    if (timeline.file == NULL) {
        return;
    }
    snprintf(name, sizeof name, "interrupt %" PRIu32, irq);
    begin_entry("i", PROCESS_MACHINE, TRACK_INTERRUPTS, name);
    put_time("ts", now);
    fputs(",\"s\":\"t\"}", timeline.file);
}

/* ---- the file ---- */

bool timeline_open(const char *name)
{
    timeline.name = name;
    timeline.file = fopen(name, "w");
    if (timeline.file == NULL) {
        fflush(stdout);
        fprintf(stderr, "kaal-hosted: %s: %s\n", name, strerror(errno));
        return false;
    }
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", timeline.file);
    put_name("process_name", PROCESS_MACHINE, 0, "machine");
    put_name("process_name", PROCESS_THREADS, 0, "threads");
    put_name("thread_name", PROCESS_MACHINE, TRACK_CPU, "CPU 0");
    put_name("thread_name", PROCESS_MACHINE, TRACK_INTERRUPTS, "interrupts");
    return true;
}

void timeline_begin(uint64_t thread, uint64_t now)
{
    if (timeline.file != NULL) {
        switch_to(track_of(thread, "", now), now);
    }
}

bool timeline_close(uint64_t now)
{
    if (timeline.file == NULL) {
        return true;
    }
    for (size_t i = 1; i <= timeline.tracks; i++) {
        enter_state(i, "", now);
        put_name("thread_name", PROCESS_THREADS, i, track_name(i));
    }
    switch_to(0, now);
    fputs("\n]}\n", timeline.file);
    bool good = output_close(timeline.file, timeline.name, "timeline");
    timeline.file = NULL;
    free(timeline.track);
    return good;
}
