/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The compiled system description: written by kaal-system from a checked manifest, embedded in the
 * root task. Little-endian, tables of fixed-size records, strings by byte offset from `strings`
 * (offset 0 is the empty string). The host tool has checked every name, index and limit;
 * sysdesc_check() checks again that nothing points outside.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define SYSDESC_MAGIC 0x315359534c41414bu /* "KAALSYS1" */

struct sysdesc_table {
    uint32_t offset; /* bytes from the start of the description */
    uint32_t count;  /* records; bytes for the strings */
};

struct sysdesc {
    uint64_t magic;
    uint32_t bytes; /* all of it */
    uint32_t name;  /* of the system */
    struct sysdesc_table components;
    struct sysdesc_table devices;
    struct sysdesc_table channels;
    struct sysdesc_table rings;
    struct sysdesc_table arguments; /* uint32_t string offsets */
    struct sysdesc_table strings;
};

enum sysdesc_type {
    TYPE_DRIVER = 1,
    TYPE_SERVICE,
    TYPE_APPLICATION,
};

enum sysdesc_restart {
    RESTART_NEVER = 0,
    RESTART_ON_FAULT,
    RESTART_ALWAYS, /* after an exit too */
};

struct sysdesc_component {
    uint32_t name;
    uint32_t binary; /* file name in the archive */
    uint32_t type;   /* enum sysdesc_type */
    uint32_t autostart;
    uint32_t priority;        /* 1..254 */
    uint32_t rights;          /* enum system_right bits (comp/protocol.h) */
    uint32_t restart;         /* enum sysdesc_restart */
    uint32_t restart_limit;   /* restarts until it stays down; 0 = no limit */
    uint32_t restart_backoff; /* milliseconds before the first restart, doubled each time */
    uint32_t cnode_bits;
    uint32_t first_argument; /* index in the argument table; the program's name is not in it */
    uint32_t arguments;
    uint64_t memory;        /* quota in bytes: image, stack, heap, mapped memory, tables */
    uint64_t stack;         /* bytes it may grow to */
    uint64_t heap;          /* bytes it may grow to */
    uint32_t quota_objects; /* endpoints and notifications it may ask for at run time */
    uint32_t reserved;
};

enum sysdesc_find {
    FIND_PATH = 1,
    FIND_ALIAS,
    FIND_COMPATIBLE, /* the first node with it */
    FIND_INTERRUPT,  /* an interrupt by itself */
};

struct sysdesc_device {
    uint32_t component; /* index of the owner */
    uint32_t name;      /* what the component calls it */
    uint32_t find;      /* enum sysdesc_find */
    uint32_t id;        /* path, alias or compatible */
    uint64_t dma;       /* bytes of its DMA pool, 0 = none */
    uint32_t irq;       /* 1: its interrupts too */
    uint32_t number;    /* of the interrupt (FIND_INTERRUPT) */
};

struct sysdesc_channel {
    uint32_t name; /* what the client calls it */
    uint32_t client;
    uint32_t server;
    uint32_t grant;  /* 1: may carry caps */
    uint64_t badge;  /* of the client's messages at the server, not 0 */
    uint64_t buffer; /* bytes of shared memory, 0 = none */
};

struct sysdesc_ring {
    uint32_t name;
    uint32_t producer;
    uint32_t consumer;
    uint32_t entries; /* a power of two */
    uint32_t entry_bytes;
    uint32_t reserved;
};

/* NULL when every offset, count and index of the `bytes` bytes at `data` (8-byte aligned) is in
 * bounds and every string ends, else a sentence that names what is wrong. */
const char *sysdesc_check(const void *data, size_t bytes);

/* Records and strings of a checked description. `index` must be below the table's count. */
const struct sysdesc_component *sysdesc_component(const struct sysdesc *d, uint32_t index);
const struct sysdesc_device *sysdesc_device(const struct sysdesc *d, uint32_t index);
const struct sysdesc_channel *sysdesc_channel(const struct sysdesc *d, uint32_t index);
const struct sysdesc_ring *sysdesc_ring(const struct sysdesc *d, uint32_t index);
const char *sysdesc_argument(const struct sysdesc *d, uint32_t index);
const char *sysdesc_string(const struct sysdesc *d, uint32_t offset);
