/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * CNode methods and CSpace addressing: every check in its order, rights and badges, the derivation
 * list (abi/invocations.md §5, abi/objects.md §3 and §4, abi/vectors.md §3).
 */
#include "cdt.h"
#include "core_fixture.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    ALL = RIGHTS_ALL,
    D = FX_DEPTH,
    EMPTY = SLOT_NULL /* always empty (abi/boot.md §3) */
};

static uint64_t guard_bits(void)
{
    return 64 - fx.info->init_cnode_bits;
}

/* ---- slot(invoked, MR0, MR1; 0): the same for all methods ---- */

static const uint64_t all_labels[] = {
    LABEL_CNODE_REVOKE, LABEL_CNODE_DELETE, LABEL_CNODE_CANCEL_BADGED_SENDS,
    LABEL_CNODE_COPY,   LABEL_CNODE_MINT,   LABEL_CNODE_MOVE,
    LABEL_CNODE_MUTATE, LABEL_CNODE_ROTATE, LABEL_CNODE_SAVE_CALLER};
enum {
    LABELS = sizeof all_labels / sizeof all_labels[0]
};

static void destination_checks_come_first(void **unused)
{
    uint64_t g = guard_bits();
    (void)unused; /* abi/invocations.md §5 "First two checks for all"; abi/vectors.md §3 */
    for (unsigned i = 0; i < LABELS; i++) {
        uint64_t label = all_labels[i];
        REFUSED(ROOT, label, W(0), C(), ERROR_TRUNCATED_MESSAGE, I());
        REFUSED(ROOT, label, W(), C(), ERROR_TRUNCATED_MESSAGE, I());
        REFUSED(ROOT, label, W(0, 0), C(), ERROR_RANGE, I(1, 64));
        REFUSED(ROOT, label, W(0, 65), C(), ERROR_RANGE, I(1, 64));
        REFUSED(ROOT, label, W(0, 1ull << 32 | 64), C(), ERROR_RANGE, I(1, 64));
        REFUSED(ROOT, label, W(1ull << 63, 64), C(), ERROR_FAILED_LOOKUP,
                I(0, LOOKUP_GUARD_MISMATCH, 64, 0, g));
        REFUSED(ROOT, label, W(0, g - 1), C(), ERROR_FAILED_LOOKUP,
                I(0, LOOKUP_GUARD_MISMATCH, g - 1, 0, g));
        REFUSED(ROOT, label, W(0, g + 1), C(), ERROR_FAILED_LOOKUP,
                I(0, LOOKUP_DEPTH_MISMATCH, g + 1, 64));
    }
}

static void unknown_labels(void **unused)
{
    (void)unused; /* abi/vectors.md §3: label 26 on a CNode */
    REFUSED(ROOT, LABEL_IRQ_CONTROL_GET, W(), C(), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(ROOT, LABEL_UNTYPED_RETYPE, W(0, 64), C(), ERROR_ILLEGAL_OPERATION, I());
    REFUSED(ROOT, LABEL_TCB_SET_FLAGS, W(0, 64), C(), ERROR_ILLEGAL_OPERATION, I());
}

static void left_over_bits_in_a_small_cnode(void **unused)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    (void)unused; /* abi/vectors.md §3: Delete index 0, depth 10 on a radix-4 unguarded CNode */
    REFUSED(cnode, LABEL_CNODE_DELETE, W(0, 10), C(), ERROR_FAILED_LOOKUP,
            I(0, LOOKUP_DEPTH_MISMATCH, 6, 0));
    REFUSED(cnode, LABEL_CNODE_DELETE, W(0, 3), C(), ERROR_FAILED_LOOKUP,
            I(0, LOOKUP_DEPTH_MISMATCH, 3, 4));
    OK(cnode, LABEL_CNODE_DELETE, W(0xfff5, 4), C()); /* bits above the depth are ignored */
}

/* ---- Copy, Mint, Move, Mutate: shared checks ---- */

static const struct {
    uint64_t label;
    unsigned words;
} copying[] = {
    {LABEL_CNODE_COPY, 5}, {LABEL_CNODE_MINT, 6}, {LABEL_CNODE_MOVE, 4}, {LABEL_CNODE_MUTATE, 5}};

