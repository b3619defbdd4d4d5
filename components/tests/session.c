/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A scripted session with every service of the system "lives", which goes through whatever dies on
 * the way: itself, or a server in the middle of a request. Every result is asserted; a broken call
 * is repeated. At the end it kills all others and prints the books, which must be the same in every
 * run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comp/system.h"
#include "service/console.h"
#include "service/echo.h"
#include "service/files.h"
#include "service/names.h"

enum {
    ATTEMPTS = 200, /* a server may die again and again */
    BIG = 5000,     /* more than the buffer of a channel */
};

static unsigned broken;

static void expect(bool holds, const char *what)
{
    if (!holds) {
        printf("session: not so: %s\n", what);
        fflush(stdout);
        (void)system_halt(1); /* where it may */
        exit(1);
    }
}

/* True for the first attempt, and when the call is to be repeated as its server died. */
static bool again(unsigned attempt, int error)
{
    broken += attempt != 0 && error == SYSTEM_BROKEN;
    return attempt < ATTEMPTS && (attempt == 0 || error == SYSTEM_BROKEN);
}

static const struct env_entry *channel(const char *name)
{
    const struct env_entry *e = comp_find(name, ENV_CHANNEL);
    expect(e != NULL, name);
    return e;
}

static void use_echo(void)
{
    for (unsigned i = 0; i < 3; i++) {
        struct echo_text t = {0};
        int error = SYSTEM_BROKEN;
        snprintf(t.text, sizeof(t.text), "text %u", i);
        for (unsigned k = 0; again(k, error); k++) {
            struct echo_text a;
            error = (int)rpc_call(channel("echo"), ECHO_TEXT, &t, sizeof(t), &a, sizeof(a), NULL);
            expect(error != 0 || strcmp(a.text, t.text) == 0, "echo's text");
        }
        expect(error == 0, "echo answers");
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
        error = try_files();
        broken += error == SYSTEM_BROKEN;
        expect(error == 0 || error == SYSTEM_BROKEN || error == FS_BAD_HANDLE ||
                   error == FS_NOT_FOUND,
               "errors of files");
    }
    expect(error == 0, "files answer");
}

static void use_log(void)
{
    static const char line[] = "a line of the session\n";
    enum system_error error = SYSTEM_BROKEN;
    for (unsigned k = 0; again(k, error); k++) {
        error = console_write(channel("log"), line, sizeof(line) - 1);
    }
    expect(error == SYSTEM_OK, "the log answers");
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
        error = names_offer(names, comp_env()->name, own_slot);
        broken += error == SYSTEM_BROKEN;
        error =
            error == 0 || error == NAMES_TAKEN ? names_find(names, comp_env()->name, found) : error;
        broken += error == SYSTEM_BROKEN;
        comp_slot_clear(found);
        error = error == 0 ? names_withdraw(names, comp_env()->name) : error;
        expect(error == 0 || error == SYSTEM_BROKEN || error == SYSTEM_NOT_FOUND ||
                   error == SYSTEM_DENIED,
               "errors of names");
    }
    expect(error == 0, "names answer");
    expect(system_free(own_slot) == SYSTEM_OK, "the endpoint goes back");
    comp_slot_give(own_slot);
    comp_slot_give(found);
}

static const char *const others[] = {"echo", "vfs", "log", "names", "again"};

enum {
    OTHERS = sizeof(others) / sizeof(others[0])
};

/* An earlier life may have died after it had killed some. */
static void start_others(void)
{
    for (size_t i = 0; i < OTHERS; i++) {
        enum system_error error = system_spawn(others[i]);
        expect(error == SYSTEM_OK || error == SYSTEM_BUSY, "a component can be started");
    }
}

static void print_books(void)
{
    struct system_memory m;
    for (size_t i = 0; i < OTHERS; i++) {
        expect(system_kill(others[i]) == SYSTEM_OK, "a component can be killed");
    }
    expect(system_memory(&m) == SYSTEM_OK, "the books");
    printf("books: %llu bytes free, %llu slots free, %llu untypeds\n", (unsigned long long)m.free,
           (unsigned long long)m.slots_free, (unsigned long long)m.untypeds);
}

/* Ends the run with the books, or (rounds given) only itself. */
int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 2;
    if (argc == 1) {
        start_others();
    }
    for (unsigned round = 0; round < rounds; round++) {
        use_echo();
        use_files();
        use_log();
        use_names();
    }
    if (argc == 1) {
        print_books();
    }
    printf("session: good, life %u, %u broken calls\n", comp_env()->generation + 1, broken);
    fflush(stdout);
    if (argc == 1) {
        (void)system_halt(0);
    }
    return 0;
}
