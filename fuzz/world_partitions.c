/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Two partitions. Each has an address space with an ASID pool, a CNode as CSpace of its three
 * threads, an endpoint, notifications, Untypeds, frames and an interrupt; each slot number means
 * what it means in the other start states. The first lives in domain 0, the second in domain 1:
 * there one thread waits for a reply from a second one, which waits for a notification, and the
 * third is ready. The root task, which made it all, is suspended, so nobody has caps to both.
 */
#include "abi/syscalls.h"
#include "world_make.h"

enum {
    RADIX = 7,
    GUARD = DEPTH - RADIX,
    THREADS = 3,
    IPC_BUFFER_BYTES = sizeof(struct ipc_buffer),
};

static void make_pool_of_asids(void)
{
    make_objects_of(OBJECT_UNTYPED, ASID_POOL_BITS, ASID_POOL_BITS, WORLD_SLOT_END, 1);
    make_call((struct message){.cptr = SLOT_ASID_CONTROL,
                               .label = LABEL_ASID_CONTROL_MAKE_POOL,
                               .length = 2,
                               .words = {WORLD_SLOT_END + 1, DEPTH},
                               .cap_count = 2,
                               .caps = {WORLD_SLOT_END, ROOT}});
}

static void make_partition_objects(void)
{
    make_objects_of(OBJECT_VSPACE, 0, VSPACE_BITS, WORLD_VSPACE_C, 1);
    make_objects_of(OBJECT_PAGE_TABLE, 0, PAGE_TABLE_BITS, WORLD_TABLE_1, 3);
    make_objects_of(OBJECT_SMALL_PAGE, 0, PAGE_BITS, WORLD_FRAME_A, 1);
    make_objects_of(OBJECT_SMALL_PAGE, 0, PAGE_BITS, WORLD_FRAME, 1);
    make_objects_of(OBJECT_CNODE, RADIX, RADIX + SLOT_BITS, WORLD_CNODE_C, 1);
    make_objects_of(OBJECT_TCB, 0, TCB_BITS, WORLD_TCB_A, THREADS);
    make_objects_of(OBJECT_CNODE, 4, 4 + SLOT_BITS, WORLD_CNODE, 1);
    make_objects_of(OBJECT_UNTYPED, 12, 12, WORLD_UNTYPED_PAGE, 1);
    make_objects_of(OBJECT_UNTYPED, 9, 9, WORLD_UNTYPED_SMALL, 1);
    make_objects_of(OBJECT_ENDPOINT, 0, ENDPOINT_BITS, WORLD_ENDPOINT, 2);
    make_objects_of(OBJECT_NOTIFICATION, 0, NOTIFICATION_BITS, WORLD_NOTIFICATION, 2);
}

static void make_partition_caps(uint32_t irq)
{
    make_mint(WORLD_ENDPOINT, ROOT, WORLD_BADGED_5, DEPTH, 5);
    make_mint(WORLD_ENDPOINT, ROOT, WORLD_BADGED_7, DEPTH, 7);
    make_mint(WORLD_FAULT_ENDPOINT, ROOT, WORLD_BADGED_9, DEPTH, 9);
    make_mint(WORLD_NOTIFICATION, ROOT, WORLD_SIGNAL_1, DEPTH, 1);
    make_mint(WORLD_FRAME, ROOT, WORLD_FRAME_COPY, DEPTH, 0);
    make_irq(irq);
}

/* The threads' IPC buffers lie in one frame. The partition's slots 1 to 3 and 6 mean to it what
 * they mean to a root task. */
static void make_partition_threads(void)
{
    make_mint(WORLD_FRAME_A, ROOT, WORLD_FRAME_B, DEPTH, 0);
    make_mint(WORLD_FRAME_A, ROOT, WORLD_FRAME_C, DEPTH, 0);
    for (unsigned i = 0; i < THREADS; i++) {
        make_configured(WORLD_TCB_A + i, WORLD_BADGED_9, WORLD_CNODE_C, GUARD, WORLD_VSPACE_C,
                        WORLD_FRAME_A + i, PRIORITY_SERVER);
        make_call((struct message){.cptr = WORLD_TCB_A + i,
                                   .label = LABEL_TCB_SET_IPC_BUFFER,
                                   .length = 1,
                                   .words = {FRAME_VA + 0x1000 + i * IPC_BUFFER_BYTES},
                                   .cap_count = 1,
                                   .caps = {WORLD_FRAME_A + i}});
    }
    make_mint(WORLD_CNODE_C, WORLD_CNODE_C, ROOT, RADIX, GUARD);
    make_mint(WORLD_TCB_A, WORLD_CNODE_C, SLOT_INIT_TCB, RADIX, 0);
    make_mint(WORLD_VSPACE_C, WORLD_CNODE_C, SLOT_INIT_VSPACE, RADIX, 0);
    make_move(WORLD_SLOT_END + 1, WORLD_CNODE_C, SLOT_INIT_ASID_POOL, RADIX);
}

