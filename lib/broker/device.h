/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A device as one bundle: its register pages as frames, its interrupts as handlers, memory for DMA.
 */
#pragma once
#include "broker/broker.h"
#include "broker/tree.h"

enum {
    DEVICE_REGS = 4,
    DEVICE_IRQS = 8,
    DEVICE_PAGES = 64, /* register pages of one device */
    DEVICE_ID = 64,    /* bytes of an id that is remembered, with its closing zero */
};

enum device_find { /* the values of enum sysdesc_find */
    DEVICE_PATH = 1,
    DEVICE_ALIAS,
    DEVICE_COMPATIBLE,
};

struct device_wish {
    enum device_find find;
    const char *id;
    bool irqs;    /* its interrupts too */
    uint64_t dma; /* bytes of DMA memory, 0 = none */
};

struct device {
    struct device *next; /* of the same client */
    struct device_wish wish;
    uint16_t client;
    char id[DEVICE_ID]; /* the wish's; with a longer one it is not remembered */
    uint32_t regs;
    struct tree_range reg[DEVICE_REGS]; /* physical address, bytes */
    uint32_t first_page[DEVICE_REGS];   /* index in `page` */
    uint32_t pages;                     /* of all register blocks */
    uint32_t page[DEVICE_PAGES];        /* blocks: broker_cptr() is the frame */
    uint32_t irqs;
    struct tree_irq irq[DEVICE_IRQS];
    uint32_t irq_slot[DEVICE_IRQS]; /* handlers */
    uint32_t dma;                   /* block: an Untyped, BUDDY_NONE = none */
};

/* Everything of the wish or nothing, noted in *room, which stays the broker's until it is freed.
 * A client that asks again for what it holds, in the same words and no more than then, gets that
 * bundle, and *room is left alone: *device says which one it is. BUSY names the holder of a page or
 * interrupt. Blocks of registers above DEVICE_REGS and interrupts above DEVICE_IRQS are left out.
 */
KAAL_MUST_CHECK enum broker_code broker_device(struct broker *b, uint16_t client,
                                               const struct device_wish *wish, struct device *room,
                                               struct device **device);
void broker_device_free(struct broker *b, struct device *device);
