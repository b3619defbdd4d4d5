/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Pauses before restarts. The root task has no clock and never waits: a component with a timer (the
 * pacer, components/services/pacer.c) asks for the next pause, lets it pass, and asks again.
 * Without one, restarts are at once, and so are those of components without whose service the pacer
 * cannot let time pass: it would wait for the end of a pause that it has to keep itself.
 */
#include "kaal/string.h"
#include "system.h"

enum {
    MOST_DOUBLINGS = 10,
    MOST_CHANNELS = 8 /* from the pacer to a component that it cannot do without */
};

/* Whether `c` serves `client`, itself or through others, `depth` channels away at most. */
static bool serves(const struct component *c, const struct component *client, uint32_t depth)
{
    for (uint32_t i = 0; i < sys.links && depth != 0; i++) {
        const struct link *l = &sys.link[i];
        if (!l->is_ring && l->from == client && (l->to == c || serves(c, l->to, depth - 1))) {
            return true;
        }
    }
    return false;
}

void pace_restart(struct component *c)
{
    uint32_t n = c->restarts > 0 ? c->restarts - 1 : 0;
    c->again = true;
    c->delay = sys.pacer == NULL || sys.pacer == c || serves(c, sys.pacer, MOST_CHANNELS)
                   ? 0
                   : (uint64_t)c->description->restart_backoff
                         << (n < MOST_DOUBLINGS ? n : MOST_DOUBLINGS);
}

/* The next component that waits for its pause; NULL = none. */
static struct component *next_pause(void)
{
    for (uint32_t i = 0; i < sys.components; i++) {
        if (sys.component[i].again && sys.component[i].delay != 0) {
            return &sys.component[i];
        }
    }
    return NULL;
}

void pace_continue(void)
{
    const struct component *c = next_pause();
    if (sys.pacer_reply != 0 && c != NULL) {
        struct kaal_message m = {.info = msginfo_new(SYSTEM_OK, 0, 0, 2), .mr = {c->id, c->delay}};
        kaal_send(sys.pacer_reply, &m);
        broker_slots_free(sys.broker, sys.pacer_reply, 1);
        sys.pacer_reply = 0;
    }
}

void pace_ended(const struct component *c)
{
    if (sys.pacer != c) {
        return;
    }
    sys.pacer = NULL;
    if (sys.pacer_reply != 0) {
        broker_slots_free(sys.broker, sys.pacer_reply, 1);
        sys.pacer_reply = 0;
    }
    for (uint32_t i = 0; i < sys.components; i++) {
        sys.component[i].delay = 0;
    }
}

enum system_error request_backoff(struct request *r)
{
    uint64_t id = r->q.word[0];
    if (id != 0 && id <= sys.components) {
        sys.component[id - 1].delay = 0;
    }
    sys.pacer = r->from;
    const struct component *c = next_pause();
    if (c != NULL) {
        r->a.word[0] = c->id;
        r->a.word[1] = c->delay;
        r->words = 2;
        return SYSTEM_OK;
    }
    if (broker_slots(sys.broker, BROKER_SYSTEM, 1, &sys.pacer_reply) != BROKER_OK) {
        return SYSTEM_NO_SLOTS;
    }
    if (kaal_cnode_save_caller(broker_at(sys.broker, sys.pacer_reply)) != ERROR_NONE) {
        broker_slots_free(sys.broker, sys.pacer_reply, 1);
        sys.pacer_reply = 0;
        return SYSTEM_NO_SLOTS;
    }
    r->silent = true;
    return SYSTEM_OK;
}
