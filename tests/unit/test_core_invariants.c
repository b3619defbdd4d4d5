/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Each invariant fires: one scene with everything in it, one damage at a time, the sentence that
 * must come out.
 */
#include "asid.h"
#include "cdt.h"
#include "core_fixture.h"
#include "vspace.h"
#include "wait.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    D = FX_DEPTH,
    PRIORITY = 50
};

/* ---- the scene ---- */

static uint64_t endpoint, notification, bound, untyped, frame, cnode, zombie, handler, pool, vspace;
static uint64_t early_copy; /* of the endpoint's cap, in a slot before it */
static uint64_t r[2], ready[2], caller_slot, bound_slot;

static struct tcb *waiting(uint64_t *slot, uint64_t cptr)
{
    *slot = fx_thread(PRIORITY, true);
    fx_switch(fx_tcb(*slot));
    fx_recv(cptr);
    fx_switch(fx.root);
    return fx_tcb(*slot);
}

static void build_scene(void)
{
    uint64_t n;
    uint64_t calls = fx_new(OBJECT_ENDPOINT, 0);
    early_copy = fx_slot();
    endpoint = fx_new(OBJECT_ENDPOINT, 0);
    OK(ROOT, LABEL_CNODE_COPY, W(early_copy, D, endpoint, D, RIGHTS_ALL), C(ROOT));
    notification = fx_new(OBJECT_NOTIFICATION, 0);
    bound = fx_new(OBJECT_NOTIFICATION, 0);
    untyped = fx_new(OBJECT_UNTYPED, 14);
    frame = fx_new_from(untyped, OBJECT_SMALL_PAGE, 0);
    cnode = fx_new_from(untyped, OBJECT_CNODE, 4);
    zombie = fx_new_from(untyped, OBJECT_CNODE, 3);
    handler = fx_slot();
    pool = fx_slot();
    waiting(&r[0], endpoint);
    waiting(&r[1], endpoint);
    waiting(&n, notification);
    for (unsigned i = 0; i < 2; i++)
        ready[i] = fx_thread(PRIORITY, true);
    caller_slot = fx_thread(PRIORITY, true);
    fx_switch(fx_tcb(caller_slot));
    fx_syscall(SYS_CALL, calls, 1, W(), C());
    fx_switch(fx.root);
    fx_recv(calls);
    bound_slot = fx_thread(PRIORITY, false);
    OK(bound_slot, LABEL_TCB_BIND_NOTIFICATION, W(), C(bound));
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, D), C(ROOT));
    OK(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(pool, D),
       C(fx_new(OBJECT_UNTYPED, 12), ROOT));
    vspace = fx_new(OBJECT_VSPACE, 0);
    OK(pool, LABEL_ASID_POOL_ASSIGN, W(), C(vspace));
    OK(zombie, LABEL_CNODE_COPY, W(2, 3, SLOT_DOMAIN, D, 0), C(ROOT));
    fx.cpu->kernel->work_limit = 1;
    machine_preempt_at(1);
    fx_syscall_once(SYS_CALL, ROOT, LABEL_CNODE_DELETE, W(zombie, D), C());
    assert_int_equal(cap_type(fx_cap(zombie)), CAP_ZOMBIE);
}

static struct wait_queue *endpoint_queue(void)
{
    return &endpoint_of(fx_cap(endpoint))->queue;
}
static struct ready_queue *ready_queue(void)
{
    return &fx.cpu->kernel->ready[0].queue[PRIORITY];
}
static struct tcb *first_ready(void)
{
    return ready_queue()->head;
}

/* ---- damages ---- */

