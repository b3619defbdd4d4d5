/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Interrupts, channels, pairs; what is known of the whole, and refusals in words.
 */
#include "broker/broker.h"
#include "broker/internal.h"
#include "kaal/error.h"
#include "kaal/print.h"

enum broker_code broker_irq(struct broker *b, uint16_t client, uint32_t number, bool edge,
                            uint32_t *slot)
{
    struct broker_error error = {.client = client, .wanted = number, .what = "interrupt"};
    if (number >= BROKER_IRQS) {
        error.code = BROKER_BAD_ARGUMENT;
        return broker_refuse(b, error);
    }
    if (b->irq_slot[number] != 0) {
        error.code = BROKER_BUSY;
        error.holder = b->irq_owner[number];
        return broker_refuse(b, error);
    }
    enum broker_code code = broker_slots(b, client, 1, slot);
    if (code != BROKER_OK) {
        return code;
    }
    error.kernel =
        kaal_irq_control_get_trigger(SLOT_IRQ_CONTROL, number, edge, broker_at(b, *slot));
    if (error.kernel != ERROR_NONE) {
        slots_give(&b->slots, *slot, 1);
        /* RangeError: the machine has fewer; RevokeFirst: it is the kernel's. */
        error.code = error.kernel == ERROR_RANGE          ? BROKER_NOT_FOUND
                     : error.kernel == ERROR_REVOKE_FIRST ? BROKER_BUSY
                                                          : BROKER_KERNEL;
        return broker_refuse(b, error);
    }
    b->irq_slot[number] = *slot;
    b->irq_owner[number] = client;
    return BROKER_OK;
}

void broker_irq_free(struct broker *b, uint32_t number)
{
    /* The first handler cap is the parent of its copies (abi/objects.md §3.3). */
    (void)!kaal_cnode_revoke(broker_at(b, b->irq_slot[number]));
    broker_slots_free(b, b->irq_slot[number], 1);
    b->irq_slot[number] = 0;
    b->irq_owner[number] = 0;
}

static uint8_t bits_for(uint64_t bytes)
{
    return bytes <= 1 ? 0 : (uint8_t)(WORD_BITS - __builtin_clzll(bytes - 1));
}

enum broker_code broker_channel(struct broker *b, uint16_t client, uint64_t bytes,
                                struct broker_channel *channel)
{
    *channel = (struct broker_channel){0};
    enum broker_code code = broker_object(b, client, OBJECT_ENDPOINT, 0, &channel->endpoint);
    if (code != BROKER_OK || bytes == 0) {
        return code;
    }
    uint8_t bits = bits_for(bytes);
    code = broker_block(b, client, bits < PAGE_BITS ? PAGE_BITS : bits, &channel->memory);
    if (code != BROKER_OK) {
        broker_give_back(b, channel->endpoint);
        *channel = (struct broker_channel){0};
    }
    return code;
}

void broker_channel_free(struct broker *b, const struct broker_channel *channel)
{
    if (channel->memory != BUDDY_NONE) {
        broker_give_back(b, channel->memory);
    }
    if (channel->endpoint != BUDDY_NONE) {
        broker_give_back(b, channel->endpoint);
    }
}

enum broker_code broker_notification_pair(struct broker *b, uint16_t client, uint32_t pair[2])
{
    enum broker_code code = broker_object(b, client, OBJECT_NOTIFICATION, 0, &pair[0]);
    if (code != BROKER_OK) {
        return code;
    }
    code = broker_object(b, client, OBJECT_NOTIFICATION, 0, &pair[1]);
    if (code != BROKER_OK) {
        broker_give_back(b, pair[0]);
    }
    return code;
}

void broker_give_back_all(struct broker *b, uint16_t client)
{
    for (uint32_t i = 1; i < BROKER_RECORDS; i++) {
        if (b->block[i].state == BUDDY_TAKEN && b->block[i].owner == client) {
            broker_give_back(b, i);
        }
    }
    for (uint32_t i = 0; i < BROKER_IRQS; i++) {
        if (b->irq_slot[i] != 0 && b->irq_owner[i] == client) {
            broker_irq_free(b, i);
        }
    }
    b->client[client].devices = NULL;
}

struct broker_status broker_status(const struct broker *b)
{
    struct broker_status s = {
        .total_bytes = b->buddy.total_bytes,
        .free_bytes = b->buddy.free_bytes,
        .largest_bytes = buddy_largest(&b->buddy),
        .slots_total = b->slots.total,
        .slots_used = b->slots.used,
    };
    for (uint32_t i = 1; i < BROKER_RECORDS; i++) {
        s.blocks_taken += b->block[i].state == BUDDY_TAKEN;
        s.records_used += b->block[i].state != BUDDY_UNUSED;
    }
    return s;
}

static const char *client_name(const struct broker *b, uint16_t client)
{
    return client < BROKER_CLIENTS && b->client[client].name != NULL ? b->client[client].name
                                                                     : "nobody";
}

void broker_explain(const struct broker *b, char *text, size_t room)
{
    const struct broker_error *e = &b->error;
    const char *who = client_name(b, e->client), *holder = client_name(b, e->holder);
    const char *what = e->what != NULL ? e->what : "something";
    switch (e->code) {
    case BROKER_NO_MEMORY:
        kaal_snprintf(text, room,
                      "%s asked for %lu bytes; the largest free block has %lu, and %s holds most: "
                      "%lu bytes",
                      who, e->wanted, e->available, holder, e->used);
        return;
    case BROKER_QUOTA:
        kaal_snprintf(text, room, "%s asked for %lu bytes and holds %lu of its quota of %lu", who,
                      e->wanted, e->used, e->limit);
        return;
    case BROKER_NO_SLOTS:
        kaal_snprintf(text, room, "%s asked for %lu slots in a row; %lu are free", who, e->wanted,
                      e->available);
        return;
    case BROKER_BUSY:
        kaal_snprintf(text, room, "%s asked for %s 0x%lx, which %s holds", who, what, e->wanted,
                      holder);
        return;
    case BROKER_NOT_FOUND:
        kaal_snprintf(text, room, "%s asked for %s 0x%lx, which there is not", who, what,
                      e->wanted);
        return;
    case BROKER_BAD_ARGUMENT:
        kaal_snprintf(text, room, "%s: %s %lu is out of range", who, what, e->wanted);
        return;
    case BROKER_KERNEL:
        kaal_snprintf(text, room, "%s: the kernel refused %s: %s", who, what,
                      kaal_strerror(e->kernel));
        return;
    case BROKER_NO_RECORDS:
        kaal_snprintf(text, room, "%s: no %s is left in the root task", who, what);
        return;
    default: kaal_snprintf(text, room, "nothing was refused"); return;
    }
}
