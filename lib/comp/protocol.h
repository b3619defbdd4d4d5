/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What a component may ask of the root task over SLOT_SYSTEM. A request is a Call with the number
 * as label; the reply's label is an enum system_error. All requests have one form, struct
 * system_question, all replies another, struct system_answer; the message's length says how much of
 * it travels. comp/system.h has one function per request.
 */
#pragma once
#include <stdint.h>

enum system_limit {
    SYSTEM_QUESTION_WORDS = 4,
    SYSTEM_QUESTION_TEXT = 928, /* bytes */
    SYSTEM_ANSWER_WORDS = 8,
    SYSTEM_ANSWER_TEXT = 896,
    SYSTEM_PATH = 64, /* of a file in the archive, with the closing zero */
};

/* Message words 0.. of a request: arguments, then text: a name with its closing zero, or the bytes
 * of a log line. */
struct system_question {
    uint64_t word[SYSTEM_QUESTION_WORDS];
    char text[SYSTEM_QUESTION_TEXT];
};

/* Message words 0.. of a reply. */
struct system_answer {
    uint64_t word[SYSTEM_ANSWER_WORDS];
    char text[SYSTEM_ANSWER_TEXT];
};

/* Arguments in words 0.., then results in words 0..; `name`, `text`: in the text. A slot is one of
 * the component's own, empty, at or above env.first_free. */
enum system_request {
    SYSTEM_FIRST = 16, /* below: labels of fault messages, which come by the same endpoint */
    SYSTEM_EXIT = SYSTEM_FIRST, /* status; no reply */
    SYSTEM_MAP,                 /* bytes, flags (enum system_map) -> address */
    SYSTEM_UNMAP,               /* address: of what it asked for, or others shared with it */
    SYSTEM_PROTECT,             /* address, bytes, flags */
    SYSTEM_SHARE,               /* address, bytes, flags, name of a component -> address there */
    SYSTEM_DMA,                 /* bytes, flags -> address, physical address */
    SYSTEM_CACHE,               /* address, bytes, enum system_cache: of DMA memory */
    SYSTEM_DEVICE,   /* slot for its first IRQ handler (0 = none wanted), name -> address, bytes,
                        physical, IRQ badge (0 = none), DMA address, DMA bytes, DMA physical */
    SYSTEM_IRQ,      /* number, slot -> badge; handler into the slot */
    SYSTEM_ENDPOINT, /* slot */
    SYSTEM_NOTIFICATION, /* slot, slot: a pair, for two sides */
    SYSTEM_CHANNEL,      /* slot, name of a component: an endpoint to its service */
    SYSTEM_FREE,         /* slot of an object that was given: revoked and taken back */
    SYSTEM_LOG,          /* bytes, text (no closing zero): printed in whole lines, with the name */
    SYSTEM_SYNC,         /* nothing: answers when all earlier requests are done */
    /* For components with RIGHT_INSPECT. */
    SYSTEM_COMPONENT, /* index -> id, enum system_state, priority, type, restarts, frames, slots,
                         quota bytes; text: name (ENV_NAME_BYTES), then a sentence on its state */
    SYSTEM_MEMORY,    /* -> total, free, largest free block (bytes), untypeds in use, slots total,
                         slots free, untypeds that are free */
    SYSTEM_CAPS,      /* component id, slot to begin with -> slot, type, rights, badge, address;
                         text: what it is; SYSTEM_NOT_FOUND when no used slot is left */
    SYSTEM_FILE,      /* index -> size; text: name (of the archive in the image) */
    SYSTEM_READ_FILE, /* offset, bytes (at most SYSTEM_ANSWER_TEXT), name -> bytes read, size; text:
                         the bytes */
    /* For components with RIGHT_MANAGE. */
    SYSTEM_SPAWN,   /* name */
    SYSTEM_KILL,    /* name */
    SYSTEM_RESTART, /* name */
    SYSTEM_WAIT,    /* name -> status: answers when the component's life has ended */
    SYSTEM_BACKOFF, /* component id whose pause is over (0 = none) -> component id, milliseconds of
                       the next pause before a restart: answers when there is one */
    SYSTEM_HALT,    /* status: ends the run */
    SYSTEM_REQUESTS,
};

/* Of a component, as SYSTEM_COMPONENT tells it. */
enum system_state {
    STATE_STOPPED = 0, /* never started, killed or given up */
    STATE_RUNNING,
    STATE_EXITED,
    STATE_FAULTED, /* waits for its restart, or for good */
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
    SYSTEM_LATE,         /* no answer before the deadline: whether it is carried out is unknown */
    SYSTEM_ERRORS,
};

enum system_right {
    RIGHT_INSPECT = 1, /* see other components' state and the memory of the system */
    RIGHT_MANAGE = 2,  /* start, stop and restart components, end the run */
    RIGHT_DEVICES = 4, /* request devices and interrupts at run time that nobody owns */
};

/* Of cached DMA memory: what the device is to read is cleaned before, what it has written is
 * invalidated after. Lines that the range covers only in part are cleaned, too, so that nothing
 * beside it is lost (abi/vspace.md §6). */
enum system_cache {
    CACHE_CLEAN,
    CACHE_INVALIDATE,
    CACHE_CLEAN_INVALIDATE,
    CACHE_OPERATIONS,
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