/* Words of a call with trailing ones filled with 0. */
static struct list shortened(uint64_t *room, unsigned n, uint64_t dest, uint64_t source,
                             uint64_t depth)
{
    room[0] = dest;
    room[1] = D;
    room[2] = source;
    room[3] = depth;
    room[4] = ALL;
    room[5] = 0;
    return (struct list){room, n};
}

static void shared_checks_in_order(void **unused)
{
    uint64_t g = guard_bits();
    uint64_t m[6];
    (void)unused;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t label = copying[i].label;
        unsigned n = copying[i].words;
        uint64_t dest = fx_slot();
        /* too short or no root, though the destination is occupied */
        REFUSED(ROOT, label, shortened(m, 3, ROOT, EMPTY, 0), C(ROOT), ERROR_TRUNCATED_MESSAGE,
                I());
        REFUSED(ROOT, label, shortened(m, n, ROOT, EMPTY, 0), C(), ERROR_TRUNCATED_MESSAGE, I());
        /* occupied, though the source's depth is bad */
        REFUSED(ROOT, label, shortened(m, 4, ROOT, EMPTY, 0), C(ROOT), ERROR_DELETE_FIRST, I());
        /* source root, depth, resolution; MR0 = 1 */
        REFUSED(ROOT, label, shortened(m, 4, dest, EMPTY, 0), C(SLOT_INIT_TCB), ERROR_FAILED_LOOKUP,
                I(1, LOOKUP_INVALID_ROOT));
        REFUSED(ROOT, label, shortened(m, 4, dest, EMPTY, 0), C(ROOT), ERROR_RANGE, I(1, 64));
        REFUSED(ROOT, label, shortened(m, 4, dest, 1ull << 40, 64), C(ROOT), ERROR_FAILED_LOOKUP,
                I(1, LOOKUP_GUARD_MISMATCH, 64, 0, g));
        /* source empty, though the message may be one short */
        REFUSED(ROOT, label, shortened(m, 4, dest, EMPTY, D), C(ROOT), ERROR_FAILED_LOOKUP,
                I(1, LOOKUP_MISSING_CAPABILITY, 64));
        if (n > 4)
            REFUSED(ROOT, label, shortened(m, n - 1, dest, SLOT_IRQ_CONTROL, D), C(ROOT),
                    ERROR_TRUNCATED_MESSAGE, I());
    }
}

static void caps_without_copies(void **unused)
{
    uint64_t vspace = fx_new(OBJECT_VSPACE, 0);
    uint64_t table = fx_new(OBJECT_PAGE_TABLE, 0);
    uint64_t dest = fx_slot();
    uint64_t sources[] = {SLOT_IRQ_CONTROL, vspace, table};
    (void)unused; /* abi/syscalls.md §4.1; abi/vectors.md §3 */
    for (unsigned i = 0; i < 3; i++) {
        REFUSED(ROOT, LABEL_CNODE_COPY, W(dest, D, sources[i], D, ALL), C(ROOT),
                ERROR_ILLEGAL_OPERATION, I());
        REFUSED(ROOT, LABEL_CNODE_MINT, W(dest, D, sources[i], D, ALL, 0), C(ROOT),
                ERROR_ILLEGAL_OPERATION, I());
        OK(ROOT, LABEL_CNODE_MOVE, W(dest, D, sources[i], D), C(ROOT));
        OK(ROOT, LABEL_CNODE_MUTATE, W(sources[i], D, dest, D, 77), C(ROOT));
    }
}

static void caps_that_copy_as_they_are(void **unused)
{
    uint64_t irq = fx_slot();
    uint64_t sgi = fx_slot();
    (void)unused; /* "everything else: same cap" */
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, irq, D), C(ROOT));
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL, W(3, 0, sgi, D), C(ROOT));
    uint64_t sources[] = {
        irq,           sgi,  SLOT_DOMAIN,      SLOT_ASID_CONTROL,         SLOT_INIT_ASID_POOL,
        SLOT_INIT_TCB, ROOT, SLOT_INIT_VSPACE, fx_new(OBJECT_ENDPOINT, 0)};
    for (unsigned i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        uint64_t copy = fx_copy(sources[i], ALL);
        struct cap a = fx_cap(sources[i]);
        struct cap b = fx_cap(copy);
        assert_memory_equal(&a, &b, sizeof a);
        assert_int_equal(slot_flags(fx_at(copy)), 0);
    }
}

