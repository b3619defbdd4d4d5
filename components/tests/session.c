/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A scripted session with every service of the system "lives", which goes through whatever dies on
 * the way: itself, or a server in the middle of a request. Every result is asserted; a broken call
 * is repeated. At the end it kills all others and prints the books, which must be the same in every
 * run. As `worker` it does the same, but for what one client alone can do, until it is told to end,
 * and tells by a ring of each broken call.
 */
#include <stdio.h>
#include <stdlib.h>

#include "comp/system.h"
#include "dddk/counter.h"
#include "notes.h"
#include "service/clock.h"
#include "service/console.h"
#include "service/echo.h"
#include "service/files.h"
#include "service/gpio.h"
#include "service/names.h"
#include "service/timer.h"
#include "sink.h"

enum {
    ROUNDS = 2,
    ATTEMPTS = 200, /* a server may die again and again */
    BIG = 5000,     /* more than the buffer of a channel */
    ENTRIES = 24,   /* of the ring, more than it has room for */
    LINES = 0x0f,   /* of the GPIO, as outputs */
};

/* Calls that their server's death ended, by the channel. */
static struct {
    unsigned count;
    uint64_t since; /* when the first of them began, of which no answer has come yet; 0 = none */
} broken[NOTE_KINDS];

static uint64_t began; /* the call under way */
static struct ring notes;
static bool has_notes;

static unsigned lost; /* entries of the ring that nobody will ever say to have seen */

static void expect(bool holds, const char *what)
{
    if (!holds) {
        printf("session: not so: %s\n", what);
        fflush(stdout);
        (void)system_halt(1); /* where it may */
        exit(1);
    }
}

static void note(unsigned kind, enum note_event event, uint64_t ticks)
{
    uint64_t word = note_make(kind, event, ticks);
    while (has_notes && !notes_push(&notes, &word)) {
        (void)kaal_wait(SLOT_NOTIFICATION);
    }
}

static void begin(const char *name)
{
    note(note_number(name), NOTE_BEGIN, 0);
    began = counter_now();
}

/* Counts a broken call; true when it was one. */
static bool is_broken(const char *name, int error)
{
    unsigned kind = note_number(name);
    if (error == SYSTEM_BROKEN) {
        broken[kind].count++;
        broken[kind].since = broken[kind].since == 0 ? began : broken[kind].since;
        note(kind, NOTE_BROKEN, 0);
    } else if (broken[kind].since != 0) {
        note(kind, NOTE_ANSWERED, counter_now() - broken[kind].since);
        broken[kind].since = 0;
    }
    return error == SYSTEM_BROKEN;
}

static const struct env_entry *channel(const char *name)
{
    const struct env_entry *e = comp_find(name, ENV_CHANNEL);
    expect(e != NULL, name);
    return e;
}

/* A call that must succeed, after whatever deaths of its server. */
static void call(const char *name, uint64_t label, const void *in, size_t in_bytes, void *out,
                 size_t room)
{
    enum system_error error = SYSTEM_BROKEN;
    for (unsigned i = 0; i < ATTEMPTS && error == SYSTEM_BROKEN; i++) {
        begin(name);
        error = rpc_call(channel(name), label, in, in_bytes, out, room, NULL);
        (void)is_broken(name, error);
    }
    expect(error == SYSTEM_OK, name);
}

static void use_echo(void)
{
    for (unsigned i = 0; i < 3; i++) {
        struct echo_text t = {0};
        struct echo_text a;
        snprintf(t.text, sizeof(t.text), "text %u", i);
        call("echo", ECHO_TEXT, &t, sizeof(t), &a, sizeof(a));
        expect(strcmp(a.text, t.text) == 0, "echo's text");
    }
}

/* Names of this component's own, in turn. */
static const char *own(const char *name)
{
    static char text[2][64];
    static unsigned turn;
    turn ^= 1;
    snprintf(text[turn], sizeof(text[turn]), "%s-%s", name, comp_env()->name);
    return text[turn];
}

static char data[BIG];
static char copy[BIG];

/* Writes and reads a file as a whole; the server's files are gone when it has died in between. */
static int try_files(void)
{
    uint32_t handle;
    size_t done = 0;
    const struct env_entry *vfs = channel("vfs");
    int error = files_open(vfs, own("/f"), FS_READ | FS_WRITE | FS_CREATE | FS_TRUNCATE, &handle);
    error = error == 0 ? files_write(vfs, handle, data, BIG) : error;
    uint64_t position;
    error = error == 0 ? files_seek(vfs, handle, 0, FS_FROM_START, &position) : error;
    error = error == 0 ? files_read(vfs, handle, copy, BIG, &done) : error;
    expect(error != 0 || (done == BIG && memcmp(data, copy, BIG) == 0), "the file's contents");
    error = error == 0 ? files_close(vfs, handle) : error;
    error = error == 0 ? files_rename(vfs, own("/f"), own("/g")) : error;
    error = error == 0 ? files_remove(vfs, own("/g")) : error;
    return error;
}

