/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Callers of a server that dies (comp/env.h, struct control): a caller that waits for a reply that
 * can never come is moved past its call with CALL_BROKEN_LABEL. Callers of a server that stays down
 * reach the root task instead, which answers the same. Who waits for a server's signal instead of
 * its reply is woken by the channel's bit: the server that was to signal has forgotten it.
 */
#include "system.h"

/* Whether the component's control page says that it is in a call through `slot`. */
static bool is_calling(const struct component *c, uint32_t slot, struct control *control)
{
    return mm_read(sys.mm, c->spawn.space, LAYOUT_CONTROL, control, sizeof(*control)) ==
               BROKER_OK &&
           control->channel == slot;
}

static void end_call(const struct component *c, const struct control *control)
{
    uint64_t registers[REG_COUNT];
    uint32_t tcb = spawn_tcb(sys.mm, &c->spawn);
    /* Not suspended: a thread that is not in the call any more must go on as it is. */
    if (kaal_tcb_read_registers(tcb, false, REG_COUNT, registers) != ERROR_NONE ||
        registers[REG_PC] != control->call_start) {
        return;
    }
    registers[REG_PC] = control->call_end;
    registers[REG_X0] = 0;
    registers[REG_X1] = msginfo_new(CALL_BROKEN_LABEL, 0, 0, 0);
    if (kaal_tcb_write_registers(tcb, true, REG_COUNT, registers) != ERROR_NONE) {
        report("%s: its call cannot be ended", c->name);
    }
}

/* Sets the channel's bit of the client's notification. */
static void wake(const struct link *l)
{
    uint32_t signal;
    if (place_signal(l->from, l->from_bit, &signal) == BROKER_OK) {
        kaal_signal(signal);
        broker_slots_free(sys.broker, signal, 1);
    } else {
        report("%s: no slot to tell it of the end of %s", l->from->name, l->to->name);
    }
}

void calls_break(const struct component *server)
{
    for (uint32_t i = 0; i < sys.links; i++) {
        const struct link *l = &sys.link[i];
        struct control control;
        if (l->is_ring || l->to != server || l->from->state != STATE_RUNNING) {
            continue;
        }
        if (is_calling(l->from, l->from_slot, &control)) {
            end_call(l->from, &control);
        }
        wake(l);
    }
}

/* Puts another cap into the client's slot of a channel. */
static void replace(const struct link *l, uint32_t cap, uint64_t badge)
{
    const struct component *c = l->from;
    const struct kaal_slot slot = {broker_cptr(sys.broker, c->spawn.cnode), l->from_slot,
                                   c->spawn.cnode_bits};
    uint64_t rights = RIGHT_WRITE | (l->channel->grant != 0 ? RIGHT_GRANT : RIGHT_GRANT_REPLY);
    if (kaal_cnode_delete(slot) != ERROR_NONE ||
        spawn_give(sys.mm, &c->spawn, l->from_slot, cap, rights, badge) != BROKER_OK) {
        report("%s: its channel %s cannot be replaced", c->name, l->name);
    }
}

void calls_redirect(const struct component *server, bool down)
{
    for (uint32_t i = 0; i < sys.links; i++) {
        const struct link *l = &sys.link[i];
        if (l->is_ring || l->to != server || l->from->state != STATE_RUNNING) {
            continue;
        }
        if (down) {
            replace(l, sys.endpoint, BADGE_DEAD | l->from->id);
        } else {
            replace(l, broker_cptr(sys.broker, server->endpoint),
                    BADGE_MESSAGE | l->channel->badge);
        }
    }
}
