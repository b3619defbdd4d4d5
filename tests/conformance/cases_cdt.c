/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The derivation tree as Revoke shows it, deletion, zombies (abi/objects.md §3, abi/vectors.md §3).
 */
#include "probe.h"
#include "suites.h"

static void revoke(uint64_t slot)
{
    must(kaal_cnode_revoke(at(slot)));
}

static void badged_copies(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), a = mint_of(ep, RIGHTS_ALL, 31);
    uint64_t b = copy_of(a, RIGHTS_ALL), c = mint_of(ep, RIGHTS_ALL, 31);
    revoke(b);
    check(occupied(a) && occupied(b) && occupied(c));
    revoke(a);
    check(occupied(a) && !occupied(b) && occupied(c));
    revoke(ep);
    check(!occupied(a) && !occupied(c) && occupied(ep));
}

static void copies_are_siblings(void)
{
    static const struct {
        enum object_type type;
        uint64_t bits;
    } rows[] = {{OBJECT_ENDPOINT, 0},
                {OBJECT_NOTIFICATION, 0},
                {OBJECT_TCB, 0},
                {OBJECT_CNODE, 4},
                {OBJECT_SMALL_PAGE, 0}};
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t x = object(rows[i].type, rows[i].bits), first = copy_of(x, RIGHTS_ALL);
        uint64_t second = copy_of(first, RIGHTS_ALL);
        revoke(first);
        revoke(second);
        check(occupied(first) && occupied(second));
        revoke(x);
        check(occupied(x) && !occupied(first) && !occupied(second));
    }
}

static void mapped_objects(void)
{
    uint64_t s = vspace(), table = object(OBJECT_PAGE_TABLE, 0);
    must(kaal_page_table_map(table, s, 0, 0));
    uint64_t copy = copy_of(table, RIGHTS_ALL), space = copy_of(s, RIGHTS_ALL);
    uint64_t second = copy_of(space, RIGHTS_ALL);
    revoke(copy);
    revoke(space);
    check(occupied(table) && occupied(copy) && occupied(space) && occupied(second));
    revoke(table);
    check(occupied(table) && !occupied(copy));
    revoke(s);
    check(occupied(s) && !occupied(space) && !occupied(second));
}

static void original_deleted(void)
{
    uint64_t from = untyped(12), x = slot_new();
    must(kaal_untyped_retype(from, OBJECT_ENDPOINT, 0, (struct kaal_slot){ROOT, 0, 0}, x, 1));
    uint64_t first = copy_of(x, RIGHTS_ALL), second = copy_of(first, RIGHTS_ALL);
    must(kaal_cnode_delete(at(x)));
    revoke(first);
    revoke(second);
    check(occupied(first) && occupied(second));
    revoke(from);
    check(!occupied(first) && !occupied(second));
}

static void badged_child_of_a_copy(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), copy = copy_of(ep, RIGHTS_ALL);
    uint64_t badged = mint_of(copy, RIGHTS_ALL, 5), again = copy_of(badged, RIGHTS_ALL);
    /* A copy is not revocable, so it has no children; the badged cap has. */
    revoke(copy);
    check(occupied(badged) && occupied(again));
    revoke(badged);
    check(occupied(badged) && !occupied(again));
    revoke(ep);
    check(!occupied(copy) && !occupied(badged));
}

static void deleting_the_first_badged(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), a = mint_of(ep, RIGHTS_ALL, 7);
    uint64_t b = copy_of(a, RIGHTS_ALL), c = copy_of(a, RIGHTS_ALL);
    /* After A is gone the next entry leads its badge, but it is a copy: nothing to revoke. */
    must(kaal_cnode_delete(at(a)));
    revoke(b);
    revoke(c);
    check(occupied(b) && occupied(c));
    revoke(ep);
    check(!occupied(b) && !occupied(c));
}