static void use_files(void)
{
    int error = SYSTEM_BROKEN;
    for (size_t i = 0; i < BIG && data[BIG - 1] == 0; i++) {
        data[i] = (char)(i * 7 + i / 256);
    }
    /* After a death the handle or the file may be missing: that is an answer, not a fault. */
    for (unsigned k = 0; k < ATTEMPTS && error != 0; k++) {
        begin("vfs");
        error = try_files();
        expect(is_broken("vfs", error) || error == 0 || error == FS_BAD_HANDLE ||
                   error == FS_NOT_FOUND,
               "errors of files");
    }
    expect(error == 0, "files answer");
}

/* Writes a line to a console: the log or the UART itself. */
static void use_console(const char *name)
{
    char line[64];
    enum system_error error = SYSTEM_BROKEN;
    snprintf(line, sizeof(line), "a line of the session for %s\n", name);
    for (unsigned i = 0; i < ATTEMPTS && error == SYSTEM_BROKEN; i++) {
        begin(name);
        error = console_write(channel(name), line, strlen(line));
        (void)is_broken(name, error);
    }
    expect(error == SYSTEM_OK, name);
}

/* ---- drivers ---- */

static void use_uart(void)
{
    struct console_status s;
    use_console("uart");
    call("uart", CONSOLE_STATUS, NULL, 0, &s, sizeof(s));
    expect(s.framing == 0 && s.overruns == 0, "the UART's counts");
}

/* The time is in the device: it survives the driver. */
static void use_clock(void)
{
    struct clock_time t = {1000000}, now;
    call("clock", CLOCK_SET, &t, sizeof(t), NULL, 0);
    t.seconds += 2;
    call("clock", CLOCK_ALARM, &t, sizeof(t), NULL, 0);
    call("clock", CLOCK_GET, NULL, 0, &now, sizeof(now));
    expect(now.seconds - t.seconds <= 2, "the alarm comes in time");
}

static void use_gpio(void)
{
    struct gpio_lines q = {LINES, LINES}, a;
    call("gpio", GPIO_DIRECTION, &q, sizeof(q), NULL, 0);
    q.value = 5;
    call("gpio", GPIO_SET, &q, sizeof(q), NULL, 0);
    call("gpio", GPIO_GET, NULL, 0, &a, sizeof(a));
    expect((a.value & LINES) == 5, "the lines have their values");
}

/* A sleep, and a timeout that comes as a signal: a driver that dies has forgotten it, and the
 * signal of its end says so. */
static void use_timer(void)
{
    const struct env_entry *timer = channel("timer");
    struct timer_now start, now;
    struct timer_due due = {0};
    call("timer", TIMER_NOW, NULL, 0, &start, sizeof(start));
    struct timer_sleep sleep = {start.ns + 100000};
    call("timer", TIMER_SLEEP, &sleep, sizeof(sleep), NULL, 0);
    struct timer_set set = {.at = start.ns + 200000, .id = 3};
    call("timer", TIMER_SET, &set, sizeof(set), NULL, 0);
    while (due.ids != 1u << 3) {
        while ((kaal_wait(SLOT_NOTIFICATION) & timer->badge) == 0) {
        }
        call("timer", TIMER_DUE, NULL, 0, &due, sizeof(due));
        if (due.ids == 0) {
            call("timer", TIMER_SET, &set, sizeof(set), NULL, 0);
        }
    }
    call("timer", TIMER_NOW, NULL, 0, &now, sizeof(now));
    expect(now.ns >= set.at, "nothing is due too early");
}

/* ---- a ring ---- */

/* Pushes entries and asks the consumer what it has seen. A consumer that died has seen what nobody
 * can say any more; its next life skips what was not popped, never more than that. */
static void use_ring(void)
{
    static struct ring ring;
    static uint64_t number;
    static struct sink_report before;
    struct sink_report now;
    if (number == 0) {
        expect(ring_open_env(&ring, comp_find("numbers", ENV_PRODUCER), sizeof(uint64_t)), "ring");
        number = (uint64_t)comp_env()->generation << 32; /* above what an earlier life sent */
        call("sink", SINK_REPORT, NULL, 0, &before, sizeof(before));
    }
    for (unsigned i = 0; i < ENTRIES; i++) {
        number++;
        while (!notes_push(&ring, &number)) {
            (void)kaal_wait(SLOT_NOTIFICATION);
        }
    }
    call("sink", SINK_REPORT, NULL, 0, &now, sizeof(now));
    uint64_t seen = now.count - (now.life == before.life ? before.count : 0);
    expect(now.disorder == 0 && !ring_is_broken(&ring), "entries come in order, once");
    expect(seen == ENTRIES || now.life != before.life, "none is lost without a death");
    expect(seen <= ENTRIES && (seen == 0 || now.last == number), "the last one comes, or none");
    lost += (unsigned)(ENTRIES - seen);
    before = now;
}

