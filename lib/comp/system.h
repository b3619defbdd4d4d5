/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The requests of comp/protocol.h as functions. Each is one Call to the root task and returns its
 * error; results are written only with SYSTEM_OK. The words that explain an error (protocol.h, enum
 * system_error) are in kaal_ipc_buffer->msg[0..1].
 */
#pragma once
#include "comp/comp.h"

/* Ends this component. */
_Noreturn void system_exit(int status);

/* ---- memory: addresses are page-aligned, bytes are rounded up to whole pages ---- */

/* `flags`: enum system_map. */
COMP_MUST_CHECK enum system_error system_map(uint64_t bytes, uint64_t flags, void **address);
COMP_MUST_CHECK enum system_error system_unmap(void *address);
COMP_MUST_CHECK enum system_error system_protect(void *address, uint64_t bytes, uint64_t flags);
/* Maps the memory at `address`, which came from system_map, at `there` in that component too, where
 * it stays until that component unmaps it or its life ends, whatever happens here. Both mappings
 * are charged to who shares. SYSTEM_NO_SLOTS: it shares 4 regions already, or the other one has 16.
 */
COMP_MUST_CHECK enum system_error system_share(const void *address, uint64_t bytes, uint64_t flags,
                                               const char *component, uint64_t *there);
/* Contiguous memory for a device. */
COMP_MUST_CHECK enum system_error system_dma(uint64_t bytes, uint64_t flags, void **address,
                                             uint64_t *physical);

/* Cache maintenance of DMA memory that was mapped cached; without effect on other DMA memory. */
COMP_MUST_CHECK enum system_error system_cache(const void *address, uint64_t bytes,
                                               enum system_cache operation);

/* ---- devices and objects: slots come from comp_slot_take() ---- */

struct system_device {
    void *registers;
    uint64_t bytes;
    uint64_t physical;
    uint64_t irq_badge; /* 0 = no interrupt */
    void *dma;          /* NULL = none */
    uint64_t dma_bytes;
    uint64_t dma_physical;
};
/* `slot` 0: without its interrupt. */
COMP_MUST_CHECK enum system_error system_device(const char *name, uint32_t slot,
                                                struct system_device *out);
COMP_MUST_CHECK enum system_error system_irq(uint64_t number, uint32_t slot, uint64_t *badge);
COMP_MUST_CHECK enum system_error system_endpoint(uint32_t slot);
COMP_MUST_CHECK enum system_error system_notification(uint32_t slot, uint32_t other);
COMP_MUST_CHECK enum system_error system_channel(const char *component, uint32_t slot);
COMP_MUST_CHECK enum system_error system_free(uint32_t slot);

/* ---- the log ---- */

/* Any number of bytes; the root task prints whole lines. */
void system_log(const char *text, size_t bytes);
/* Returns when the root task has done all that was asked before. */
void system_sync(void);

/* ---- with RIGHT_INSPECT ---- */

struct system_component {
    uint64_t id;
    uint64_t state; /* enum system_state */
    uint64_t priority;
    uint64_t type; /* enum sysdesc_type */
    uint64_t restarts;
    uint64_t frames;
    uint64_t slots;
    uint64_t quota; /* bytes */
    char name[ENV_NAME_BYTES];
    char sentence[SYSTEM_ANSWER_TEXT - ENV_NAME_BYTES];
};
/* SYSTEM_NOT_FOUND behind the last index. */
COMP_MUST_CHECK enum system_error system_component(uint64_t index, struct system_component *out);

struct system_memory {
    uint64_t total; /* bytes */
    uint64_t free;
    uint64_t largest_free;
    uint64_t untypeds;
    uint64_t slots;
    uint64_t slots_free;
    uint64_t free_untypeds; /* parts of the free memory: each takes a slot */
};
COMP_MUST_CHECK enum system_error system_memory(struct system_memory *out);

struct system_cap {
    uint64_t slot;
    uint64_t type; /* enum cap_type_number */
    uint64_t rights;
    uint64_t badge;
    uint64_t address; /* of a mapping, 0 = none */
    char text[128];
};
/* The first used slot at or above `slot`; SYSTEM_NOT_FOUND when there is none. */
COMP_MUST_CHECK enum system_error system_caps(uint64_t component, uint64_t slot,
                                              struct system_cap *out);

/* The archive in the image, by index: SYSTEM_NOT_FOUND behind the last. */
COMP_MUST_CHECK enum system_error system_file(uint64_t index, uint64_t *bytes,
                                              char name[SYSTEM_PATH]);
/* Reads at most `bytes` from `offset` on; `*got` 0 = the end. */
COMP_MUST_CHECK enum system_error system_read_file(const char *name, uint64_t offset, void *to,
                                                   uint64_t bytes, uint64_t *got);

/* ---- with RIGHT_MANAGE ---- */

COMP_MUST_CHECK enum system_error system_spawn(const char *name);
COMP_MUST_CHECK enum system_error system_kill(const char *name);
COMP_MUST_CHECK enum system_error system_restart(const char *name);
/* Waits until the component's life has ended; at once when it has none. */
COMP_MUST_CHECK enum system_error system_wait(const char *name, int *status);
/* For the one component that lets the pauses before restarts pass: tells that the pause of
 * component `*id` is over (0 = none), and waits for the next one. */
COMP_MUST_CHECK enum system_error system_backoff(uint64_t *id, uint64_t *milliseconds);
/* Ends the run; returns only when that is denied. */
enum system_error system_halt(int status);
