/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Lives: how they begin and end. Keeps true: after life_end() nothing of the life is left, whatever
 * it had asked for, and nobody waits for it.
 */
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "system.h"

enum {
    STATUS_FAULT = 100, /* of a component that faulted and stays down */
};

static enum broker_code make(struct component *c)
{
    struct archive_file file;
    const struct sysdesc_component *d = c->description;
    const char *binary = sysdesc_string(sys.description, d->binary);
    if (!archive_find(&sys.archive, binary, &file)) {
        kaal_snprintf(c->why, sizeof(c->why), "the image has no file %s", binary);
        return BROKER_NOT_FOUND;
    }
    const struct spawn_params params = {
        .name = c->name,
        .client = c->id,
        .elf = file.data,
        .elf_bytes = file.bytes,
        .priority = d->priority,
        .cnode_bits = d->cnode_bits,
        .stack = d->stack,
        .heap = d->heap,
        .faults = sys.endpoint,
        .fault_badge = BADGE_FAULT | c->id,
        .notification = broker_cptr(sys.broker, c->notification),
    };
    enum broker_code code = spawn_open(sys.mm, &params, &c->spawn, c->why, sizeof(c->why));
    if (code != BROKER_OK) {
        return code;
    }
    kaal_debug_name_thread(spawn_tcb(sys.mm, &c->spawn), c->name);
    code = connect(c);
    code = code == BROKER_OK ? spawn_start(sys.mm, &c->spawn) : code;
    if (code != BROKER_OK) {
        broker_explain(sys.broker, c->why, sizeof(c->why));
        spawn_close(sys.mm, &c->spawn);
    }
    return code;
}

enum broker_code life_start(struct component *c)
{
    enum broker_code code;
    c->again = false;
    c->why[0] = 0;
    c->status = 0;
    code = make(c);
    if (code != BROKER_OK) {
        c->state = STATE_STOPPED;
        report("%s cannot start: %s", c->name, c->why);
        calls_redirect(c, true);
        return code;
    }
    c->state = STATE_RUNNING;
    c->generation++;
    calls_redirect(c, false);
    for (uint32_t i = 0; i < sys.components; i++) {
        const struct component *server = &sys.component[i];
        if (server->state != STATE_RUNNING && !server->again) {
            calls_redirect(server, true);
        }
    }
    return BROKER_OK;
}

static void answer_waiters(const struct component *c)
{
    for (struct waiter *w = sys.waiter; w < sys.waiter + WAITERS; w++) {
        if (w->reply != 0 && w->on == c) {
            struct kaal_message m = {.info = msginfo_new(SYSTEM_OK, 0, 0, 1),
                                     .mr = {(uint64_t)c->status}};
            kaal_send(w->reply, &m);
        }
        if (w->reply != 0 && (w->on == c || w->waits == c)) {
            broker_slots_free(sys.broker, w->reply, 1);
            *w = (struct waiter){0};
        }
    }
}

void life_end(struct component *c, enum system_state state, int status)
{
    (void)!spawn_suspend(sys.mm, &c->spawn);
    log_end(c);
    for (struct given *g = c->given; g < c->given + GIVEN_EACH; g++) {
        if (g->kind != GIVEN_NONE) {
            given_take_back(c, g);
        }
    }
    spawn_close(sys.mm, &c->spawn);
    received_end(c);
    c->state = state;
    c->status = status;
    pace_ended(c);
    calls_break(c);
    answer_waiters(c);
}

/* The restart that the description wants, unless the limit is reached. */
void life_ended_by_itself(struct component *c, enum system_state state, int status)
{
    const struct sysdesc_component *d = c->description;
    life_end(c, state, status);
    bool wanted =
        d->restart == RESTART_ALWAYS || (d->restart == RESTART_ON_FAULT && state == STATE_FAULTED);
    if (!wanted) {
        calls_redirect(c, true);
        return;
    }
    if (d->restart_limit != 0 && c->restarts >= d->restart_limit) {
        report("%s stays down after %u restarts", c->name, c->restarts);
        calls_redirect(c, true);
        return;
    }
    c->restarts++;
    pace_restart(c);
    if (c->delay != 0) {
        report("%s is started again in %lu ms (%u)", c->name, c->delay, c->restarts);
    } else {
        report("%s is started again (%u)", c->name, c->restarts);
    }
}

/* The largest status of the applications that have ended; the run is over when none is left. */
static void end_when_done(void)
{
    int worst = 0;
    bool any = false;
    for (uint32_t i = 0; i < sys.components; i++) {
        const struct component *c = &sys.component[i];
        if (c->description->type != TYPE_APPLICATION || c->generation == 0) {
            continue;
        }
        any = true;
        if (c->state == STATE_RUNNING || c->again) {
            return;
        }
        int status = c->state == STATE_FAULTED ? STATUS_FAULT : c->status;
        worst = status > worst ? status : worst;
    }
    if (any) {
        die(worst, "all applications have ended, status %d", worst);
    }
}

void lives_continue(void)
{
    for (uint32_t i = 0; i < sys.components; i++) {
        if (sys.component[i].again && sys.component[i].delay == 0) {
            (void)!life_start(&sys.component[i]);
        }
    }
    pace_continue();
    end_when_done();
}
