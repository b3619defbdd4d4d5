/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Requests about the system: its log, its components, its books, its files.
 */
#include <stdarg.h>

#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "system.h"

enum system_error request_exit(struct request *r)
{
    r->silent = true;
    life_ended_by_itself(r->from, STATE_EXITED, (int)(r->q.word[0] & 0xff));
    return SYSTEM_OK;
}

enum system_error request_log(struct request *r)
{
    if (r->q.word[0] > r->text_bytes) {
        return SYSTEM_BAD_ARGUMENT;
    }
    log_text(r->from, r->q.text, r->q.word[0]);
    return SYSTEM_OK;
}

enum system_error request_sync(struct request *r)
{
    (void)r; /* one thread answers one request after the other */
    return SYSTEM_OK;
}

/* ---- inspection ---- */

enum system_error request_component(struct request *r)
{
    if (r->q.word[0] >= sys.components) {
        return SYSTEM_NOT_FOUND;
    }
    const struct component *c = &sys.component[r->q.word[0]];
    const uint64_t words[SYSTEM_ANSWER_WORDS] = {
        c->id,
        c->state,
        c->description->priority,
        c->description->type,
        c->restarts,
        sys.broker->client[c->id].used / MM_PAGE,
        1u << c->description->cnode_bits,
        c->description->memory,
    };
    memcpy(r->a.word, words, sizeof(words));
    memcpy(r->a.text, c->name, strlen(c->name) + 1);
    memcpy(r->a.text + ENV_NAME_BYTES, c->why, strlen(c->why) + 1);
    r->text = ENV_NAME_BYTES + strlen(c->why) + 1;
    return SYSTEM_OK;
}

enum system_error request_memory(struct request *r)
{
    broker_settle(sys.broker); /* so that equal states have equal books */
    struct broker_status s = broker_status(sys.broker);
    const uint64_t words[] = {s.total_bytes,
                              s.free_bytes,
                              s.largest_bytes,
                              s.blocks_taken,
                              s.slots_total,
                              s.slots_total - s.slots_used,
                              s.records_used - s.blocks_taken};
    memcpy(r->a.word, words, sizeof(words));
    r->words = sizeof(words) / sizeof(words[0]);
    return SYSTEM_OK;
}

/* What the root task knows of a slot of a component. */
struct slot_facts {
    char text[128];
    uint64_t rights;
    uint64_t badge;
};

__attribute__((format(printf, 4, 5))) static bool know(struct slot_facts *f, uint64_t rights,
                                                       uint64_t badge, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    kaal_vsnprintf(f->text, sizeof(f->text), format, list);
    va_end(list);
    f->rights = rights;
    f->badge = badge;
    return true;
}

static bool fixed_slot(const struct component *c, uint64_t slot, struct slot_facts *f)
{
    switch (slot) {
    case SLOT_SYSTEM:
        return know(f, RIGHT_WRITE | RIGHT_GRANT_REPLY, c->id, "endpoint of the root task");
    case SLOT_CNODE: return know(f, RIGHTS_ALL, 0, "its CNode");
    case SLOT_NOTIFICATION: return know(f, RIGHT_READ, 0, "its notification");
    case SLOT_SERVICE: return know(f, RIGHT_READ | RIGHT_GRANT, 0, "its service endpoint");
    case SLOT_FAULT:
        return know(f, RIGHT_WRITE | RIGHT_GRANT_REPLY, BADGE_FAULT | c->id,
                    "endpoint for its faults");
    default: return false;
    }
}

static bool link_slot(const struct component *c, uint64_t slot, struct slot_facts *f)
{
    for (const struct link *l = sys.link; l < sys.link + sys.links; l++) {
        if (!l->is_ring && l->from == c && l->from_slot == slot) {
            uint64_t rights =
                RIGHT_WRITE | (l->channel->grant != 0 ? RIGHT_GRANT : RIGHT_GRANT_REPLY);
            return know(f, rights, BADGE_MESSAGE | l->channel->badge, "channel '%s' to %s", l->name,
                        l->to->name);
        }
        if (l->from == c && l->is_ring && l->from_signal == slot) {
            return know(f, RIGHT_WRITE, l->to_bit, "signal to %s, ring '%s'", l->to->name, l->name);
        }
        if (l->to == c && l->to_signal == slot) {
            return know(f, RIGHT_WRITE, l->from_bit, "signal to %s, %s '%s'", l->from->name,
                        l->is_ring ? "ring" : "channel", l->name);
        }
    }
    return false;
}

static bool other_slot(const struct component *c, uint64_t slot, struct slot_facts *f)
{
    for (const struct owned_device *o = c->device; o < c->device + c->devices; o++) {
        for (uint32_t i = 0; i < o->device.irqs; i++) {
            if (o->irq_slot[i] == slot) {
                return know(f, RIGHTS_ALL, 0, "interrupt %u of '%s'", o->device.irq[i].number,
                            sysdesc_string(sys.description, o->description->name));
            }
        }
    }
    for (const struct given *g = c->given; g < c->given + GIVEN_EACH; g++) {
        if (g->kind != GIVEN_NONE && g->slot == slot) {
            return know(f, RIGHTS_ALL, 0, "given on request");
        }
    }
    return know(f, 0, 0, "received or made by itself");
}

/* Whether the slot holds a cap: a copy of it can be made (or the kernel refuses for another reason
 * than an empty slot). `*type` is its number, 0 when the kernel does not say. */