static void moves_keep_the_place(void)
{
    uint64_t ep = object(OBJECT_ENDPOINT, 0), a = mint_of(ep, RIGHTS_ALL, 7);
    uint64_t b = copy_of(a, RIGHTS_ALL), to = slot_new(), parent = slot_new();
    must(kaal_cnode_move(at(to), at(a)));
    revoke(to);
    check(occupied(to) && !occupied(b));
    must(kaal_cnode_move(at(parent), at(ep)));
    revoke(parent);
    check(occupied(parent) && !occupied(to));
}

static void swap(uint64_t a, uint64_t pivot)
{
    must(kaal_cnode_rotate(at(a), 0, at(pivot), 0, at(a)));
}

/* Originals with children change places, then an original with its own copies, near and far. */
static void swaps_keep_the_tree(void)
{
    uint64_t cnode = object(OBJECT_CNODE, 2), tcb = object(OBJECT_TCB, 0);
    uint64_t tcb_copies[3], cnode_copies[3];
    for (unsigned i = 0; i < 3; i++) {
        cnode_copies[i] = copy_of(cnode, 0);
        tcb_copies[i] = copy_of(tcb, 0);
    }
    swap(cnode, tcb);
    revoke(cnode); /* holds the TCB now */
    for (unsigned i = 0; i < 3; i++) {
        check(!occupied(tcb_copies[i]) && occupied(cnode_copies[i]));
    }
    for (unsigned i = 0; i < 3; i++) {
        /* The original moves from slot to slot; the copy that was there takes its place. */
        swap(i == 0 ? tcb : cnode_copies[i - 1], cnode_copies[i]);
    }
    revoke(tcb);
    revoke(cnode_copies[0]);
    revoke(cnode_copies[1]);
    check(occupied(tcb) && occupied(cnode_copies[0]) && occupied(cnode_copies[1]));
    revoke(cnode_copies[2]);
    check(!occupied(tcb) && !occupied(cnode_copies[0]) && !occupied(cnode_copies[1]));
    check(occupied(cnode_copies[2]) && occupied(cnode));
    must(kaal_tcb_suspend(cnode));
}

static void untyped_tree(void)
{
    uint64_t outer = untyped(16), slots = slots_new(6);
    struct kaal_slot root = {ROOT, 0, 0};
    must(kaal_untyped_retype(outer, OBJECT_UNTYPED, 14, root, slots, 2));
    must(kaal_untyped_retype(slots, OBJECT_SMALL_PAGE, 0, root, slots + 2, 1));
    must(kaal_untyped_retype(slots + 1, OBJECT_CNODE, 5, root, slots + 3, 1));
    uint64_t frame_copy = copy_of(slots + 2, RIGHTS_ALL);
    must(kaal_cnode_copy((struct kaal_slot){slots + 3, 1, 5}, at(slots + 2), RIGHTS_ALL));
    revoke(slots);
    check(!occupied(slots + 2) && !occupied(frame_copy) && occupied(slots + 3));
    must(kaal_cnode_delete((struct kaal_slot){slots + 3, 1, 5}));
    revoke(outer);
    check(!occupied(slots) && !occupied(slots + 1) && !occupied(slots + 3));
    /* All of it is free again. */
    must(kaal_untyped_retype(outer, OBJECT_UNTYPED, 16, root, slots, 1));
}

static void siblings_stay(void)
{
    uint64_t from = untyped(14), slots = slots_new(3);
    struct kaal_slot root = {ROOT, 0, 0};
    must(kaal_untyped_retype(from, OBJECT_ENDPOINT, 0, root, slots, 3));
    uint64_t copy = copy_of(slots + 1, RIGHTS_ALL);
    revoke(slots + 1);
    check(!occupied(copy) && occupied(slots) && occupied(slots + 2));
    must(kaal_cnode_delete(at(slots + 1)));
    check(occupied(slots) && occupied(slots + 2));
}

