/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Untyped_Retype of each object type, and the CNode methods.
 */
#include "invoke.h"

enum {
    LARGE_RESET_BITS = 16,
    SMALL_RESET_BITS = 12,
    DEVICE_BITS = HUGE_PAGE_BITS + 5
};

static void retype_row(const char *name, enum object_type type, uint64_t bits)
{
    uint64_t samples[SAMPLES];
    row_begin(name);
    pool_object(OBJECT_ENDPOINT, 0); /* a child, so that nothing is reset */
    for (unsigned i = 0; i < SAMPLES; i++)
        samples[i] = measure_retype(pool_arena(), type, bits, pool_slot(), 1);
    pool_reset();
    row_end(samples, SAMPLES, "instructions");
}

/* A first Retype that zeroes 2^bits bytes that had been handed out. */
uint64_t reset_cost(uint64_t bits)
{
    uint64_t untyped = pool_object(OBJECT_UNTYPED, bits), slot = pool_slot();
    uint64_t taken = pool_slot();
    (void)measure_retype(untyped, OBJECT_UNTYPED, bits, taken, 1);
    must(kaal_cnode_delete(at(taken)), "CNode_Delete");
    return measure_retype(untyped, OBJECT_ENDPOINT, 0, slot, 1);
}

static void zero_row(void)
{
    uint64_t samples[SAMPLES];
    const uint64_t kibs = ((1u << LARGE_RESET_BITS) - (1u << SMALL_RESET_BITS)) / KIB;
    row_begin("retype_zero_per_kib");
    pool_object(OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < SAMPLES; i++)
        samples[i] = (reset_cost(LARGE_RESET_BITS) - reset_cost(SMALL_RESET_BITS)) / kibs;
    pool_reset();
    row_end(samples, SAMPLES, "instructions");
}

/* From device memory, of which there is enough for SAMPLES pages of 1 GiB. */
static void huge_page_row(void)
{
    uint64_t samples[SAMPLES], untyped = 0;
    row_begin("retype_huge_page_device");
    for (uint64_t i = 0; i < boot->untyped.end - boot->untyped.start; i++)
        if (boot->untyped_list[i].is_device && boot->untyped_list[i].size_bits >= DEVICE_BITS)
            untyped = boot->untyped.start + i;
    if (!untyped) {
        row_skip("no device Untyped of 32 GiB is there");
        return;
    }
    (void)measure_retype(untyped, OBJECT_HUGE_PAGE, 0, pool_slot(), 1);
    for (unsigned i = 0; i < SAMPLES; i++)
        samples[i] = measure_retype(untyped, OBJECT_HUGE_PAGE, 0, pool_slot(), 1);
    pool_reset();
    row_end(samples, SAMPLES, "instructions");
}

static void retype_rows(void)
{
    retype_row("retype_untyped_4kib", OBJECT_UNTYPED, PAGE_BITS);
    retype_row("retype_tcb", OBJECT_TCB, 0);
    retype_row("retype_endpoint", OBJECT_ENDPOINT, 0);
    retype_row("retype_notification", OBJECT_NOTIFICATION, 0);
    retype_row("retype_cnode_16_slots", OBJECT_CNODE, 4);
    retype_row("retype_vspace", OBJECT_VSPACE, 0);
    retype_row("retype_page_table", OBJECT_PAGE_TABLE, 0);
    retype_row("retype_small_page", OBJECT_SMALL_PAGE, 0);
    retype_row("retype_large_page", OBJECT_LARGE_PAGE, 0);
    huge_page_row();
    uint64_t samples[SAMPLES];
    row_begin("retype_16_endpoints");
    pool_object(OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < SAMPLES; i++)
        samples[i] = measure_retype(pool_arena(), OBJECT_ENDPOINT, 0, pool_slots(16), 16);
    pool_reset();
    row_end(samples, SAMPLES, "instructions");
    zero_row();
}

/* Copy, Mint, Move, Mutate and Delete of one endpoint cap in one go of SAMPLES rounds. */
static void cnode_rows(void)
{
    static const char *const names[] = {"cnode_copy",   "cnode_mint",
                                        "cnode_move",   "cnode_delete",
                                        "cnode_mutate", "cnode_delete_last_endpoint"};
    uint64_t samples[6][SAMPLES];
    for (unsigned which = 0; which < 6; which++) {
        row_begin(names[which]);
        for (unsigned i = 0; i < SAMPLES; i++) {
            uint64_t ep = pool_object(OBJECT_ENDPOINT, 0), cnode = pool_object(OBJECT_CNODE, 1);
            uint64_t copy = pool_slot(), minted = pool_slot(), moved = pool_slot(),
                     mutated = pool_slot();
            uint64_t c[6];
            c[0] = measure(SLOT_INIT_CNODE, LABEL_CNODE_COPY,
                           KAAL_WORDS(copy, WORD_BITS, ep, WORD_BITS, RIGHTS_ALL),
                           KAAL_WORDS(SLOT_INIT_CNODE));
            c[1] = measure(SLOT_INIT_CNODE, LABEL_CNODE_MINT,
                           KAAL_WORDS(minted, WORD_BITS, ep, WORD_BITS, RIGHTS_ALL, 7),
                           KAAL_WORDS(SLOT_INIT_CNODE));
            c[2] = measure(SLOT_INIT_CNODE, LABEL_CNODE_MOVE,
                           KAAL_WORDS(moved, WORD_BITS, minted, WORD_BITS),
                           KAAL_WORDS(SLOT_INIT_CNODE));
            c[3] = measure_slot(LABEL_CNODE_DELETE, at(copy));
            c[4] = measure(SLOT_INIT_CNODE, LABEL_CNODE_MUTATE,
                           KAAL_WORDS(mutated, WORD_BITS, cnode, WORD_BITS, kaal_guard(0, 3)),
                           KAAL_WORDS(SLOT_INIT_CNODE));
            must(kaal_cnode_delete(at(moved)), "CNode_Delete");
            c[5] = measure_slot(LABEL_CNODE_DELETE, at(ep));
            samples[which][i] = c[which];
        }
        pool_reset();
        row_end(samples[which], SAMPLES, "instructions");
    }
}

/* Revoke of a cap with `count` copies, which lie in a CNode of their own. */
static void revoke_row(const char *name, uint64_t count, unsigned samples_wanted)
{
    uint64_t samples[SAMPLES];
    unsigned radix = 1;
    while (1ull << radix < count)
        radix++;
    row_begin(name);
    uint64_t cnode = pool_object(OBJECT_CNODE, radix);
    uint64_t ep = pool_object(OBJECT_ENDPOINT, 0);
    for (unsigned i = 0; i < samples_wanted; i++) {
        for (uint64_t n = 0; n < count; n++)
            (void)measure(cnode, LABEL_CNODE_COPY, KAAL_WORDS(n, radix, ep, WORD_BITS, RIGHTS_ALL),
                          KAAL_WORDS(SLOT_INIT_CNODE));
        samples[i] = measure_slot(LABEL_CNODE_REVOKE, at(ep));
    }
    pool_reset();
    row_end(samples, samples_wanted, "instructions");
}

void rows_objects(void)
{
    retype_rows();
    cnode_rows();
    revoke_row("revoke_1", 1, SAMPLES);
    revoke_row("revoke_10", 10, SAMPLES);
    revoke_row("revoke_1000", 1000, SAMPLES);
}

void rows_long(void)
{
    revoke_row("revoke_100000", 100000, SAMPLES);
}