static void clear_prev(void)
{
    fx_at(frame)->prev = NULL;
}
static void early_next(void)
{
    fx_at(endpoint)->link = slot_flags(fx_at(endpoint)); /* the copy is visited first */
}
static void foreign_next(void)
{
    fx_at(SLOT_DOMAIN)->link = (uint64_t)fx_at(frame) | slot_flags(fx_at(SLOT_DOMAIN));
}
static void dirty_empty_slot(void)
{
    fx_at(SLOT_NULL)->cap.w[1] = 1;
}
static void linked_empty_slot(void)
{
    fx_at(SLOT_NULL)->link = SLOT_REVOCABLE;
}
static void two_sizes(void)
{
    uint64_t copy = fx_copy(cnode, 0);
    fx_at(copy)->cap = cap_cnode(cap_object(fx_cap(copy)), 3, 0, 0);
}
static void scattered_caps(void)
{
    cdt_insert_boot(fx_at(fx_slot()), fx_cap(endpoint));
}
static void zombie_too_long(void)
{
    fx_at(zombie)->cap.w[1] = 9;
}
static void zombie_too_short(void)
{
    fx_at(zombie)->cap.w[1] = 2;
}
static void watermark_too_low(void)
{
    fx_at(untyped)->cap = untyped_with_watermark(fx_cap(untyped), 4096);
}
static void watermark_too_high(void)
{
    fx_at(untyped)->cap = untyped_with_watermark(fx_cap(untyped), 1 << 15);
}
static void crooked_untyped(void)
{
    uint64_t slot = fx_slot();
    cdt_insert_boot(fx_at(slot), cap_untyped(0x40001000, 13, false, 0));
}
static void crooked_frame(void)
{
    fx_at(frame)->cap.w[1] += 16;
}
static void crooked_mapping(void)
{
    uint64_t large = fx_new_from(fx_device(21), OBJECT_LARGE_PAGE, 0);
    fx_at(large)->cap = with_mapping(fx_cap(large), 1, 0x1000);
}
static void overlap(void)
{
    uint64_t page = fx_new_from(untyped, OBJECT_SMALL_PAGE, 0);
    uint64_t pa = cap_object(fx_cap(frame));
    fx_at(page)->cap = cap_page_table(pa);
}
static void unregistered_pool(void)
{
    fx.cpu->kernel->asid_pools[1] = paddr(0);
}
static void pool_without_a_cap(void)
{
    fx.cpu->kernel->asid_pools[2] = paddr(cap_object(fx_cap(frame)));
}
static void asid_of_no_vspace(void)
{
    struct asid_pool *p = hal_window(paddr(cap_object(fx_cap(pool))));
    p->root[3] = cap_object(fx_cap(frame));
}
static void vspace_of_another_asid(void)
{
    fx_at(vspace)->cap =
        cap_vspace(cap_object(fx_cap(vspace)), (uint16_t)(mapping_asid(fx_cap(vspace)) + 1));
}
static void vspace_of_two_asids(void)
{
    uint64_t copy = fx_copy(vspace, RIGHTS_ALL);
    fx_at(copy)->cap = cap_vspace(cap_object(fx_cap(copy)), mapping_asid(fx_cap(vspace)) ^ 1);
}
static void idle_with_waiters(void)
{
    wait_set_state(endpoint_queue(), ENDPOINT_IDLE);
}
static void unknown_state(void)
{
    wait_set_state(endpoint_queue(), 3);
}
static void wrong_kind_of_waiter(void)
{
    fx_tcb(r[0])->state = THREAD_BLOCKED_SEND;
}
static void waits_elsewhere(void)
{
    fx_tcb(r[0])->blocked_on = paddr(cap_object(fx_cap(notification)));
}
static void wait_links(void)
{
    fx_tcb(r[1])->wait_prev = NULL;
}
static void wait_tail_wrong(void)
{
    endpoint_queue()->tail = (uint64_t)fx_tcb(r[0]) | ENDPOINT_RECEIVING;
}
static void blocked_in_no_queue(void)
{
    struct tcb *tcb = fx_tcb(bound_slot);
    tcb->state = THREAD_BLOCKED_RECEIVE;
    tcb->blocked_on = paddr(cap_object(fx_cap(endpoint)));
}
static void thread_state_unknown(void)
{
    fx_tcb(bound_slot)->state = THREAD_BLOCKED_NOTIFICATION + 1;
}
static void thread_domain_unknown(void)
{
    fx_tcb(bound_slot)->domain = 1;
}
static void slice_of_zero(void)
{
    fx_tcb(bound_slot)->slice = 0;
}
static void slice_too_long(void)
{
    fx_tcb(bound_slot)->slice = 6;
}
static void thread_without_a_cap(void)
{
    cdt_remove(fx_at(bound_slot)); /* its notification still leads to it */
}
static void runnable_but_not_queued(void)
{
    fx_tcb(bound_slot)->state = THREAD_RESTART;
}
static void bound_one_way(void)
{
    notification_of(fx_cap(bound))->bound = NULL;
}
static void bound_the_other_way(void)
{
    fx_tcb(bound_slot)->bound = NULL;
}
static void reply_to_nobody(void)
{
    fx_tcb(caller_slot)->state = THREAD_INACTIVE;
}
static void master_of_another(void)
{
    fx_tcb(ready[0])->slots[TCB_REPLY].cap = cap_reply(pa_of(fx_tcb(ready[1])), true, true);
}
static void caller_slot_misused(void)
{
    fx.root->slots[TCB_CALLER].cap = fx_cap(SLOT_DOMAIN);
}
static void second_master(void)
{
    struct slot *right = slot_next(&fx_tcb(caller_slot)->slots[TCB_REPLY]);
    right->cap = cap_reply(pa_of(fx_tcb(caller_slot)), true, true);
}
static void leftover_decision(void)
{
    fx.cpu->action = SCHED_CHOOSE;
}
static void leftover_candidate(void)
{
    fx.cpu->candidate = fx_tcb(ready[0]);
}
static void current_not_running(void)
{
    fx.root->state = THREAD_RESTART;
}
static void ready_bit_missing(void)
{
    fx.cpu->kernel->ready[0].bitmap[0] = 0;
    fx.cpu->kernel->ready[0].top = 0;
}
static void ready_bit_too_many(void)
{
    fx.cpu->kernel->ready[0].bitmap[0] |= 1;
}
static void ready_top(void)
{
    fx.cpu->kernel->ready[0].top |= 2;
}
static void ready_links(void)
{
    first_ready()->ready_next->ready_prev = NULL;
}
static void ready_priority(void)
{
    first_ready()->priority = PRIORITY + 1;
}
static void ready_blocked(void)
{
    first_ready()->state = THREAD_INACTIVE;
}
static void ready_tail(void)
{
    ready_queue()->tail = first_ready();
}
static void handler_inactive(void)
{
    fx.cpu->kernel->irqs[40].state = IRQ_INACTIVE;
}
static void active_without_handler(void)
{
    fx.cpu->kernel->irqs[41].state = IRQ_SIGNAL;
}

