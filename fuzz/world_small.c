/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The explorer's start states: few caps, few threads, so that few steps reach all there is. What
 * boot hands out and the state does not need is deleted.
 */
#include "world_make.h"

/* Deletes the boot caps from `first` on, but for the Untyped in `kept` (0 = none). */
static void delete_boot_caps(unsigned first, unsigned kept)
{
    for (unsigned slot = first; slot < WORLD_TCB_A; slot++)
        if (slot != kept && !cap_is_null(slots_at(world_root_cnode())[slot].cap))
            make_delete(slot);
}

static void make_threads(unsigned count)
{
    static const uint8_t frames[] = {WORLD_FRAME_A, WORLD_FRAME_B, WORLD_FRAME_C};
    static const char *const names[] = {"A", "B", "C"};
    make_objects_of(OBJECT_TCB, 0, TCB_BITS, WORLD_TCB_A, count);
    make_objects_of(OBJECT_SMALL_PAGE, 0, PAGE_BITS, WORLD_FRAME_A, count);
    make_objects_of(OBJECT_ENDPOINT, 0, ENDPOINT_BITS, WORLD_ENDPOINT, 2);
    make_objects_of(OBJECT_NOTIFICATION, 0, NOTIFICATION_BITS, WORLD_NOTIFICATION, 1);
    for (unsigned i = 0; i < count; i++) {
        make_configured(WORLD_TCB_A + i, WORLD_FAULT_ENDPOINT, ROOT, 0, SLOT_INIT_VSPACE, frames[i],
                        PRIORITY);
        make_name(WORLD_TCB_A + i, names[i]);
    }
}

/* Where a message's cap goes to, in the buffer of the current thread. */
static void set_receive_slot(unsigned slot)
{
    make_receive_slot(ROOT, slot, DEPTH);
}

static void suspend_root(void)
{
    make_message(&(struct message){.cptr = SLOT_INIT_TCB, .label = LABEL_TCB_SUSPEND});
    make_enter(SYS_CALL);
}

void make_exchange(void)
{
    make_threads(3);
    make_mint(WORLD_ENDPOINT, ROOT, WORLD_BADGED_5, DEPTH, 5);
    delete_boot_caps(SLOT_FIRST_DYNAMIC, 0);
    for (unsigned i = 0; i < 3; i++)
        make_resumed(WORLD_TCB_A + i);
    make_root_equal();
    suspend_root();
    for (unsigned i = 0; i < 3; i++) {
        set_receive_slot(WORLD_SLOT_END);
        make_enter(SYS_YIELD);
    }
}

void make_tree(void)
{
    make_threads(1);
    make_objects_of(OBJECT_CNODE, 2, 2 + SLOT_BITS, WORLD_CNODE, 1);
    make_objects_of(OBJECT_CNODE, 2, 2 + SLOT_BITS, WORLD_CNODE_C, 1);
    make_mint(WORLD_ENDPOINT, ROOT, WORLD_BADGED_5, DEPTH, 5);
    make_mint(WORLD_BADGED_5, ROOT, WORLD_BADGED_5_COPY, DEPTH, 0);
    make_mint(WORLD_CNODE_C, WORLD_CNODE, 1, 2, 0);
    delete_boot_caps(SLOT_FIRST_DYNAMIC, 0);
    make_resumed(WORLD_TCB_A);
    make_root_equal();
}

void make_pool(void)
{
    make_threads(1);
    make_objects_of(OBJECT_UNTYPED, 12, 12, WORLD_UNTYPED_PAGE, 1);
    make_objects_of(OBJECT_UNTYPED, 10, 10, WORLD_UNTYPED_SMALL, 1);
    make_objects_of(OBJECT_CNODE, 3, 3 + SLOT_BITS, WORLD_CNODE, 1);
    delete_boot_caps(SLOT_FIRST_DYNAMIC, make_find_untyped(true, 21));
    make_resumed(WORLD_TCB_A);
    make_root_equal();
}

void make_spaces(void)
{
    make_threads(1);
    make_objects_of(OBJECT_VSPACE, 0, VSPACE_BITS, WORLD_VSPACE_C, 1);
    make_objects_of(OBJECT_VSPACE, 0, VSPACE_BITS, WORLD_SPARE_VSPACE, 1);
    make_objects_of(OBJECT_PAGE_TABLE, 0, PAGE_TABLE_BITS, WORLD_TABLE_1, 3);
    make_objects_of(OBJECT_PAGE_TABLE, 0, PAGE_TABLE_BITS, WORLD_SPARE_TABLE, 1);
    make_objects_of(OBJECT_SMALL_PAGE, 0, PAGE_BITS, WORLD_FRAME, 1);
    make_objects_of(OBJECT_UNTYPED, 12, 12, WORLD_UNTYPED_PAGE, 1);
    make_retype(make_find_untyped(true, 21), OBJECT_LARGE_PAGE, 0, WORLD_LARGE_PAGE, 1);
    make_space();
    make_mint(WORLD_FRAME, ROOT, WORLD_FRAME_COPY, DEPTH, 0);
    delete_boot_caps(SLOT_FIRST_DYNAMIC, make_find_untyped(true, 21));
    make_resumed(WORLD_TCB_A);
    make_root_equal();
}