/* Offers an endpoint and finds it again; a name service that died in between has forgotten it. */
static void use_names(void)
{
    const struct env_entry *names = channel("names");
    uint32_t own_slot = comp_slot_take();
    uint32_t found = comp_slot_take();
    int error = SYSTEM_BROKEN;
    expect(system_endpoint(own_slot) == SYSTEM_OK, "an endpoint");
    for (unsigned k = 0; k < ATTEMPTS && error != 0; k++) {
        begin("names");
        error = names_offer(names, comp_env()->name, own_slot);
        error =
            error == 0 || error == NAMES_TAKEN ? names_find(names, comp_env()->name, found) : error;
        comp_slot_clear(found);
        error = error == 0 ? names_withdraw(names, comp_env()->name) : error;
        expect(is_broken("names", error) || error == 0 || error == SYSTEM_NOT_FOUND ||
                   error == SYSTEM_DENIED,
               "errors of names");
    }
    expect(error == 0, "names answer");
    expect(system_free(own_slot) == SYSTEM_OK, "the endpoint goes back");
    comp_slot_give(own_slot);
    comp_slot_give(found);
}

static const char *const others[] = {"pacer", "shell", "again", "echo",  "vfs",  "log",
                                     "names", "sink",  "uart",  "clock", "gpio", "timer"};

enum {
    OTHERS = sizeof(others) / sizeof(others[0])
};

/* An earlier life may have died after it had killed some. Servers first. */
static void start_others(void)
{
    for (size_t i = OTHERS; i-- > 0;) {
        enum system_error error = system_spawn(others[i]);
        expect(error == SYSTEM_OK || error == SYSTEM_BUSY, "a component can be started");
    }
}

/* Everybody who died is there again, as the restart policy says; `again` has ended well. */
static void expect_all_alive(void)
{
    struct system_component c;
    for (uint64_t i = 0; system_component(i, &c) == SYSTEM_OK; i++) {
        for (unsigned k = 0; k < ATTEMPTS && c.state == STATE_FAULTED; k++) {
            struct timer_now now;
            call("timer", TIMER_NOW, NULL, 0, &now, sizeof(now));
            struct timer_sleep sleep = {now.ns + 1000000};
            call("timer", TIMER_SLEEP, &sleep, sizeof(sleep), NULL, 0);
            expect(system_component(i, &c) == SYSTEM_OK, "a component that was there");
        }
        expect(c.state == STATE_RUNNING || c.state == STATE_EXITED, c.name);
    }
}

/* Slots that hold parts of the free memory count as free: in how many parts it lies depends on
 * where the memory of those who live on lies. */
static void print_books(void)
{
    struct system_memory m;
    for (size_t i = 0; i < OTHERS; i++) {
        expect(system_kill(others[i]) == SYSTEM_OK, "a component can be killed");
    }
    expect(system_memory(&m) == SYSTEM_OK, "the books");
    printf("books: %llu bytes free, %llu slots free, %llu untypeds\n", (unsigned long long)m.free,
           (unsigned long long)(m.slots_free + m.free_untypeds), (unsigned long long)m.untypeds);
}

static void print_broken(void)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < NOTE_KINDS; i++) {
        sum += broken[i].count;
    }
    printf("session: good, life %u, %u broken calls, %u entries lost\n", comp_env()->generation + 1,
           sum, lost);
    fflush(stdout);
}

static void use_services(void)
{
    use_echo();
    use_files();
    use_console("log");
    use_names();
}

/* Uses all that is not one's alone until it is told to end. */
static int work(void)
{
    struct ring stop;
    uint64_t word;
    expect(ring_open_env(&stop, comp_next(ENV_CONSUMER, NULL), sizeof(word)), "a ring to be told");
    expect(ring_open_env(&notes, comp_next(ENV_PRODUCER, NULL), sizeof(word)), "a ring to tell");
    has_notes = true;
    while (!notes_pop(&stop, &word)) {
        struct clock_time now;
        use_services();
        use_console("uart");
        call("clock", CLOCK_GET, NULL, 0, &now, sizeof(now));
        use_gpio();
        use_timer();
    }
    print_broken();
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "worker") == 0) {
        return work();
    }
    start_others();
    for (unsigned round = 0; round < ROUNDS; round++) {
        use_services();
        use_uart();
        use_clock();
        use_gpio();
        use_timer();
        use_ring();
    }
    expect_all_alive();
    print_books();
    print_broken();
    (void)system_halt(0);
    return 0;
}
