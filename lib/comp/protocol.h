/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a component may ask of the root task over SLOT_SYSTEM. A request is a Call with the number
 * as label and arguments in the message; the reply's label is an enum system_error, results follow
 * in the message. Names travel as text packed into message words, zero-terminated. Caps of the
 * reply go to the receive path that the caller has set.
 */
#pragma once

enum system_request {
    SYSTEM_EXIT = 1,     /* status; no reply */
    SYSTEM_MAP,          /* bytes, flags (enum system_map) -> address */
    SYSTEM_UNMAP,        /* address */
    SYSTEM_PROTECT,      /* address, bytes, flags */
    SYSTEM_SHARE,        /* address, bytes, name of a component, flags -> address there */
    SYSTEM_DMA,          /* bytes, flags -> address, physical address */
    SYSTEM_DEVICE,       /* name -> address, bytes, physical, IRQ badge (0 = none), DMA address, DMA
                            bytes; IRQ handler in the first free slot given: slot */
    SYSTEM_IRQ,          /* number, slot -> badge; handler into the slot */
    SYSTEM_ENDPOINT,     /* slot */
    SYSTEM_NOTIFICATION, /* slot, slot: a pair, for two sides */
    SYSTEM_CHANNEL,      /* slot, name of a component: an endpoint to its service */
    SYSTEM_FREE,         /* slot of an object that was given: revoked and taken back */
    SYSTEM_LOG,          /* text */
    SYSTEM_SYNC,         /* nothing: answers when all earlier requests are done */
    /* For components with RIGHT_INSPECT. */
    SYSTEM_COMPONENT, /* index -> state, priority, type, restarts, frames, slots, quota; name, text
                       */
    SYSTEM_MEMORY,    /* -> total, free, largest free block, untypeds, slots total, slots free */
    SYSTEM_CAPS,      /* component id, slot -> next used slot, type, rights, badge, address; text */
    SYSTEM_FILE,      /* index -> size; name (of the archive in the image) */
    SYSTEM_READ_FILE, /* name via buffer, offset, bytes -> bytes read into the channel buffer */
    /* For components with RIGHT_MANAGE. */
    SYSTEM_SPAWN,   /* name */
    SYSTEM_KILL,    /* name */
    SYSTEM_RESTART, /* name */
    SYSTEM_HALT,    /* status: ends the run */
    SYSTEM_REQUESTS,
};

enum system_error {
    SYSTEM_OK = 0,
    SYSTEM_BAD_REQUEST,  /* unknown number, too few words */
    SYSTEM_BAD_ARGUMENT, /* a value out of range; word 0: which */
    SYSTEM_NOT_FOUND,    /* no device, component or file of that name */
    SYSTEM_DENIED,       /* the description does not allow it */
    SYSTEM_BUSY,         /* somebody else holds it; word 0: component id */
    SYSTEM_QUOTA,        /* the component's own limit; word 0: used, word 1: limit */
    SYSTEM_NO_MEMORY,    /* none left; word 0: bytes asked, word 1: largest free block */
    SYSTEM_NO_SLOTS,     /* slot occupied or out of range, or no slots left */
    SYSTEM_BROKEN,       /* the server died while it had the call (made by CALL_BROKEN_LABEL) */
    SYSTEM_ERRORS,
};

enum system_right {
    RIGHT_INSPECT = 1, /* see other components' state and the memory of the system */
    RIGHT_MANAGE = 2,  /* start, stop and restart components, end the run */
    RIGHT_DEVICES = 4, /* request devices and interrupts at run time that nobody owns */
};

enum system_map {
    MAP_READ = 1,
    MAP_WRITE = 2,
    MAP_EXECUTE = 4,
    MAP_UNCACHED = 8,  /* device-type: aligned accesses only */
    MAP_IDENTITY = 16, /* DMA: virtual = physical address */
    MAP_GUARD = 32,    /* an unmapped page on either side */
    MAP_NOW = 64,      /* back with memory at once instead of on first touch */
};
