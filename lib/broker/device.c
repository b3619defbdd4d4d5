/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What is taken is noted in the bundle at once, so giving up in the middle is giving the bundle
 * back.
 */
#include "broker/device.h"

#include "kaal/bootinfo.h"
#include "kaal/string.h"

enum {
    PAGE_BYTES = 1 << PAGE_BITS
};

static enum broker_code refuse(struct broker *b, uint16_t client, const char *what, uint64_t wanted,
                               enum broker_code code)
{
    return broker_refuse(
        b, (struct broker_error){.code = code, .client = client, .wanted = wanted, .what = what});
}

static bool find(const struct tree *t, const struct device_wish *wish, struct tree_node *node)
{
    switch (wish->find) {
    case DEVICE_PATH: return tree_by_path(t, wish->id, node);
    case DEVICE_ALIAS: return tree_by_alias(t, wish->id, node);
    default: return tree_by_compatible(t, wish->id, node);
    }
}

static enum broker_code take_pages(struct broker *b, uint16_t client, struct tree_range reg,
                                   struct device *device)
{
    uint64_t first = reg.address & ~(uint64_t)(PAGE_BYTES - 1);
    uint64_t last = reg.address + reg.bytes - 1;
    if (reg.bytes == 0 || last < reg.address ||
        last / PAGE_BYTES - first / PAGE_BYTES >= DEVICE_PAGES - device->pages) {
        return refuse(b, client, "size of registers", reg.bytes, BROKER_BAD_ARGUMENT);
    }
    for (uint64_t at = first; at <= last; at += PAGE_BYTES) {
        uint32_t block, slot = 0;
        enum broker_code code = broker_block_at(b, client, at, PAGE_BITS, &block);
        if (code != BROKER_OK) {
            return code;
        }
        code = broker_slots(b, client, 1, &slot);
        if (code == BROKER_OK) {
            code = broker_fill(b, block, OBJECT_SMALL_PAGE, 0, 1, slot);
            b->block[block].object = slot;
            b->block[block].kind = OBJECT_SMALL_PAGE;
        }
        if (code != BROKER_OK) {
            broker_give_back(b, block);
            return code;
        }
        device->page[device->pages++] = block;
    }
    return BROKER_OK;
}

static enum broker_code take_regs(struct broker *b, uint16_t client, const struct tree *t,
                                  const struct tree_node *node, struct device *device)
{
    struct tree_range reg;
    while (device->regs < DEVICE_REGS && tree_reg(t, node, device->regs, &reg)) {
        device->reg[device->regs] = reg;
        device->first_page[device->regs] = device->pages;
        enum broker_code code = take_pages(b, client, reg, device);
        if (code != BROKER_OK) {
            return code;
        }
        device->regs++;
    }
    return BROKER_OK;
}

static enum broker_code take_irqs(struct broker *b, uint16_t client, const struct tree *t,
                                  const struct tree_node *node, struct device *device)
{
    struct tree_irq irq;
    while (device->irqs < DEVICE_IRQS && tree_irq(t, node, device->irqs, &irq)) {
        device->irq[device->irqs] = irq;
        enum broker_code code =
            broker_irq(b, client, irq.number, irq.edge, &device->irq_slot[device->irqs]);
        if (code != BROKER_OK) {
            return code;
        }
        device->irqs++;
    }
    return BROKER_OK;
}

static enum broker_code take_dma(struct broker *b, uint16_t client, uint64_t bytes,
                                 struct device *device)
{
    uint8_t bits = PAGE_BITS;
    while (bits < WORD_BITS - 1 && 1ull << bits < bytes) {
        bits++;
    }
    return broker_block(b, client, bits, &device->dma);
}

static bool same_text(const char *a, const char *b)
{
    while (*a == *b && *a != 0) {
        a++;
        b++;
    }
    return *a == *b;
}

/* A bundle that the client holds and that has what it wishes. */
static struct device *held(const struct broker *b, uint16_t client, const struct device_wish *wish)
{
    struct device *d = b->client[client].devices;
    while (d != NULL && (d->wish.find != wish->find || d->wish.irqs < wish->irqs ||
                         d->wish.dma < wish->dma || !same_text(d->id, wish->id))) {
        d = d->next;
    }
    return d;
}

/* Enters a bundle that was taken into the client's list. */
static void remember(struct broker *b, uint16_t client, const struct device_wish *wish,
                     struct device *device)
{
    size_t length = strlen(wish->id);
    if (length >= DEVICE_ID) {
        return;
    }
    memcpy(device->id, wish->id, length);
    device->wish = *wish;
    device->wish.id = device->id;
    device->client = client;
    device->next = b->client[client].devices;
    b->client[client].devices = device;
}

static enum broker_code take(struct broker *b, uint16_t client, const struct device_wish *wish,
                             struct device *device)
{
    struct tree tree;
    struct tree_node node;
    size_t bytes = 0;
    const void *blob = kaal_bootinfo_chunk(b->bootinfo, BOOTINFO_CHUNK_DTB, &bytes);
    *device = (struct device){0};
    if (blob == NULL || !tree_open(&tree, blob, bytes) || !find(&tree, wish, &node)) {
        return refuse(b, client, wish->id, 0, BROKER_NOT_FOUND);
    }
    enum broker_code code = take_regs(b, client, &tree, &node, device);
    if (code == BROKER_OK && wish->irqs) {
        code = take_irqs(b, client, &tree, &node, device);
    }
    if (code == BROKER_OK && wish->dma != 0) {
        code = take_dma(b, client, wish->dma, device);
    }
    if (code != BROKER_OK) {
        broker_device_free(b, device);
    }
    return code;
}

enum broker_code broker_device(struct broker *b, uint16_t client, const struct device_wish *wish,
                               struct device *room, struct device **device)
{
    *device = held(b, client, wish);
    if (*device != NULL) {
        return BROKER_OK;
    }
    enum broker_code code = take(b, client, wish, room);
    if (code == BROKER_OK) {
        remember(b, client, wish, room);
        *device = room;
    }
    return code;
}

void broker_device_free(struct broker *b, struct device *device)
{
    struct device **at = &b->client[device->client].devices;
    while (*at != NULL && *at != device) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = device->next;
    }
    for (uint32_t i = 0; i < device->pages; i++) {
        broker_give_back(b, device->page[i]);
    }
    for (uint32_t i = 0; i < device->irqs; i++) {
        broker_irq_free(b, device->irq[i].number);
    }
    if (device->dma != BUDDY_NONE) {
        broker_give_back(b, device->dma);
    }
    *device = (struct device){0};
}