static void frame_copies_are_unmapped_moves_are_not(void **unused)
{
    struct cap mapped = fx_cap(SLOT_BOOTINFO_FRAME);
    uint64_t copy = fx_copy(SLOT_BOOTINFO_FRAME, ALL);
    uint64_t dest = fx_slot();
    (void)unused;
    assert_int_equal(mapping_asid(mapped), 1);
    assert_int_equal(mapping_asid(fx_cap(copy)), 0);
    assert_int_equal(mapping_vaddr(fx_cap(copy)), 0);
    OK(ROOT, LABEL_CNODE_MOVE, W(dest, D, SLOT_BOOTINFO_FRAME, D), C(ROOT));
    struct cap moved = fx_cap(dest);
    assert_memory_equal(&moved, &mapped, sizeof moved);
}

/* ---- rights, badges, guards: abi/invocations.md §5.1 ---- */

static void rights_are_anded(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    (void)unused;
    for (uint64_t rights = 0; rights < 32; rights += 3) {
        assert_int_equal(ipc_rights(fx_cap(fx_copy(endpoint, rights))), rights % 16);
        assert_int_equal(ipc_rights(fx_cap(fx_copy(notification, rights))), rights % 4);
    }
    uint64_t less = fx_copy(endpoint, RIGHT_READ);
    assert_int_equal(ipc_rights(fx_cap(fx_copy(less, ALL))), RIGHT_READ);
}

static void frame_rights_follow_the_mapping_table(void **unused)
{
    static const struct {
        unsigned cap, mask, result;
    } rows[] = {/* abi/vspace.md §4 */
                {3, RIGHT_READ | RIGHT_WRITE, 3},
                {3, RIGHT_READ, RIGHT_READ},
                {3, RIGHT_WRITE, 0},
                {3, 0, 0},
                {RIGHT_READ, 3, RIGHT_READ},
                {RIGHT_READ, RIGHT_READ, RIGHT_READ},
                {RIGHT_READ, RIGHT_WRITE, 0},
                {0, 3, 0},
                {3, ALL, 3}};
    (void)unused;
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t frame = fx_copy(SLOT_BOOTINFO_FRAME, rows[i].cap);
        assert_int_equal(frame_rights(fx_cap(frame)), rows[i].cap);
        assert_int_equal(frame_rights(fx_cap(fx_copy(frame, rows[i].mask))), rows[i].result);
    }
}

static void badges(void **unused)
{
    uint64_t sources[] = {fx_new(OBJECT_ENDPOINT, 0), fx_new(OBJECT_NOTIFICATION, 0)};
    uint64_t dest = fx_slot();
    (void)unused;
    for (unsigned i = 0; i < 2; i++) {
        uint64_t badged = fx_mint(sources[i], ALL, ~0ull);
        assert_true(ipc_badge(fx_cap(badged)) == ~0ull);
        REFUSED(ROOT, LABEL_CNODE_MINT, W(dest, D, badged, D, ALL, 0), C(ROOT),
                ERROR_ILLEGAL_OPERATION, I());
        REFUSED(ROOT, LABEL_CNODE_MINT, W(dest, D, badged, D, ALL, ~0ull), C(ROOT),
                ERROR_ILLEGAL_OPERATION, I());
        assert_true(ipc_badge(fx_cap(fx_copy(badged, ALL))) == ~0ull);
        assert_int_equal(ipc_badge(fx_cap(fx_mint(sources[i], ALL, 0))), 0);
        /* Mutate and Rotate never change a badge, not even of an unbadged cap. */
        REFUSED(ROOT, LABEL_CNODE_MUTATE, W(dest, D, sources[i], D, 0), C(ROOT),
                ERROR_ILLEGAL_OPERATION, I());
        REFUSED(ROOT, LABEL_CNODE_ROTATE, W(dest, D, 0, SLOT_DOMAIN, D, 0, sources[i], D),
                C(ROOT, ROOT), ERROR_ILLEGAL_OPERATION, I());
        REFUSED(ROOT, LABEL_CNODE_ROTATE, W(dest, D, 0, sources[i], D, 0, SLOT_DOMAIN, D),
                C(ROOT, ROOT), ERROR_ILLEGAL_OPERATION, I());
    }
}

