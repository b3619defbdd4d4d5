/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Makes what the plan says, then answers: the log, exits, pages of the heap.
 */
#include "bed.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "kaal/syscalls.h"

enum {
    PAGE = 4096
};

struct bed_life bed_life[BED_LIST];
static int worst;

static void share(struct bed_life *a, struct bed_life *b, uint64_t bytes, uint64_t *at,
                  uint64_t *bt)
{
    *at = a->shared;
    *bt = b->shared;
    for (uint64_t i = 0; i < bytes; i += PAGE) {
        uint64_t frame = bed_object(OBJECT_SMALL_PAGE, 0);
        uint64_t copy = bed_copy(frame, RIGHTS_ALL, 0);
        bed_map(a->vspace, frame, a->shared + i, RIGHT_READ | RIGHT_WRITE, false);
        bed_map(b->vspace, copy, b->shared + i, RIGHT_READ | RIGHT_WRITE, false);
    }
    a->shared += 16 * PAGE;
    b->shared += 16 * PAGE;
}

static void make_channel(const struct bed_channel *c)
{
    static uint64_t badge = BADGE_MESSAGE;
    uint64_t bit;
    struct bed_life *client = bed_find(c->client), *server = bed_find(c->server);
    struct env_entry *here = bed_entry(client, c->name, ENV_CHANNEL);
    struct env_entry *there = bed_entry(server, c->client, ENV_CLIENT);
    share(client, server, c->buffer, &here->address, &there->address);
    here->bytes = there->bytes = c->buffer;
    there->badge = ++badge;
    there->signal = bed_give(server, bed_bit(client, &bit), RIGHT_WRITE, 0);
    here->badge = bit;
    here->slot = bed_give(client, server->endpoint, RIGHT_WRITE | RIGHT_GRANT_REPLY, badge);
    server->env->serves = 1;
    for (unsigned i = 0; i < BED_LIST; i++) {
        if (client->channel[i].server == NULL) {
            client->channel[i].slot = here->slot;
            client->channel[i].server = server;
            break;
        }
    }
}

static void make_ring(const struct bed_ring *r)
{
    uint64_t bytes = 128 + (uint64_t)r->entries * r->entry_bytes;
    struct bed_life *producer = bed_find(r->producer), *consumer = bed_find(r->consumer);
    struct env_entry *here = bed_entry(producer, r->name, ENV_PRODUCER);
    struct env_entry *there = bed_entry(consumer, r->name, ENV_CONSUMER);
    share(producer, consumer, bytes, &here->address, &there->address);
    here->bytes = there->bytes = bytes;
    here->physical = there->physical = (uint64_t)r->entries << 32 | r->entry_bytes;
    uint64_t to_consumer = bed_bit(consumer, &there->badge);
    uint64_t to_producer = bed_bit(producer, &here->badge);
    here->signal = bed_give(producer, to_consumer, RIGHT_WRITE, 0);
    there->signal = bed_give(consumer, to_producer, RIGHT_WRITE, 0);
}

static void print_log(const char *name, const char *text, uint64_t bytes)
{
    static const char *line_of; /* NULL = at a line's begin */
    for (uint64_t i = 0; i < bytes && i < SYSTEM_QUESTION_TEXT; i++) {
        if (line_of != name) {
            kaal_printf("%s%s: ", line_of != NULL ? "\n" : "", name);
        }
        kaal_debug_put_char(text[i]);
        line_of = text[i] == '\n' ? NULL : name;
    }
}

static void end(struct bed_life *life, int status)
{
    kaal_printf("bed: %s ended with status %d\n", life->plan->name, status);
    life->ended = true;
    worst = status > worst ? status : worst;
    for (const struct bed_life *l = bed_life; l < bed_life + BED_LIST && l->plan != NULL; l++) {
        if (!l->ended && !l->plan->waits) {
            return;
        }
    }
    kaal_printf("bed: status %d\n", worst);
    kaal_exit(worst);
}