static void cnode_emptied(void)
{
    uint64_t cnode = object(OBJECT_CNODE, 4), ep = object(OBJECT_ENDPOINT, 0);
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0);
    for (unsigned i = 0; i < 16; i++) {
        must(kaal_cnode_mint((struct kaal_slot){cnode, i, 4}, at(ep), RIGHTS_ALL, i + 1));
    }
    must(kaal_cnode_delete((struct kaal_slot){cnode, 3, 4}));
    must(kaal_cnode_move((struct kaal_slot){cnode, 3, 4}, at(ntfn)));
    must(kaal_cnode_delete(at(cnode)));
    check(!occupied(cnode));
    /* Nothing of it is left: the endpoint has no badged children to revoke, it works on. */
    revoke(ep);
    check(occupied(ep));
}

static void cnode_that_holds_itself(void)
{
    uint64_t cnode = object(OBJECT_CNODE, 4);
    must(kaal_cnode_move((struct kaal_slot){cnode, 5, 4}, at(object(OBJECT_ENDPOINT, 0))));
    must(kaal_cnode_copy((struct kaal_slot){cnode, 7, 4}, at(cnode), 0));
    must(kaal_cnode_delete(at(cnode)));
    /* The copy inside is the last cap now, out of reach; revoking the Untyped takes it away. */
    check(!occupied(cnode));

    cnode = object(OBJECT_CNODE, 4);
    uint64_t outside = copy_of(cnode, 0);
    must(kaal_cnode_move((struct kaal_slot){outside, 7, 4}, at(cnode)));
    must(kaal_cnode_delete((struct kaal_slot){outside, 7, 4}));
    must(kaal_cnode_delete(at(outside)));
    check(!occupied(outside));
}

/* The only cap of a CNode lies in the CNode itself, at each place, alone and beside others. */
static void last_cap_inside(void)
{
    uint64_t from = untyped(12), cnode = slot_new();
    struct kaal_slot root = {ROOT, 0, 0};
    for (uint64_t radix = 1; radix <= 3; radix += 2) {
        for (uint64_t place = 0; place < 1ull << radix; place++) {
            for (uint64_t fill = 0; fill < 2; fill++) {
                must(kaal_untyped_retype(from, OBJECT_CNODE, radix, root, cnode, 1));
                for (uint64_t i = 0; fill == 1 && i < 1ull << radix; i++) {
                    struct kaal_slot to = {cnode, i, radix};
                    if (i != place) {
                        must(kaal_cnode_move(to, at(object(OBJECT_ENDPOINT, 0))));
                    }
                }
                must(kaal_cnode_move((struct kaal_slot){cnode, place, radix}, at(cnode)));
                must(kaal_cnode_revoke(at(from)));
            }
        }
    }
    must(kaal_untyped_retype(from, OBJECT_UNTYPED, 12, root, cnode, 1));
}

static void cycle_of_cnodes(void)
{
    uint64_t from = untyped(14), a = slot_new(), b = slot_new();
    struct kaal_slot root = {ROOT, 0, 0};
    must(kaal_untyped_retype(from, OBJECT_CNODE, 4, root, a, 1));
    must(kaal_untyped_retype(from, OBJECT_CNODE, 4, root, b, 1));
    must(kaal_cnode_copy((struct kaal_slot){a, 1, 4}, at(b), 0));
    must(kaal_cnode_move((struct kaal_slot){b, 1, 4}, at(a)));
    /* b is reachable, a only through b; deleting b leaves a cycle without an outside cap. */
    must(kaal_cnode_delete(at(b)));
    revoke(from);
    must(kaal_untyped_retype(from, OBJECT_CNODE, 8, root, a, 1));
}

