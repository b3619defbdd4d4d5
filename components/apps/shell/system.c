/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Commands on components, through requests to the root task that need the rights `inspect` and
 * `manage`.
 */
#include "comp/system.h"

#include <stdio.h>
#include <string.h>

#include "shell.h"
#include "sysdesc/sysdesc.h"

typedef unsigned long long ull; /* for %llu */

static void complain(const char *command, const char *name, enum system_error error)
{
    printf("%s: %s: %s\n", command, name, comp_error_sentence(error));
}

static const char *const states[] = {
    [STATE_STOPPED] = "stopped",
    [STATE_RUNNING] = "running",
    [STATE_EXITED] = "exited",
    [STATE_FAULTED] = "faulted",
};
static const char *const types[] = {
    [TYPE_DRIVER] = "driver",
    [TYPE_SERVICE] = "service",
    [TYPE_APPLICATION] = "application",
};

#define NAME_OF(table, value)                                                                      \
    ((value) < sizeof(table) / sizeof((table)[0]) && (table)[value] != NULL ? (table)[value] : "?")

static void run_ps(int count, char **words)
{
    struct system_component c;
    enum system_error error;
    (void)count;
    (void)words;
    printf("%3s %-16s %-12s %-8s %8s %8s %9s %6s\n", "id", "name", "type", "state", "priority",
           "restarts", "KiB", "slots");
    uint64_t i = 0;
    while ((error = system_component(i++, &c)) == SYSTEM_OK) {
        printf("%3llu %-16s %-12s %-8s %8llu %8llu %9llu %6llu%s%s\n", (ull)c.id, c.name,
               NAME_OF(types, c.type), NAME_OF(states, c.state), (ull)c.priority, (ull)c.restarts,
               (ull)(c.frames * 4), (ull)c.slots, c.sentence[0] != 0 ? "  " : "", c.sentence);
    }
    if (error != SYSTEM_NOT_FOUND) {
        complain("ps", "root task", error);
    }
}

/* The component of that name; false, and a sentence, when there is none. */
static bool find(const char *command, const char *name, struct system_component *out)
{
    enum system_error error;
    uint64_t i = 0;
    while ((error = system_component(i++, out)) == SYSTEM_OK) {
        if (strcmp(out->name, name) == 0) {
            return true;
        }
    }
    complain(command, name, error);
    return false;
}

static void run_caps(int count, char **words)
{
    struct system_component c;
    struct system_cap cap;
    enum system_error error;
    (void)count;
    if (!find("caps", words[1], &c)) {
        return;
    }
    printf("%5s  %-8s %-18s %s\n", "slot", "rights", "badge", "what");
    for (uint64_t slot = 0; (error = system_caps(c.id, slot, &cap)) == SYSTEM_OK;
         slot = cap.slot + 1) {
        printf("%5llu  %c%c%c%c     %#-18llx %s\n", (ull)cap.slot,
               (cap.rights & 2) != 0 ? 'r' : '-', (cap.rights & 1) != 0 ? 'w' : '-',
               (cap.rights & 4) != 0 ? 'g' : '-', (cap.rights & 8) != 0 ? 'p' : '-', (ull)cap.badge,
               cap.text);
    }
    if (error != SYSTEM_NOT_FOUND) {
        complain("caps", words[1], error);
    }
}

static void run_mem(int count, char **words)
{
    struct system_memory m;
    (void)count;
    (void)words;
    enum system_error error = system_memory(&m);
    if (error != SYSTEM_OK) {
        complain("mem", "root task", error);
        return;
    }
    printf("memory: %llu KiB, %llu free, largest free block %llu KiB, %llu untypeds\n",
           (ull)(m.total / 1024), (ull)(m.free / 1024), (ull)(m.largest_free / 1024),
           (ull)m.untypeds);
    printf("slots: %llu, %llu free\n", (ull)m.slots, (ull)m.slots_free);
}

static void run_spawn(int count, char **words)
{
    (void)count;
    enum system_error error = system_spawn(words[1]);
    if (error != SYSTEM_OK) {
        complain("spawn", words[1], error);
    }
}

/* Starts a component and leaves it the console until its life has ended. */
static void run_run(int count, char **words)
{
    int status = 0;
    (void)count;
    enum system_error error = system_spawn(words[1]);
    if (error == SYSTEM_OK) {
        error = system_wait(words[1], &status);
    }
    if (error != SYSTEM_OK) {
        complain("run", words[1], error);
    } else if (status != 0) {
        printf("%s ended with status %d\n", words[1], status);
    }
}

static void run_kill(int count, char **words)
{
    (void)count;
    enum system_error error = system_kill(words[1]);
    if (error != SYSTEM_OK) {
        complain("kill", words[1], error);
    }
}

static void run_restart(int count, char **words)
{
    (void)count;
    enum system_error error = system_restart(words[1]);
    if (error != SYSTEM_OK) {
        complain("restart", words[1], error);
    }
}

void complete_component(const char *start, struct line_choices *out)
{
    struct system_component c;
    for (uint64_t i = 0; system_component(i, &c) == SYSTEM_OK; i++) {
        if (strncmp(c.name, start, strlen(start)) == 0) {
            add_choice(out, "", c.name, " ");
        }
    }
}

const struct command system_commands[] = {
    {"ps", "", "components and what they use", 0, 0, run_ps, WORD_NONE},
    {"caps", "COMPONENT", "caps in its CSpace", 1, 1, run_caps, WORD_COMPONENT},
    {"mem", "", "memory and slots of the system", 0, 0, run_mem, WORD_NONE},
    {"spawn", "COMPONENT", "starts a component", 1, 1, run_spawn, WORD_COMPONENT},
    {"run", "COMPONENT", "starts a component and waits for its end", 1, 1, run_run, WORD_COMPONENT},
    {"kill", "COMPONENT", "stops a component", 1, 1, run_kill, WORD_COMPONENT},
    {"restart", "COMPONENT", "stops it and starts it anew", 1, 1, run_restart, WORD_COMPONENT},
    {0},
};