static void cancel_unknown_to_the_sender(void)
{
    fx.cpu->kernel->cancel =
        (struct cancel){fx.root, endpoint_of(fx_cap(endpoint)), 1, fx_tcb(r[0]), fx_tcb(r[1])};
}
static void cancel_outside_its_queue(void)
{
    cancel_unknown_to_the_sender(); /* these two receive */
    fx_tcb(r[0])->cancel = fx_tcb(r[1])->cancel = &fx.cpu->kernel->cancel;
}
static void sender_of_no_cancel(void)
{
    fx_tcb(ready[0])->cancel = &fx.cpu->kernel->cancel;
}

/* The image's first page, mapped read-write, and the level-3 table that shows it. */
static struct slot *page(void)
{
    return fx_at(fx.info->user_image_frames.start);
}
static struct slot *table(void)
{
    return fx_at(fx.info->user_image_paging.end - 1);
}
static void page_in_no_record(void)
{
    page()->cap = with_mapping(page()->cap, 0, 0);
}
static void page_of_another_address(void)
{
    page()->cap =
        with_mapping(page()->cap, mapping_asid(page()->cap), mapping_vaddr(page()->cap) + 4096);
}
static void page_of_another_space(void)
{
    page()->cap =
        with_mapping(page()->cap, mapping_asid(page()->cap) + 1, mapping_vaddr(page()->cap));
}
static void page_shows_another_frame(void)
{
    struct walk walk = vspace_find_frame(fx.cpu->kernel, page()->cap);
    *walk.entry ^= 1ull << PAGE_BITS; /* behind the machine's back */
}
static void page_allows_more_than_its_cap(void)
{
    page()->cap = frame_with_rights(page()->cap, RIGHT_READ);
}
static void page_allows_reading_without_the_right(void)
{
    page()->cap = frame_with_rights(page()->cap, 0);
}
static void table_in_no_record(void)
{
    table()->cap = cap_page_table(cap_object(table()->cap));
}
static void table_of_another_address(void)
{
    table()->cap = with_mapping(table()->cap, mapping_asid(table()->cap),
                                mapping_vaddr(table()->cap) ^ 1 << 21);
}

/* ---- the table ---- */

struct damage {
    void (*inflict)(void);
    const char *sentence;
};

static const char links_on[] = "the next entry of the derivation list does not point back";

static const char page_unknown[] = "what a page shows is in no cap's record";

