/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Shows that the oracles on changes fire: each case runs one step, then damages the state as a
 * wrong kernel would, in a way that leaves the derivation list and all queues in order, and expects
 * a certain sentence. Prints TAP.
 */
#include <stdio.h>

#include "cdt.h"
#include "fire.h"
#include "internal.h"
#include "runner.h"
#include "thread.h"
#include "world.h"

/* Slot of a partition's CNode, which lies parked in the initial CNode. */
static struct slot *slot_of(unsigned parked, unsigned slot)
{
    return cnode_of(slots_at(world_root_cnode())[parked].cap) + slot;
}
static struct slot *first(unsigned slot)
{
    return slot_of(WORLD_PARKED_FIRST, slot);
}
static struct slot *second(unsigned slot)
{
    return slot_of(WORLD_PARKED_SECOND, slot);
}

enum {
    FREE_SLOT = 20
};

static void none(struct cpu *cpu)
{
    (void)cpu;
}

static void steal_endpoint(struct cpu *cpu)
{
    (void)cpu;
    cdt_insert_copy(second(WORLD_ENDPOINT), first(FREE_SLOT), second(WORLD_ENDPOINT)->cap);
}

static void copy_own_endpoint(struct cpu *cpu)
{
    (void)cpu;
    cdt_insert_copy(first(WORLD_ENDPOINT), first(FREE_SLOT), first(WORLD_ENDPOINT)->cap);
}

static void leak_endpoint(struct cpu *cpu)
{
    (void)cpu;
    cdt_insert_copy(first(WORLD_ENDPOINT), second(FREE_SLOT), first(WORLD_ENDPOINT)->cap);
}

static void steal_reply_right(struct cpu *cpu)
{
    struct slot *right = &tcb_of(second(WORLD_TCB_C)->cap)->slots[TCB_CALLER];
    cdt_move(right, &cpu->current->slots[TCB_CALLER], right->cap);
}

static void steal_cspace(struct cpu *cpu)
{
    struct tcb *tcb = tcb_of(first(WORLD_TCB_B)->cap);
    (void)cpu;
    cdt_remove(&tcb->slots[TCB_CSPACE]);
    cdt_insert_copy(second(SLOT_INIT_CNODE), &tcb->slots[TCB_CSPACE], second(SLOT_INIT_CNODE)->cap);
}

static uint64_t *table_entry(unsigned which, unsigned index)
{
    return (uint64_t *)hal_window(paddr(cap_object(first(which)->cap))) + index;
}

static void map_foreign_frame(struct cpu *cpu)
{
    (void)cpu;
    *table_entry(WORLD_TABLE_3, 0x20) = cap_object(second(WORLD_FRAME)->cap) | 0x20000000000f43;
}

/* From where it was to another page of its table, with its record in the cap. */
static void map_own_frame(struct cpu *cpu)
{
    struct cap table = first(WORLD_TABLE_3)->cap;
    struct slot *frame = first(WORLD_FRAME);
    (void)cpu;
    *table_entry(WORLD_TABLE_3, mapping_vaddr(frame->cap) / 4096 % 512) = 0;
    *table_entry(WORLD_TABLE_3, 0x20) = cap_object(frame->cap) | 0x20000000000f43;
    frame->cap = with_mapping(frame->cap, mapping_asid(table), mapping_vaddr(table) + 0x20 * 4096);
}

static void bind_foreign(struct cpu *cpu)
{
    struct notification *notification = notification_of(second(WORLD_NOTIFICATION_2)->cap);
    cpu->current->bound = notification;
    notification->bound = cpu->current;
}

static void rise(struct cpu *cpu)
{
    cpu->current->mcp = PRIORITY_COUNT - 1;
}

static void change_domain(struct cpu *cpu)
{
    cpu->current->domain = 1;
}

static void route_interrupt(struct cpu *cpu)
{
    struct slot *slot = &cpu->kernel->irqs[WORLD_DEVICE_IRQ].slot;
    cdt_remove(slot);
    cdt_insert_copy(second(WORLD_NOTIFICATION), slot, second(WORLD_NOTIFICATION)->cap);
}

static void write_register(struct cpu *cpu)
{
    (void)cpu;
    tcb_of(second(WORLD_TCB_A)->cap)->context.reg[REG_X0 + 9] ^= 1;
}

static void write_memory(struct cpu *cpu)
{
    (void)cpu;
    *(uint64_t *)hal_window(paddr(cap_object(second(WORLD_FRAME)->cap))) = 1;
}

static void wake(struct cpu *cpu)
{
    (void)cpu;
    notification_of(second(WORLD_NOTIFICATION_2)->cap)->word = 1;
}

static void drop_cap(struct cpu *cpu)
{
    (void)cpu;
    cdt_remove(second(WORLD_FRAME_COPY));
}

static void mask_interrupt(struct cpu *cpu)
{
    (void)cpu;
    hal_irq_enable(WORLD_SECOND_IRQ, false);
}

#define P WORLD_PARTITIONS
static const struct fire_test tests[] = {
    {"no damage", P, none, NULL},
    {"a copy of an own cap is in order", P, copy_own_endpoint, NULL},
    {"an own frame mapped is in order", P, map_own_frame, NULL},
    {"a foreign cap in the CSpace", P, steal_endpoint, "nothing in the CSpace"},
    {"an own cap in a foreign CSpace", P, leak_endpoint, "outside the CSpace"},
    {"a foreign reply right", P, steal_reply_right, "a right to reply appeared"},
    {"a foreign CNode as CSpace root", P, steal_cspace, "a thread got a cap from nowhere"},
    {"a foreign frame mapped", P, map_foreign_frame, "a descriptor leads to memory"},
    {"bound to a foreign notification", P, bind_foreign, "bound to a notification"},
    {"a higher maximum priority", P, rise, "rose above"},
    {"another domain", P, change_domain, "changed its domain"},
    {"an interrupt to a foreign notification", P, route_interrupt,
     "an interrupt got a notification"},
    {"a register of the other partition", P, write_register, "interference"},
    {"memory of the other partition", P, write_memory, "interference"},
    {"a notification of the other partition", P, wake, "interference"},
    {"a cap of the other partition gone", P, drop_cap, "interference"},
    {"the other partition's interrupt masked", P, mask_interrupt, "interrupt is no longer ready"},
};

enum {
    TESTS = sizeof tests / sizeof tests[0]
};

int main(void)
{
    static const struct run_options options = {.refusals = true, .no_model = true};
    run_init(stats_open());
    printf("1..%d\n", TESTS);
    return fire_all(tests, TESTS, 1, &options, "") != 0;
}
