/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Prints one event (trace.h): number, thread, trap, cap and method by name, result, who runs next.
 */
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>

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

static const char *name_in(const char *const *list, size_t count, uint64_t index)
{
    return index < count ? list[index] : "?";
}

#define NAME_IN(list, index) name_in(list, sizeof(list) / sizeof((list)[0]), index)

static void put_thread(uint64_t thread, const char *name)
{
    if (thread == 0) {
        fprintf(stderr, "(waiting)");
    } else if (name != NULL && name[0] != '\0') {
        fprintf(stderr, "\"%s\"", name);
    } else {
        fprintf(stderr, "thread 0x%" PRIx64, thread);
    }
}

static void put_call(const struct event *e)
{
    uint64_t index = (uint64_t)(-1 - e->syscall);
    if (index < sizeof syscalls / sizeof syscalls[0]) {
        fprintf(stderr, " %s", syscalls[index]);
    } else {
        fprintf(stderr, " syscall %" PRId64, e->syscall);
    }
    if (e->syscall == SYS_YIELD || e->syscall == SYS_REPLY) {
        return;
    }
    if (e->syscall == SYS_DEBUG_PUT_CHAR) {
        fprintf(stderr, " 0x%02x", (unsigned)(e->cptr & 0xff));
        return;
    }
    fprintf(stderr, " cptr 0x%" PRIx64, e->cptr);
    if (e->cap_name != NULL) {
        fprintf(stderr, " (%s)", e->cap_name);
    }
    if (e->method != NULL) {
        fprintf(stderr, " %s", e->method);
    }
    fprintf(stderr, " label %" PRIu64 " length %" PRIu64 " caps %" PRIu64, msginfo_label(e->info),
            msginfo_length(e->info), msginfo_extra_caps(e->info));
    for (unsigned i = 0; i < MSG_REGISTERS && i < msginfo_length(e->info); i++) {
        fprintf(stderr, "%s0x%" PRIx64, i == 0 ? " [" : " ", e->message[i]);
    }
    fprintf(stderr, "%s", msginfo_length(e->info) != 0 ? "]" : "");
}

static void put_trap(const struct event *e)
{
    switch (e->trap->kind) {
    case TRAP_SYSCALL: put_call(e); break;
    case TRAP_DATA_ABORT:
        fprintf(stderr, " data abort at 0x%" PRIx64 " ESR 0x%x", e->trap->far, e->trap->esr);
        break;
    case TRAP_INSTRUCTION_ABORT:
        fprintf(stderr, " instruction abort at 0x%" PRIx64 " ESR 0x%x", e->trap->far, e->trap->esr);
        break;
    case TRAP_USER_EXCEPTION: fprintf(stderr, " exception ESR 0x%x", e->trap->esr); break;
    case TRAP_INTERRUPT: fprintf(stderr, " interrupt"); break;
    }
}

static void put_result(const struct event *e)
{
    if (e->error != 0) {
        fprintf(stderr, " -> %s", NAME_IN(errors, e->error));
        for (unsigned i = 0; i < 5 && e->error_words[i] != 0; i++) {
            fprintf(stderr, "%s0x%" PRIx64, i == 0 ? " " : ",", e->error_words[i]);
        }
    } else if (e->fault != 0) {
        fprintf(stderr, " -> %s", NAME_IN(faults, e->fault));
    } else if (e->trap->kind == TRAP_SYSCALL && e->method != NULL) {
        fprintf(stderr, " -> ok");
    }
    if (e->error_text != NULL) {
        fprintf(stderr, " (%s)", e->error_text);
    }
}

void trace_event(const struct event *e)
{
    fprintf(stderr, "#%" PRIu64 " ", e->number);
    put_thread(e->thread, e->thread_name);
    if (e->thread != 0) {
        fprintf(stderr, " at 0x%" PRIx64, e->pc);
    }
    put_trap(e);
    put_result(e);
    if (e->next_thread != e->thread) {
        fprintf(stderr, "; next ");
        put_thread(e->next_thread, e->next_name);
    }
    fprintf(stderr, "\n");
}