static bool is_used(unsigned slot)
{
    return !cap_is_null(slots_at(world_root_cnode())[slot].cap);
}

/* All but the threads' caps, which the root task still needs. */
static void hand_over(void)
{
    for (unsigned slot = WORLD_TCB_C + 1; slot < WORLD_SLOT_END; slot++)
        if (is_used(slot) && slot != WORLD_CNODE_C)
            make_move(slot, WORLD_CNODE_C, slot, RADIX);
    make_delete(WORLD_SLOT_END);
}

static void hand_over_threads(unsigned parked)
{
    for (unsigned slot = WORLD_TCB_A; slot <= WORLD_TCB_C; slot++)
        make_move(slot, WORLD_CNODE_C, slot, RADIX);
    make_move(WORLD_CNODE_C, ROOT, parked, DEPTH);
}

static void make_partition(uint32_t irq)
{
    make_pool_of_asids();
    make_partition_objects();
    make_partition_caps(irq);
    make_space();
    make_partition_threads();
    hand_over();
}

/* The server C first, then its client B, each running at once, being above the root task. */
static void start_second(void)
{
    make_resumed(WORLD_TCB_C);
    make_message(&(struct message){.cptr = WORLD_ENDPOINT});
    make_enter(SYS_RECV);
    make_resumed(WORLD_TCB_B);
    make_message(&(struct message){.cptr = WORLD_BADGED_5, .label = 3, .length = 6});
    make_enter(SYS_CALL);
    make_message(&(struct message){.cptr = WORLD_NOTIFICATION});
    make_enter(SYS_RECV);
}

static void set_domain(unsigned tcb, uint64_t domain)
{
    make_call((struct message){.cptr = SLOT_DOMAIN,
                               .label = LABEL_DOMAIN_SET_SET,
                               .length = 1,
                               .words = {domain},
                               .cap_count = 1,
                               .caps = {tcb}});
}

static void set_schedule(uint64_t index, uint64_t domain, uint64_t ticks)
{
    make_call((struct message){.cptr = SLOT_DOMAIN,
                               .label = LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE,
                               .length = 3,
                               .words = {index, domain, ticks}});
}

/* Lets A run, so that it is ready and no longer about to be started. */
static void start_third(void)
{
    make_resumed(WORLD_TCB_A);
    make_message(&(struct message){.cptr = SLOT_INIT_TCB,
                                   .label = LABEL_TCB_SET_PRIORITY,
                                   .length = 1,
                                   .words = {PRIORITY - 1},
                                   .cap_count = 1,
                                   .caps = {SLOT_INIT_TCB}});
    make_enter(SYS_CALL);
}

void make_partitions(void)
{
    make_root_equal();
    make_partition(WORLD_SECOND_IRQ);
    start_second();
    start_third();
    for (unsigned tcb = WORLD_TCB_A; tcb <= WORLD_TCB_C; tcb++)
        set_domain(tcb, 1);
    hand_over_threads(WORLD_PARKED_SECOND);
    make_partition(WORLD_DEVICE_IRQ);
    make_name(WORLD_TCB_A, "A");
    make_name(WORLD_TCB_B, "B");
    make_name(WORLD_TCB_C, "C");
    set_schedule(0, 0, 6);
    set_schedule(1, 1, 1);
    make_call((struct message){
        .cptr = SLOT_DOMAIN, .label = LABEL_DOMAIN_SET_SCHEDULE_SET_START, .length = 1});
    for (unsigned tcb = WORLD_TCB_A; tcb <= WORLD_TCB_C; tcb++)
        make_call((struct message){.cptr = tcb,
                                   .label = LABEL_TCB_SET_PRIORITY,
                                   .length = 1,
                                   .words = {PRIORITY - 1},
                                   .cap_count = 1,
                                   .caps = {SLOT_INIT_TCB}});
    for (unsigned tcb = WORLD_TCB_A; tcb <= WORLD_TCB_C; tcb++)
        make_resumed(tcb);
    hand_over_threads(WORLD_PARKED_FIRST);
    make_message(&(struct message){.cptr = SLOT_INIT_TCB, .label = LABEL_TCB_SUSPEND});
    make_enter(SYS_CALL);
}