/* Answers the fault in *m; false when the component stays where it is. */
static bool fault(struct bed_life *life, const struct kaal_message *m)
{
    uint64_t label = msginfo_label(m->info), at = m->mr[1];
    if (label == FAULT_VM && at >= LAYOUT_HEAP && at < life->env->heap_limit) {
        (void)bed_page(life->vspace, at & ~(uint64_t)(PAGE - 1), RIGHT_READ | RIGHT_WRITE);
        return true;
    }
    kaal_printf("bed: %s faulted: label %lu, words 0x%lx 0x%lx 0x%lx 0x%lx\n", life->plan->name,
                label, m->mr[0], m->mr[1], m->mr[2], m->mr[3]);
    end(life, BED_STATUS);
    return false;
}

/* Ends the call of `client` when it goes to `server` (comp/env.h, struct control). */
static void break_call(struct bed_life *client, const struct bed_life *server)
{
    uint64_t registers[REG_COUNT];
    for (unsigned i = 0; i < BED_LIST; i++) {
        if (client->channel[i].server != server ||
            client->channel[i].slot != client->control->channel) {
            continue;
        }
        bed_must(kaal_tcb_read_registers(client->tcb, false, REG_COUNT, registers), "Read");
        if (registers[REG_PC] == client->control->call_start) {
            registers[REG_PC] = client->control->call_end;
            registers[REG_X0] = 0;
            registers[REG_X1] = msginfo_new(CALL_BROKEN_LABEL, 0, 0, 0);
            bed_must(kaal_tcb_write_registers(client->tcb, true, REG_COUNT, registers), "Write");
        }
    }
}

static void kill(const char *name)
{
    struct bed_life *server = bed_find(name);
    bed_must(kaal_tcb_suspend(server->tcb), "TCB_Suspend");
    for (struct bed_life *l = bed_life; l < bed_life + BED_LIST && l->plan != NULL; l++) {
        break_call(l, server);
    }
}

/* One request in *m, which becomes its reply; false when there is none. */
static bool answer(struct bed_life *life, struct kaal_message *m)
{
    enum system_error e = SYSTEM_OK;
    uint64_t label = msginfo_label(m->info);
    if (label == SYSTEM_EXIT) {
        end(life, (int)m->mr[0]);
        return false;
    }
    if (label == SYSTEM_LOG) {
        print_log(life->plan->name, (const char *)&kaal_ipc_buffer->msg[4], m->mr[0]);
    } else if (label == SYSTEM_KILL) {
        kill((const char *)&kaal_ipc_buffer->msg[4]);
    } else if (label != SYSTEM_SYNC) {
        e = SYSTEM_BAD_REQUEST;
    }
    m->info = msginfo_new(e, 0, 0, 0);
    return true;
}

int main(struct bootinfo *bootinfo)
{
    struct kaal_message m = {0};
    bed_open(bootinfo);
    uint64_t system = bed_object(OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < BED_LIST && bed_plan.component[i].name != NULL; i++) {
        bed_spawn(&bed_life[i], &bed_plan.component[i], system);
    }
    for (const struct bed_channel *c = bed_plan.channel; c->name != NULL; c++) {
        make_channel(c);
    }
    for (const struct bed_ring *r = bed_plan.ring; r->name != NULL; r++) {
        make_ring(r);
    }
    for (const struct bed_life *l = bed_life; l < bed_life + BED_LIST && l->plan != NULL; l++) {
        bed_start(l);
    }
    for (bool reply = false;;) {
        if (reply) {
            kaal_reply_recv(system, &m);
        } else {
            kaal_recv(system, &m);
        }
        struct bed_life *life = &bed_life[m.badge - 1];
        bool is_fault = msginfo_label(m.info) < SYSTEM_FIRST;
        reply = is_fault ? fault(life, &m) : answer(life, &m);
        if (is_fault) {
            m.info = 0;
        }
    }
}
