/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The event hook of the real machine: one line of text on the console per kernel entry.
 */
#include "machine.h"

static const char *trap_name(const struct event *e)
{
    switch (e->trap->kind) {
    case TRAP_SYSCALL: return " syscall ";
    case TRAP_DATA_ABORT: return " data abort ";
    case TRAP_INSTRUCTION_ABORT: return " instruction abort ";
    case TRAP_USER_EXCEPTION: return " exception ";
    case TRAP_INTERRUPT: return " interrupt";
    }
    return " unknown trap ";
}

static void put_name(const char *name)
{
    put_text("\"");
    put_text(name == NULL ? "" : name);
    put_text("\"");
}

static void put_call(const struct event *e)
{
    if (e->syscall < 0) {
        put_text("-");
    }
    put_decimal(e->syscall < 0 ? 0 - (uint64_t)e->syscall : (uint64_t)e->syscall);
    put_text(" cptr ");
    put_hex(e->cptr);
    if (e->method != NULL) {
        put_text(" ");
        put_text(e->method);
    } else if (e->cap_name != NULL) {
        put_text(" on ");
        put_text(e->cap_name);
    }
    if (e->error != 0) {
        put_text(" refused, error ");
        put_decimal(e->error);
    }
    if (e->error_text != NULL) {
        put_text(": ");
        put_text(e->error_text);
    }
}

void hal_event(const struct event *event)
{
    put_text("#");
    put_decimal(event->number);
    put_text(" ");
    put_name(event->thread_name);
    put_text(trap_name(event));
    switch (event->trap->kind) {
    case TRAP_SYSCALL: put_call(event); break;
    case TRAP_DATA_ABORT:
    case TRAP_INSTRUCTION_ABORT: put_hex(event->trap->far); break;
    case TRAP_USER_EXCEPTION: put_hex(event->trap->esr); break;
    case TRAP_INTERRUPT: break;
    }
    if (event->fault != 0) {
        put_text(" fault ");
        put_decimal(event->fault);
    }
    if (event->next_thread != event->thread) {
        put_text(" -> ");
        put_name(event->next_name);
    }
    put_text("\n");
}
