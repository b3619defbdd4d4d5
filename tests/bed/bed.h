/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A test bed for components: a program that boots, makes the components of a plan with their
 * devices, channels and rings, answers the few requests that they need, and ends with the largest
 * exit status. It takes nothing back and restarts nothing: it is there so that drivers and
 * libraries can be tested by themselves, without the system's root task.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/bootinfo.h"
#include "comp/env.h"
#include "comp/layout.h"
#include "comp/protocol.h"
#include "kaal/invocations.h"

enum {
    BED_LIST = 8,
    BED_STATUS = 90, /* the bed's own: something could not be made, or a component faulted */
};

struct bed_device {
    const char *name;
    uint64_t address; /* 0 = interrupt only */
    uint32_t irq;     /* 0 = none */
};

struct bed_component {
    const char *name;
    const char *elf;
    uint64_t priority;
    bool waits; /* a server: the run ends without it */
    const char *argument[BED_LIST];
    struct bed_device device[BED_LIST];
};

struct bed_channel {
    const char *name, *client, *server;
    uint64_t buffer; /* bytes, at most a page */
};

struct bed_ring {
    const char *name, *producer, *consumer;
    uint32_t entries, entry_bytes; /* at most 15 pages */
};

struct bed_plan {
    struct bed_component component[BED_LIST];
    struct bed_channel channel[BED_LIST];
    struct bed_ring ring[BED_LIST];
};

/* Given by the test. Lists end with a zero. */
extern const struct bed_plan bed_plan;

/* The bytes of build/components/NAME.elf in this program. */
#define BED_ELF(name)    extern const char _binary_##name##_elf_start[]
#define BED_ELF_OF(name) _binary_##name##_elf_start

/* ---- between the files of the bed ---- */

/* A component as made; slots are the bed's own. */
struct bed_life {
    const struct bed_component *plan;
    struct env *env; /* mapped here too */
    const struct control *control;
    uint64_t vspace, cnode, tcb, notification, endpoint;
    uint32_t slots;  /* next slot of its CNode */
    uint32_t bits;   /* used in its notification */
    uint64_t shared; /* next address for shared memory */
    uint64_t mmio;
    uint64_t text; /* bytes of env.strings used */
    bool ended;
    struct {
        uint32_t slot;
        struct bed_life *server;
    } channel[BED_LIST];
};

extern struct bed_life bed_life[BED_LIST];

_Noreturn void bed_fail(const char *what, const char *about);
void bed_must(enum error_code e, const char *what);
void bed_open(const struct bootinfo *bootinfo);
uint64_t bed_object(enum object_type type, uint64_t bits);
uint64_t bed_copy(uint64_t slot, uint64_t rights, uint64_t badge);
/* A copy of a cap into the component's CNode. */
uint32_t bed_give(struct bed_life *to, uint64_t slot, uint64_t rights, uint64_t badge);
/* Maps `frame` at `vaddr`, tables made as needed. */
void bed_map(uint64_t vspace, uint64_t frame, uint64_t vaddr, uint64_t rights, bool device);
/* A new page, mapped in `vspace` at `vaddr` and at the result here. */
void *bed_page(uint64_t vspace, uint64_t vaddr, uint64_t rights);
/* The device page at that address. */
uint64_t bed_device_frame(uint64_t address);
struct bed_life *bed_find(const char *name);
void bed_spawn(struct bed_life *life, const struct bed_component *plan, uint64_t system);
void bed_start(const struct bed_life *life);
struct env_entry *bed_entry(struct bed_life *life, const char *name, enum env_kind kind);
/* A new bit of the component's notification, as a cap of the bed's. */
uint64_t bed_bit(struct bed_life *life, uint64_t *badge);
