/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * An event in words. Every word of the event can be read from the line (results that are not there
 * are what the registers held before), so comparing lines finds what comparing events would.
 */
#include "event_text.h"

#include <stdbool.h>
#include <stddef.h>

#include "abi/syscalls.h"
#include "context.h"

struct line {
    void (*put)(const char *text);
};

/* Names of abi/syscalls.md §1.1 from −1 downwards. */
static const char *const syscalls[] = {
    "Call",          "ReplyRecv",
    "Send",          "NBSend",
    "Recv",          "Reply",
    "Yield",         "NBRecv",
    "DebugPutChar",  "DebugDumpScheduler",
    "DebugHalt",     "DebugCapIdentify",
    "DebugSnapshot", "DebugNameThread",
};

static const char *const errors[ERROR_COUNT] = {
    "none",        "InvalidArgument", "InvalidCapability", "IllegalOperation",
    "RangeError",  "AlignmentError",  "FailedLookup",      "TruncatedMessage",
    "DeleteFirst", "RevokeFirst",     "NotEnoughMemory",
};

static const char *const faults[] = {
    "none", "CapFault", "UnknownSyscall", "UserException", "DebugException", "VMFault",
};

#define NAME_IN(list, index)                                                                       \
    ((index) < sizeof(list) / sizeof((list)[0]) ? (list)[index] : "unknown")

const char *event_call_name(int64_t number)
{
    return NAME_IN(syscalls, ~(uint64_t)number); /* −number − 1 */
}

const char *event_fault_name(uint64_t label)
{
    return NAME_IN(faults, label);
}

static void put_number(const struct line *l, const char *before, uint64_t value, unsigned base)
{
    char text[21];
    char *at = text + sizeof text;
    *--at = '\0';
    do {
        *--at = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    l->put(before);
    l->put(at);
}

static void put_hex(const struct line *l, const char *before, uint64_t value)
{
    l->put(before);
    put_number(l, "0x", value, 16);
}

/* "name" 0xTCB, or (nobody). */
static void put_thread(const struct line *l, uint64_t thread, const char *name)
{
    if (thread == 0) {
        l->put("(nobody)");
        return;
    }
    l->put("\"");
    l->put(name == NULL ? "" : name);
    put_hex(l, "\" ", thread);
}

static bool sends(int64_t number)
{
    return number == SYS_CALL || number == SYS_SEND || number == SYS_NB_SEND ||
           number == SYS_REPLY || number == SYS_REPLY_RECV;
}

static void put_call(const struct line *l, const struct event *e)
{
    uint64_t index = ~(uint64_t)e->syscall; /* −number − 1 */
    if (index < sizeof syscalls / sizeof syscalls[0]) {
        l->put(" ");
        l->put(syscalls[index]);
    } else {
        put_hex(l, " system call ", (uint64_t)e->syscall);
    }
    put_hex(l, " ", e->cptr);
    if (e->cap_name != NULL) {
        l->put(" (");
        l->put(e->cap_name);
        l->put(")");
    }
    if (e->method != NULL) {
        l->put(" ");
        l->put(e->method);
    }
    if (sends(e->syscall)) {
        put_number(l, " label ", msginfo_label(e->info), 10);
        put_number(l, " length ", msginfo_length(e->info), 10);
        put_number(l, " caps ", msginfo_extra_caps(e->info), 10);
    }
}

/* x1..x5 at entry; x0 has been said for a system call. */
static void put_registers(const struct line *l, const struct event *e)
{
    l->put(" [");
    if (e->trap->kind != TRAP_SYSCALL) {
        put_hex(l, "", e->cptr);
        l->put(" ");
    }
    put_hex(l, "", e->info);
    for (unsigned i = 0; i < MSG_REGISTERS; i++) {
        put_hex(l, " ", e->message[i]);
    }
    l->put("]");
}

static bool changed(const struct event *e)
{
    bool is = e->result[0] != e->cptr || e->result[1] != e->info;
    for (unsigned i = 0; i < MSG_REGISTERS; i++) {
        is = is || e->result[2 + i] != e->message[i];
    }
    return is;
}

static void put_trap(const struct line *l, const struct event *e)
{
    switch (e->trap->kind) {
    case TRAP_SYSCALL: put_call(l, e); break;
    case TRAP_DATA_ABORT: put_hex(l, " data abort at ", e->trap->far); break;
    case TRAP_INSTRUCTION_ABORT: put_hex(l, " instruction abort at ", e->trap->far); break;
    case TRAP_USER_EXCEPTION: l->put(" exception"); break;
    case TRAP_INTERRUPT: l->put(" interrupt"); break;
    }
    if (e->trap->kind != TRAP_SYSCALL && e->trap->kind != TRAP_INTERRUPT) {
        put_hex(l, " ESR ", e->trap->esr);
    }
}

static void put_outcome(const struct line *l, const struct event *e)
{
    if (e->error != 0) {
        l->put(" => ");
        l->put(NAME_IN(errors, e->error));
        for (unsigned i = 0; i < 5; i++) {
            put_hex(l, i == 0 ? " " : ",", e->error_words[i]);
        }
    }
    if (e->error_text != NULL) {
        l->put(" (");
        l->put(e->error_text);
        l->put(")");
    }
    if (e->fault != 0) {
        l->put(" => ");
        l->put(NAME_IN(faults, e->fault));
    }
    for (unsigned i = 0; i < 6 && changed(e); i++) {
        put_hex(l, i == 0 ? " = " : " ", e->result[i]);
    }
}

void event_text(const struct event *e, void (*put)(const char *text))
{
    const struct line line = {put};
    put_number(&line, "#", e->number, 10);
    put(" ");
    put_thread(&line, e->thread, e->thread_name);
    if (e->thread != 0) {
        put_hex(&line, " at ", e->pc);
    }
    put_trap(&line, e);
    put_registers(&line, e);
    put_outcome(&line, e);
    if (e->next_thread != e->thread) {
        put("; next ");
        put_thread(&line, e->next_thread, e->next_name);
    }
    put("\n");
}
