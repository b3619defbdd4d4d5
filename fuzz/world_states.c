/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The larger start states: every kind of object, several threads (world.h).
 */
#include "world_make.h"

static void make_objects(void)
{
    uint64_t untyped = make_find_untyped(false, 16);
    make_retype(untyped, OBJECT_VSPACE, 0, WORLD_VSPACE_C, 1);
    make_retype(untyped, OBJECT_PAGE_TABLE, 0, WORLD_TABLE_1, 3);
    make_retype(untyped, OBJECT_SMALL_PAGE, 0, WORLD_FRAME_A, 4);
    make_retype(untyped, OBJECT_UNTYPED, 12, WORLD_UNTYPED_PAGE, 1);
    make_retype(untyped, OBJECT_PAGE_TABLE, 0, WORLD_SPARE_TABLE, 1);
    make_retype(untyped, OBJECT_VSPACE, 0, WORLD_SPARE_VSPACE, 1);
    make_retype(untyped, OBJECT_TCB, 0, WORLD_TCB_A, 3);
    make_retype(untyped, OBJECT_CNODE, 6, WORLD_CNODE_C, 1);
    make_retype(untyped, OBJECT_CNODE, 4, WORLD_CNODE, 1);
    make_retype(untyped, OBJECT_UNTYPED, 9, WORLD_UNTYPED_SMALL, 1);
    make_retype(untyped, OBJECT_ENDPOINT, 0, WORLD_ENDPOINT, 2);
    make_retype(untyped, OBJECT_NOTIFICATION, 0, WORLD_NOTIFICATION, 2);
    make_retype(make_find_untyped(true, 21), OBJECT_LARGE_PAGE, 0, WORLD_LARGE_PAGE, 1);
    make_retype(make_find_untyped(true, 31), OBJECT_HUGE_PAGE, 0, WORLD_HUGE_PAGE, 1);
}

static void make_caps(void)
{
    make_mint(WORLD_ENDPOINT, ROOT, WORLD_BADGED_5, DEPTH, 5);
    make_mint(WORLD_ENDPOINT, ROOT, WORLD_BADGED_7, DEPTH, 7);
    make_mint(WORLD_FAULT_ENDPOINT, ROOT, WORLD_BADGED_9, DEPTH, 9);
    make_mint(WORLD_BADGED_5, ROOT, WORLD_BADGED_5_COPY, DEPTH, 0);
    make_mint(WORLD_NOTIFICATION, ROOT, WORLD_SIGNAL_1, DEPTH, 1);
    make_mint(WORLD_FRAME, ROOT, WORLD_FRAME_COPY, DEPTH, 0);
    make_irq(WORLD_DEVICE_IRQ);
}

static void make_space_of_c(void)
{
    make_space();
    make_mint(WORLD_TCB_C, WORLD_CNODE_C, 1, 6, 0);
    make_mint(WORLD_CNODE_C, WORLD_CNODE_C, 2, 6, (DEPTH - 6) | 0);
    make_mint(WORLD_ENDPOINT, WORLD_CNODE_C, 3, 6, 0);
    make_mint(WORLD_BADGED_9, WORLD_CNODE_C, 4, 6, 0);
    make_mint(WORLD_NOTIFICATION, WORLD_CNODE_C, 5, 6, 0);
    make_mint(WORLD_BADGED_7, WORLD_CNODE_C, 6, 6, 0);
}

static void make_threads(void)
{
    make_configured(WORLD_TCB_A, WORLD_FAULT_ENDPOINT, ROOT, 0, SLOT_INIT_VSPACE, WORLD_FRAME_A,
                    PRIORITY);
    make_configured(WORLD_TCB_B, WORLD_BADGED_9, ROOT, 0, SLOT_INIT_VSPACE, WORLD_FRAME_B,
                    PRIORITY);
    make_configured(WORLD_TCB_C, 4, WORLD_CNODE_C, DEPTH - 6, WORLD_VSPACE_C, WORLD_FRAME_C,
                    PRIORITY_SERVER);
    make_root_equal();
}

static void name_threads(void)
{
    make_name(WORLD_TCB_A, "A");
    make_name(WORLD_TCB_B, "B");
    make_name(WORLD_TCB_C, "C");
}

/* What the larger states have in common. */
static void make_common(void)
{
    make_objects();
    make_caps();
    make_space_of_c();
    make_threads();
    name_threads();
}

/* ---- the states ---- */

/* C runs at once, being above the root task, and waits on the endpoint. */
static void start_server(void)
{
    make_resumed(WORLD_TCB_C);
    make_message(&(struct message){.cptr = 3});
    make_enter(SYS_RECV);
}

void make_peers(void)
{
    make_common();
    start_server();
    make_resumed(WORLD_TCB_A);
    make_resumed(WORLD_TCB_B);
}

static void set_schedule(uint64_t index, uint64_t domain, uint64_t ticks)
{
    make_call((struct message){.cptr = SLOT_DOMAIN,
                               .label = LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE,
                               .length = 3,
                               .words = {index, domain, ticks}});
}

/* B calls and A sends by badged caps; both get the processor by Yield. */
void make_domains(void)
{
    make_common();
    start_server();
    make_resumed(WORLD_TCB_B);
    make_enter(SYS_YIELD);
    make_message(&(struct message){.cptr = WORLD_BADGED_5, .label = 1, .length = 5});
    make_enter(SYS_CALL); /* C runs and holds the right to reply to B */
    make_message(&(struct message){.cptr = 5});
    make_enter(SYS_RECV); /* C waits for the notification */
    make_resumed(WORLD_TCB_A);
    make_enter(SYS_YIELD);
    make_message(&(struct message){.cptr = WORLD_BADGED_7, .length = 2});
    make_enter(SYS_SEND); /* A waits in the endpoint's queue */
    set_schedule(0, 0, 3);
    set_schedule(1, 1, 2);
    make_call((struct message){
        .cptr = SLOT_DOMAIN, .label = LABEL_DOMAIN_SET_SCHEDULE_SET_START, .length = 1});
    make_call((struct message){.cptr = SLOT_DOMAIN,
                               .label = LABEL_DOMAIN_SET_SET,
                               .length = 1,
                               .words = {1},
                               .cap_count = 1,
                               .caps = {WORLD_TCB_B}});
    make_call((struct message){.cptr = WORLD_TCB_A,
                               .label = LABEL_TCB_BIND_NOTIFICATION,
                               .cap_count = 1,
                               .caps = {WORLD_NOTIFICATION_2}});
}

/* The small CNode holds the last cap of C's CNode, which holds the last caps of the small CNode
 * (a copy stays in the root CNode) and of B. */
void make_knot(void)
{
    make_common();
    make_resumed(WORLD_TCB_A);
    make_resumed(WORLD_TCB_B);
    make_mint(WORLD_CNODE, WORLD_CNODE_C, 7, 6, 0);
    make_mint(WORLD_CNODE, WORLD_CNODE, 3, 4, 0);
    make_mint(WORLD_BADGED_5, WORLD_CNODE, 4, 4, 0);
    make_move(WORLD_TCB_B, WORLD_CNODE_C, 8, 6);
    make_move(WORLD_TCB_C, WORLD_CNODE_C, 9, 6);
    make_move(WORLD_CNODE_C, WORLD_CNODE, 5, 4);
}