static void tcb_deleted(void)
{
    struct probe *p = probe_new();
    uint64_t ntfn = object(OBJECT_NOTIFICATION, 0), ep = object(OBJECT_ENDPOINT, 0);
    uint64_t other = object(OBJECT_TCB, 0), copy = copy_of(p->tcb, 0);
    must(kaal_tcb_bind_notification(p->tcb, ntfn));
    probe_call(p, SYS_RECV, ep, 0, 0, 0);
    settle();
    must(kaal_cnode_delete(at(p->tcb)));
    check_eq(kaal_tcb_bind_notification(other, ntfn), ERROR_ILLEGAL_OPERATION);
    must(kaal_cnode_delete(at(copy)));
    /* Unbound, and off the endpoint's queue. */
    must(kaal_tcb_bind_notification(other, ntfn));
    struct kaal_message m = {0};
    kaal_nb_send(ep, &m);
    struct kaal_message got = {0};
    kaal_nb_recv(ep, &got);
    check_eq(got.info, 0);
}

static void notification_deleted_unbinds(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), ntfn = object(OBJECT_NOTIFICATION, 0);
    must(kaal_tcb_bind_notification(tcb, ntfn));
    must(kaal_cnode_delete(at(ntfn)));
    check_eq(kaal_tcb_unbind_notification(tcb), ERROR_ILLEGAL_OPERATION);
    must(kaal_tcb_bind_notification(tcb, object(OBJECT_NOTIFICATION, 0)));
}

static void last_root_of_a_tcb(void)
{
    uint64_t tcb = object(OBJECT_TCB, 0), cnode = object(OBJECT_CNODE, 4);
    struct invocation v =
        INVOCATION(tcb, LABEL_TCB_SET_SPACE, CAPS(ROOT, SLOT_INIT_VSPACE), 0, 0, 0);
    must(kaal_tcb_set_space(tcb, 0, cnode, 0, SLOT_INIT_VSPACE, 0));
    uint64_t copy = copy_of(cnode, 0);
    must(kaal_cnode_delete(at(cnode)));
    check_call(v, OK); /* the copy is another cap to it */
    must(kaal_tcb_set_space(tcb, 0, copy, 0, SLOT_INIT_VSPACE, 0));
    must(kaal_cnode_delete(at(copy)));
    check_call(v, ILLEGAL);
}

static void frame_cap_deleted(void)
{
    uint64_t frame = object(OBJECT_SMALL_PAGE, 0), copy = copy_of(frame, RIGHTS_ALL);
    struct probe *p = probe_new();
    map(SLOT_INIT_VSPACE, frame, FREE_VADDR, RIGHT_READ | RIGHT_WRITE, ATTR_DEFAULT);
    map(SLOT_INIT_VSPACE, copy, FREE_VADDR + 0x1000, RIGHT_READ | RIGHT_WRITE, ATTR_DEFAULT);
    *(volatile uint64_t *)FREE_VADDR = 0x77;
    check_eq(*(volatile uint64_t *)(FREE_VADDR + 0x1000), 0x77);
    must(kaal_cnode_delete(at(frame)));
    check_eq(*(volatile uint64_t *)(FREE_VADDR + 0x1000), 0x77);
    probe_set(p, snippet_load);
    p->regs[REG_X0] = FREE_VADDR;
    probe_go(p);
    run();
    check_eq(msginfo_label(p->fault.info), FAULT_VM);
}

static void revoke_by_another_thread(void)
{
    struct probe *p = probe_new();
    uint64_t from = untyped(16), slots = slots_new(64);
    must(kaal_untyped_retype(from, OBJECT_CNODE, 4, (struct kaal_slot){ROOT, 0, 0}, slots, 64));
    probe_call(p, SYS_CALL, ROOT, msginfo_new(LABEL_CNODE_REVOKE, 0, 0, 2), from, 64);
    run();
    check(probe_done(p));
    check_eq(p->regs[REG_X1], 0);
    for (unsigned i = 0; i < 64; i++) {
        check(!occupied(slots + i));
    }
}