static bool look_at_slot(const struct component *c, uint64_t slot, uint64_t *type)
{
    const struct kaal_slot at = {broker_cptr(sys.broker, c->spawn.cnode), slot,
                                 c->spawn.cnode_bits};
    const struct kaal_slot scratch = broker_at(sys.broker, sys.scratch);
    enum error_code error = kaal_cnode_copy(scratch, at, RIGHTS_ALL);
    *type = 0;
    if (error == ERROR_NONE) {
        *type = kaal_debug_cap_identify(sys.scratch);
        (void)!kaal_cnode_delete(scratch);
        return true;
    }
    return error != ERROR_FAILED_LOOKUP;
}

enum system_error request_caps(struct request *r)
{
    uint64_t id = r->q.word[0];
    if (id == 0 || id > sys.components || sys.component[id - 1].state != STATE_RUNNING) {
        return SYSTEM_NOT_FOUND;
    }
    const struct component *c = &sys.component[id - 1];
    for (uint64_t slot = r->q.word[1]; slot < 1u << c->description->cnode_bits; slot++) {
        uint64_t type;
        if (look_at_slot(c, slot, &type)) {
            struct slot_facts f;
            (void)(fixed_slot(c, slot, &f) || link_slot(c, slot, &f) || other_slot(c, slot, &f));
            r->a.word[0] = slot;
            r->a.word[1] = type;
            r->a.word[2] = f.rights;
            r->a.word[3] = f.badge;
            r->text = strlen(f.text) + 1;
            memcpy(r->a.text, f.text, r->text);
            return SYSTEM_OK;
        }
    }
    return SYSTEM_NOT_FOUND;
}

enum system_error request_file(struct request *r)
{
    struct archive_file file;
    uint64_t index = r->q.word[0];
    for (size_t at = ARCHIVE_FIRST; archive_next(&sys.archive, at, &file); at = file.next) {
        if (index-- == 0) {
            size_t bytes = strlen(file.name) + 1;
            r->a.word[0] = file.bytes;
            bytes = bytes < SYSTEM_PATH ? bytes : SYSTEM_PATH;
            memcpy(r->a.text, file.name, bytes);
            r->a.text[bytes - 1] = 0;
            r->text = bytes;
            return SYSTEM_OK;
        }
    }
    return SYSTEM_NOT_FOUND;
}

enum system_error request_read_file(struct request *r)
{
    struct archive_file file;
    uint64_t offset = r->q.word[0];
    uint64_t bytes = r->q.word[1];
    if (!archive_find(&sys.archive, request_name(r), &file)) {
        return SYSTEM_NOT_FOUND;
    }
    if (bytes > SYSTEM_ANSWER_TEXT) {
        return SYSTEM_BAD_ARGUMENT;
    }
    uint64_t left = offset < file.bytes ? file.bytes - offset : 0;
    bytes = bytes < left ? bytes : left;
    memcpy(r->a.text, file.data + (bytes != 0 ? offset : 0), bytes);
    r->a.word[0] = bytes;
    r->a.word[1] = file.bytes;
    r->text = bytes;
    r->words = 2;
    return SYSTEM_OK;
}

/* ---- management ---- */

enum system_error request_spawn(struct request *r)
{
    struct component *c = component_find(request_name(r));
    if (c == NULL) {
        return SYSTEM_NOT_FOUND;
    }
    if (c->state == STATE_RUNNING || c->again) {
        r->a.word[0] = c->id;
        r->words = 1;
        return SYSTEM_BUSY;
    }
    return request_refused(r, life_start(c));
}

/* Stops the component; a component that stops itself gets no answer. */
static enum system_error stop(struct request *r, bool again)
{
    struct component *c = component_find(request_name(r));
    if (c == NULL) {
        return SYSTEM_NOT_FOUND;
    }
    if (c->state == STATE_RUNNING) {
        r->silent = c == r->from;
        life_end(c, STATE_STOPPED, 0);
    }
    c->again = again;
    c->delay = 0; /* asked for, so at once */
    if (!again) {
        calls_redirect(c, true);
    }
    return SYSTEM_OK;
}

enum system_error request_kill(struct request *r)
{
    return stop(r, false);
}

enum system_error request_restart(struct request *r)
{
    struct component *c = component_find(request_name(r));
    if (c != NULL) {
        c->restarts++;
    }
    return stop(r, true);
}

enum system_error request_wait(struct request *r)
{
    struct component *c = component_find(request_name(r));
    struct waiter *w = sys.waiter;
    if (c == NULL || c == r->from) {
        return SYSTEM_NOT_FOUND;
    }
    if (c->state != STATE_RUNNING) {
        r->a.word[0] = (uint64_t)c->status;
        r->words = 1;
        return SYSTEM_OK;
    }
    while (w < sys.waiter + WAITERS && w->reply != 0) {
        w++;
    }
    if (w == sys.waiter + WAITERS ||
        broker_slots(sys.broker, BROKER_SYSTEM, 1, &w->reply) != BROKER_OK) {
        return SYSTEM_NO_SLOTS;
    }
    if (kaal_cnode_save_caller(broker_at(sys.broker, w->reply)) != ERROR_NONE) {
        broker_slots_free(sys.broker, w->reply, 1);
        w->reply = 0;
        return SYSTEM_NO_SLOTS;
    }
    w->waits = r->from;
    w->on = c;
    r->silent = true;
    return SYSTEM_OK;
}

enum system_error request_halt(struct request *r)
{
    int status = (int)(r->q.word[0] & 0xff);
    for (uint32_t i = 0; i < sys.components; i++) {
        log_end(&sys.component[i]);
    }
    die(status, "%s ends the run with status %d", r->from->name, status);
}