static void guards(void **unused)
{
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    uint64_t dest = fx_slot();
    (void)unused; /* abi/syscalls.md §2.4; abi/vectors.md §3: size 61 Illegal, 60 ok */
    REFUSED(ROOT, LABEL_CNODE_MINT, W(dest, D, cnode, D, ALL, 61), C(ROOT), ERROR_ILLEGAL_OPERATION,
            I());
    REFUSED(ROOT, LABEL_CNODE_MUTATE, W(dest, D, cnode, D, 61), C(ROOT), ERROR_ILLEGAL_OPERATION,
            I());
    assert_int_equal(cnode_guard_size(fx_cap(fx_mint(cnode, 0, 60))), 60);
    struct cap cap = fx_cap(fx_mint(cnode, 0, 0xabull << 6 | 4)); /* masked to its size */
    assert_int_equal(cnode_guard(cap), 0xb);
    assert_int_equal(cnode_guard_size(cap), 4);
    OK(ROOT, LABEL_CNODE_MUTATE, W(dest, D, cnode, D, 5ull << 6 | 8), C(ROOT));
    assert_int_equal(cnode_guard(fx_cap(dest)), 5);
    OK(ROOT, LABEL_CNODE_MUTATE, W(cnode, D, dest, D, 0), C(ROOT)); /* 0 clears */
    assert_int_equal(cnode_guard_size(fx_cap(cnode)), 0);
    assert_int_equal(cnode_guard(fx_cap(cnode)), 0);
}

/* ---- Rotate ---- */

static void rotate_checks_in_order(void **unused)
{
    uint64_t a = fx_copy(SLOT_DOMAIN, ALL);
    uint64_t b = fx_copy(SLOT_DOMAIN, ALL);
    uint64_t cnode = fx_new(OBJECT_CNODE, 4);
    uint64_t dest = fx_slot();
    (void)unused;
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(dest, D, 0, a, 0, 0, b), C(ROOT, ROOT),
            ERROR_TRUNCATED_MESSAGE, I());
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(dest, D, 0, a, 0, 0, b, 0), C(ROOT),
            ERROR_TRUNCATED_MESSAGE, I());
    /* source slot before pivot slot, both say 1 */
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(a, D, 0, a, 0, 0, b, 65), C(SLOT_DOMAIN, SLOT_DOMAIN),
            ERROR_FAILED_LOOKUP, I(1, LOOKUP_INVALID_ROOT));
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(a, D, 0, a, 0, 0, b, 65), C(SLOT_DOMAIN, ROOT), ERROR_RANGE,
            I(1, 64));
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(a, D, 0, a, 0, 0, b, D), C(SLOT_DOMAIN, ROOT),
            ERROR_FAILED_LOOKUP, I(1, LOOKUP_INVALID_ROOT));
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(a, D, 0, a, 0, 0, b, D), C(ROOT, ROOT), ERROR_RANGE,
            I(1, 64));
    /* pivot = source, pivot = dest, though dest is occupied */
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(b, D, 0, a, D, 0, a, D), C(ROOT, ROOT),
            ERROR_ILLEGAL_OPERATION, I());
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(a, D, 0, a, D, 0, b, D), C(ROOT, ROOT),
            ERROR_ILLEGAL_OPERATION, I());
    /* occupied, though the source is empty */
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(a, D, 0, b, D, 0, dest, D), C(ROOT, ROOT),
            ERROR_DELETE_FIRST, I());
    uint64_t empty = fx_slot();
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(dest, D, 0, 5, 4, 0, empty, D), C(cnode, ROOT),
            ERROR_FAILED_LOOKUP, I(1, LOOKUP_MISSING_CAPABILITY, 64));
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(dest, D, 0, 5, 4, 0, a, D), C(cnode, ROOT),
            ERROR_FAILED_LOOKUP, I(0, LOOKUP_MISSING_CAPABILITY, 4));
    /* source = dest and empty: source missing before pivot */
    REFUSED(ROOT, LABEL_CNODE_ROTATE, W(dest, D, 0, empty, D, 0, dest, D), C(ROOT, ROOT),
            ERROR_FAILED_LOOKUP, I(1, LOOKUP_MISSING_CAPABILITY, 64));
}