static const struct damage damages[] = {
    {clear_prev, links_on},
    {foreign_next, links_on},
    {early_next, "the previous entry of the derivation list does not point back"},
    {dirty_empty_slot, "an empty slot is not all zero"},
    {linked_empty_slot, "an empty slot is not all zero"},
    {two_sizes, "two caps disagree on a size"},
    {scattered_caps, "caps to one object are apart in the derivation list"},
    {zombie_too_long, "a zombie counts more slots than it has"},
    {zombie_too_short, "a slot above a zombie's count is in use"},
    {watermark_too_low, "an object lies above its Untyped's watermark"},
    {watermark_too_high, "an Untyped's watermark is above its size"},
    {crooked_untyped, "an Untyped is not aligned to its size"},
    {crooked_frame, "an object is not aligned to its size"},
    {crooked_mapping, "a frame's recorded address is not aligned"},
    {overlap, "two objects overlap"},
    {unregistered_pool, "a pool with a cap is not registered"},
    {pool_without_a_cap, "a registered ASID pool has no cap"},
    {asid_of_no_vspace, "an ASID names a VSpace without a cap"},
    {vspace_of_another_asid, "an ASID names a VSpace that does not know it"},
    {vspace_of_two_asids, "two caps disagree on a VSpace's ASID"},
    {idle_with_waiters, "a wait queue does not fit its object's state"},
    {unknown_state, "an endpoint or notification is in no known state"},
    {wrong_kind_of_waiter, "a thread in a wait queue is not blocked that way"},
    {waits_elsewhere, "a thread waits in another queue than it says"},
    {wait_links, "a wait queue's links disagree"},
    {wait_tail_wrong, "a wait queue's tail is not its last thread"},
    {blocked_in_no_queue, "a blocked thread is not in the queue it waits in"},
    {thread_state_unknown, "a thread is in no known state"},
    {thread_domain_unknown, "a thread is in no known domain"},
    {slice_of_zero, "a thread's time slice is out of range"},
    {slice_too_long, "a thread's time slice is out of range"},
    {thread_without_a_cap, "a thread without a cap is still in use"},
    {runnable_but_not_queued, "a runnable thread is in no ready queue, or another one is in one"},
    {bound_one_way, "a bound notification does not point back"},
    {bound_the_other_way, "a bound thread does not point back"},
    {reply_to_nobody, "there is a right to reply to a thread that waits for none"},
    {master_of_another, "a master reply cap is not its thread's"},
    {caller_slot_misused, "a caller slot holds something else than a reply cap"},
    {second_master, "what follows a master reply cap is not its one reply cap"},
    {leftover_decision, "a scheduling decision is left over"},
    {leftover_candidate, "a scheduling decision is left over"},
    {current_not_running, "the current thread is not running"},
    {ready_bit_missing, "a ready bit does not fit its queue"},
    {ready_bit_too_many, "a ready bit does not fit its queue"},
    {ready_top, "the top ready word does not fit the bitmap"},
    {ready_links, "a ready queue's links disagree"},
    {ready_priority, "a thread is in the wrong ready queue"},
    {ready_blocked, "a runnable thread is in no ready queue, or another one is in one"},
    {ready_tail, "a ready queue's tail is not its last thread"},
    {cancel_unknown_to_the_sender, "a sender and a preempted CancelBadgedSends disagree"},
    {sender_of_no_cancel, "a sender and a preempted CancelBadgedSends disagree"},
    {cancel_outside_its_queue,
     "a preempted CancelBadgedSends goes on at a thread outside its queue"},
    {page_in_no_record, page_unknown},
    {page_of_another_address, page_unknown},
    {page_of_another_space, page_unknown},
    {page_shows_another_frame, page_unknown},
    {page_allows_more_than_its_cap, page_unknown},
    {page_allows_reading_without_the_right, page_unknown},
    {table_in_no_record, "a page table is linked without a record"},
    {table_of_another_address, "a page table is linked without a record"},
    {handler_inactive, "an interrupt with a handler cap is not active"},
    {active_without_handler, "an active interrupt has no handler cap"},
};
enum {
    DAMAGES = sizeof damages / sizeof damages[0]
};

static int scene(void **state)
{
    const void *damage = *state;
    fx_setup(state);
    fx.unrepeated = true; /* the same calls for each damage */
    build_scene();
    *state = (void *)(uintptr_t)damage;
    return 0;
}

static void is_reported(void **state)
{
    const struct damage *damage = *state;
    assert_null(fx_broken());
    damage->inflict();
    fx_reports(damage->sentence);
}

int main(void)
{
    struct CMUnitTest tests[DAMAGES];
    for (unsigned i = 0; i < DAMAGES; i++)
        tests[i] = (struct CMUnitTest){damages[i].sentence, is_reported, scene, fx_teardown,
                                       (void *)(uintptr_t)&damages[i]};
    return _cmocka_run_group_tests("invariants", tests, DAMAGES, NULL, NULL);
}