static void revoking_ones_own_space(void)
{
    struct probe *p = probe_new();
    uint64_t from = untyped(16), cnode = slot_new(), inner_guard = root_guard() - 4;
    must(kaal_untyped_retype(from, OBJECT_CNODE, 4, (struct kaal_slot){ROOT, 0, 0}, cnode, 1));
    /* Its CSpace is that CNode; the first nibble 1 leads to the root CNode. The TCB's copy keeps
     * it in use, so it stands for a CNode that the thread needs: Revoke takes both caps. */
    must(kaal_cnode_mint((struct kaal_slot){cnode, 1, 4}, at(ROOT), 0, kaal_guard(0, inner_guard)));
    must(kaal_tcb_set_space(p->tcb, 0, cnode, 0, SLOT_INIT_VSPACE, 0));
    probe_call(p, SYS_CALL, 1ull << 60 | ROOT, msginfo_new(LABEL_CNODE_REVOKE, 0, 0, 2), from, 64);
    settle();
    check(!probe_done(p));
    /* An interrupt may have ended the call half-way, with nobody left to execute it again. */
    revoke(from);
    check(!occupied(cnode));
    must(kaal_untyped_retype(from, OBJECT_UNTYPED, 16, (struct kaal_slot){ROOT, 0, 0}, cnode, 1));
}

static const struct test tests[] = {
    {"VEC-3-18 VEC-3-19 OBJ-3.3-02 OBJ-3.3-09 OBJ-3.3-10 OBJ-3.1-10", "badged copies",
     badged_copies},
    {"SYS-4.1-07 OBJ-3.3-07 OBJ-3.3-11 OBJ-3.3-13 OBJ-3.1-13 OBJ-3.2-01 OBJ-3.3-01 OBJ-3.3-04",
     "copies of copies are siblings", copies_are_siblings},
    {"OBJ-3.3-13 SYS-4.1-05", "copies of page tables and VSpaces", mapped_objects},
    {"OBJ-3.3-08", "the original is deleted", original_deleted},
    {"OBJ-3.1-06 OBJ-3.3-05 OBJ-3.3-09", "a badge minted from a copy", badged_child_of_a_copy},
    {"OBJ-3.1-08", "the first cap of a badge is deleted", deleting_the_first_badged},
    {"OBJ-3.1-07", "moved caps keep their place", moves_keep_the_place},
    {"OBJ-3.1-07 INV-5-12", "swapped caps keep their places in the tree", swaps_keep_the_tree},
    {"OBJ-3.1-04 OBJ-3.2-01 OBJ-3.4-03 OBJ-3.1-12", "Untypeds in Untypeds", untyped_tree},
    {"OBJ-2-11 OBJ-3.4-01", "siblings of a revoked cap stay", siblings_stay},
    {"OBJ-3.5-06 OBJ-3.5-13", "the last cap of a full CNode is deleted", cnode_emptied},
    {"OBJ-3.5-15 OBJ-3.5-18", "CNodes that hold themselves", cnode_that_holds_itself},
    {"OBJ-3.5-15 OBJ-3.5-18 OBJ-3.4-03", "CNodes whose only cap is inside them", last_cap_inside},
    {"OBJ-3.5-18 OBJ-3.4-03", "a cycle of two CNodes", cycle_of_cnodes},
    {"OBJ-3.5-05 OBJ-3.5-14", "the last cap of a waiting TCB is deleted", tcb_deleted},
    {"OBJ-3.5-04", "deleting a notification unbinds it", notification_deleted_unbinds},
    {"OBJ-3.5-19 INV-4-30a OBJ-3.5-01", "a TCB's last CSpace root cannot be replaced",
     last_root_of_a_tcb},
    {"OBJ-3.5-07", "each frame cap has its own mapping", frame_cap_deleted},
    {"OBJ-3.4-01 OBJ-3.4-02 OBJ-3.5-17 OBJ-3.5-20", "Revoke of 64 CNodes",
     revoke_by_another_thread},
    {"OBJ-3.4-04", "a thread revokes its own CSpace", revoking_ones_own_space},
};
const struct suite suite_cdt = SUITE("cdt", tests);