static void rotate_moves_pivot_and_source(void **unused)
{
    uint64_t a = fx_new(OBJECT_CNODE, 4);
    uint64_t b = fx_new(OBJECT_CNODE, 5);
    uint64_t dest = fx_slot();
    (void)unused; /* pivot (a) → dest with MR2; source (b) → pivot slot with MR5 */
    OK(ROOT, LABEL_CNODE_ROTATE, W(dest, D, 1ull << 6 | 2, a, D, 2ull << 6 | 3, b, D),
       C(ROOT, ROOT));
    assert_int_equal(cnode_radix(fx_cap(dest)), 4);
    assert_int_equal(cnode_guard_size(fx_cap(dest)), 2);
    assert_int_equal(cnode_guard(fx_cap(dest)), 1);
    assert_int_equal(cnode_radix(fx_cap(a)), 5);
    assert_int_equal(cnode_guard_size(fx_cap(a)), 3);
    assert_int_equal(cnode_guard(fx_cap(a)), 2);
    assert_true(cap_is_null(fx_cap(b)));
}

static void rotate_swaps(void **unused)
{
    uint64_t a = fx_new(OBJECT_CNODE, 4);
    uint64_t b = fx_new(OBJECT_CNODE, 5); /* next to a in the derivation list */
    (void)unused;
    OK(ROOT, LABEL_CNODE_ROTATE, W(b, D, 0, a, D, 0, b, D), C(ROOT, ROOT));
    assert_int_equal(cnode_radix(fx_cap(a)), 5);
    assert_int_equal(cnode_radix(fx_cap(b)), 4);
    OK(ROOT, LABEL_CNODE_ROTATE, W(a, D, 0, b, D, 0, a, D), C(ROOT, ROOT));
    assert_int_equal(cnode_radix(fx_cap(a)), 4);
    OK(ROOT, LABEL_CNODE_ROTATE, W(SLOT_DOMAIN, D, 0, a, D, 0, SLOT_DOMAIN, D), C(ROOT, ROOT));
    assert_int_equal(cap_type(fx_cap(a)), CAP_DOMAIN);
    assert_int_equal(cnode_radix(fx_cap(SLOT_DOMAIN)), 4);
}

/* ---- the rest ---- */

static void cancel_badged_sends_checks(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    (void)unused;
    for (unsigned rights = 0; rights < ALL; rights++) {
        uint64_t less = fx_copy(endpoint, rights);
        REFUSED(ROOT, LABEL_CNODE_CANCEL_BADGED_SENDS, W(less, D), C(), ERROR_ILLEGAL_OPERATION,
                I());
    }
    REFUSED(ROOT, LABEL_CNODE_CANCEL_BADGED_SENDS, W(notification, D), C(), ERROR_ILLEGAL_OPERATION,
            I());
    REFUSED(ROOT, LABEL_CNODE_CANCEL_BADGED_SENDS, W(EMPTY, D), C(), ERROR_ILLEGAL_OPERATION, I());
    OK(ROOT, LABEL_CNODE_CANCEL_BADGED_SENDS, W(endpoint, D), C());
}

static void empty_slots_are_fine_for_some(void **unused)
{
    (void)unused;
    OK(ROOT, LABEL_CNODE_REVOKE, W(EMPTY, D), C());
    OK(ROOT, LABEL_CNODE_DELETE, W(EMPTY, D), C());
    OK(ROOT, LABEL_CNODE_SAVE_CALLER, W(EMPTY, D), C());
    assert_true(cap_is_null(fx_cap(EMPTY)));
    REFUSED(ROOT, LABEL_CNODE_SAVE_CALLER, W(SLOT_DOMAIN, D), C(), ERROR_DELETE_FIRST, I());
}

static void invoking_what_cannot_be_invoked(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t silent = fx_copy(endpoint, ALL & ~RIGHT_WRITE);
    uint64_t mute = fx_copy(notification, RIGHT_READ);
    (void)unused; /* abi/syscalls.md §3, table of caps found */
    REFUSED(EMPTY, 3, W(1, 2), C(), ERROR_INVALID_CAPABILITY, I(0));
    REFUSED(silent, 3, W(1, 2), C(), ERROR_INVALID_CAPABILITY, I(0));
    REFUSED(mute, 3, W(1, 2), C(), ERROR_INVALID_CAPABILITY, I(0));
}

/* ---- positions and flags in the list: abi/objects.md §3.1 ---- */

static void copies_stand_after_their_source(void **unused)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0);
    uint64_t a = fx_copy(endpoint, ALL);
    uint64_t b = fx_mint(endpoint, ALL, 9);
    uint64_t c = fx_copy(b, ALL);
    (void)unused;
    assert_ptr_equal(slot_next(fx_at(endpoint)), fx_at(b));
    assert_ptr_equal(slot_next(fx_at(b)), fx_at(c));
    assert_ptr_equal(slot_next(fx_at(c)), fx_at(a));
    assert_int_equal(slot_flags(fx_at(endpoint)), SLOT_FLAGS);
    assert_int_equal(slot_flags(fx_at(a)), 0);
    assert_int_equal(slot_flags(fx_at(b)), SLOT_FLAGS);
    assert_int_equal(slot_flags(fx_at(c)), 0);
    uint64_t dest = fx_slot();
    OK(ROOT, LABEL_CNODE_MOVE, W(dest, D, b, D), C(ROOT));
    assert_ptr_equal(slot_next(fx_at(endpoint)), fx_at(dest));
    assert_ptr_equal(slot_next(fx_at(dest)), fx_at(c));
    assert_int_equal(slot_flags(fx_at(dest)), SLOT_FLAGS);
}

static void irq_caps_are_children_of_irq_control(void **unused)
{
    uint64_t handler = fx_slot();
    uint64_t sgi = fx_slot();
    (void)unused; /* revocable test: source is IRQControl; abi/vectors.md §11 */
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, D), C(ROOT));
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL, W(3, 0, sgi, D), C(ROOT));
    uint64_t copy = fx_copy(handler, ALL);
    uint64_t sgi_copy = fx_copy(sgi, ALL);
    assert_int_equal(slot_flags(fx_at(handler)), SLOT_FLAGS);
    assert_int_equal(slot_flags(fx_at(sgi)), SLOT_FLAGS);
    assert_true(cdt_is_ancestor(fx_at(handler), fx_at(copy)));
    assert_true(cdt_is_ancestor(fx_at(sgi), fx_at(sgi_copy)));
    uint64_t again = fx_slot(); /* the same number and target issued again is independent */
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL, W(3, 0, again, D), C(ROOT));
    assert_false(cdt_is_ancestor(fx_at(again), fx_at(sgi)));
    OK(ROOT, LABEL_CNODE_REVOKE, W(sgi, D), C());
    assert_true(cap_is_null(fx_cap(sgi_copy)));
    OK(ROOT, LABEL_CNODE_REVOKE, W(SLOT_IRQ_CONTROL, D), C());
    assert_true(cap_is_null(fx_cap(handler)) && cap_is_null(fx_cap(copy)) &&
                cap_is_null(fx_cap(sgi)) && cap_is_null(fx_cap(again)));
    assert_int_equal(cap_type(fx_cap(SLOT_IRQ_CONTROL)), CAP_IRQ_CONTROL);
    assert_int_equal(fx.cpu->kernel->irqs[40].state, IRQ_INACTIVE);
}

static void what_covers_what(void **unused)
{
    struct cap untyped = cap_untyped(0x40010000, 16, false, 0);
    (void)unused; /* abi/objects.md §3.2 */
    assert_true(cap_covers(untyped, cap_untyped(0x40010000, 16, false, 0)));
    assert_true(cap_covers(untyped, cap_endpoint(0x4001fff0, 7, 0)));
    assert_false(cap_covers(untyped, cap_endpoint(0x40020000, 7, 0)));
    assert_false(cap_covers(untyped, cap_endpoint(0x4000fff0, 7, 0)));
    assert_true(cap_covers(untyped, cap_frame(0x4001f000, FRAME_4K, 0, false)));
    assert_false(cap_covers(untyped, cap_frame(0x40000000, FRAME_2M, 0, false)));
    assert_true(cap_covers(untyped, cap_zombie(0x40010000, 3, false, 1)));
    assert_true(cap_covers(untyped, cap_zombie(0x40010000, 0, true, 1)));
    assert_true(cap_covers(untyped, cap_asid_pool(0x40010000, 1)));
    assert_false(cap_covers(untyped, cap_reply(0x40010000, false, true)));
    assert_false(cap_covers(untyped, cap_plain(CAP_DOMAIN)));
    assert_false(cap_covers(untyped, cap_plain(CAP_ASID_CONTROL)));
    assert_false(cap_covers(untyped, cap_irq_handler(0)));
    assert_false(cap_covers(untyped, cap_sgi_signal(0, 0)));
    assert_false(cap_covers(untyped, cap_smc(0x40010000)));
    assert_false(cap_covers(cap_cnode(0x40010000, 4, 0, 0), cap_cnode(0x40010000, 5, 0, 0)));
    assert_true(cap_covers(cap_cnode(0x40010000, 4, 0, 0), cap_cnode(0x40010000, 4, 3, 2)));
    assert_false(cap_covers(cap_endpoint(0x40010000, 0, 15), cap_notification(0x40010000, 0, 3)));
    assert_true(cap_covers(cap_frame(0x40000000, FRAME_2M, 3, false),
                           cap_frame(0x40001000, FRAME_4K, 3, false)));
    assert_false(cap_covers(cap_frame(0x40001000, FRAME_4K, 3, false),
                            cap_frame(0x40000000, FRAME_2M, 3, false)));
    assert_true(cap_covers(cap_plain(CAP_IRQ_CONTROL), cap_irq_handler(9)));
    assert_true(cap_covers(cap_plain(CAP_IRQ_CONTROL), cap_sgi_signal(1, 2)));
    assert_false(cap_covers(cap_irq_handler(9), cap_irq_handler(10)));
    assert_false(cap_covers(cap_sgi_signal(1, 2), cap_sgi_signal(1, 3)));
    assert_true(cap_covers(cap_smc(1), cap_smc(2)));
    assert_false(cap_covers(cap_zombie(0x40010000, 3, false, 1), cap_cnode(0x40010000, 3, 0, 0)));
    assert_false(cap_same_object(untyped, untyped)); /* §3.5: always distinct */
}

static void untyped_of_the_last_bytes(void **unused)
{
    struct cap top = cap_untyped(0xfffffffff0, 4, true, 0);
    struct cap half = cap_untyped(0x8000000000, 39, true, 0);
    (void)unused; /* no arithmetic wraps at the top of the address range */
    assert_true(cap_covers(half, top));
    assert_false(cap_covers(top, half));
    assert_false(cap_covers(half, cap_untyped(0x7ffffffff0, 4, true, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(destination_checks_come_first),
        FX_CASE(unknown_labels),
        FX_CASE(left_over_bits_in_a_small_cnode),
        FX_CASE(shared_checks_in_order),
        FX_CASE(caps_without_copies),
        FX_CASE(caps_that_copy_as_they_are),
        FX_CASE(frame_copies_are_unmapped_moves_are_not),
        FX_CASE(rights_are_anded),
        FX_CASE(frame_rights_follow_the_mapping_table),
        FX_CASE(badges),
        FX_CASE(guards),
        FX_CASE(rotate_checks_in_order),
        FX_CASE(rotate_moves_pivot_and_source),
        FX_CASE(rotate_swaps),
        FX_CASE(cancel_badged_sends_checks),
        FX_CASE(empty_slots_are_fine_for_some),
        FX_CASE(invoking_what_cannot_be_invoked),
        FX_CASE(copies_stand_after_their_source),
        FX_CASE(irq_caps_are_children_of_irq_control),
        FX_CASE(what_covers_what),
        FX_CASE(untyped_of_the_last_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
