/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Random invocations of everything: a refused one changes nothing but its reply, error words have
 * the length of their code (abi/invocations.md §1), invariants hold after each.
 */
#include <stdlib.h>

#include "core_fixture.h"
#include "invoke.h"

enum {
    ROOT = SLOT_INIT_CNODE,
    OBJECTS = 24,
    ROUNDS = 60,
    CALLS = 120
};

static uint64_t objects[OBJECTS];
static uint64_t seed;

static uint64_t random_below(uint64_t n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (seed >> 33) % n;
}

static void build_world(void)
{
    uint64_t endpoint = fx_new(OBJECT_ENDPOINT, 0), notification = fx_new(OBJECT_NOTIFICATION, 0);
    uint64_t handler = fx_slot(), sgi = fx_slot(), pool = fx_slot();
    uint64_t vspace = fx_new(OBJECT_VSPACE, 0);
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, W(40, handler, FX_DEPTH), C(ROOT));
    OK(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL, W(3, 0, sgi, FX_DEPTH), C(ROOT));
    OK(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, W(pool, FX_DEPTH),
       C(fx_new(OBJECT_UNTYPED, 12), ROOT));
    OK(pool, LABEL_ASID_POOL_ASSIGN, W(), C(vspace));
    uint64_t list[OBJECTS] = {fx_new(OBJECT_UNTYPED, 14),
                              fx_new(OBJECT_UNTYPED, 12),
                              fx_device(21),
                              fx_thread(100, false),
                              fx_thread(50, true),
                              fx_new(OBJECT_CNODE, 4),
                              ROOT,
                              handler,
                              sgi,
                              pool,
                              vspace,
                              fx_new(OBJECT_VSPACE, 0),
                              fx_new(OBJECT_PAGE_TABLE, 0),
                              fx_new(OBJECT_PAGE_TABLE, 0),
                              fx_new(OBJECT_SMALL_PAGE, 0),
                              fx_new_from(fx_device(21), OBJECT_LARGE_PAGE, 0),
                              SLOT_BOOTINFO_FRAME,
                              SLOT_IRQ_CONTROL,
                              SLOT_ASID_CONTROL,
                              SLOT_DOMAIN,
                              fx_copy(endpoint, RIGHT_READ),
                              notification,
                              SLOT_NULL,
                              fx_mint(endpoint, RIGHT_READ, 5)};
    memcpy(objects, list, sizeof objects);
}

static uint64_t some_object(void)
{
    return objects[random_below(OBJECTS)];
}

/* Values that mean something somewhere. */
static uint64_t some_word(void)
{
    static const uint64_t edges[] = {0,
                                     1,
                                     2,
                                     4,
                                     5,
                                     11,
                                     12,
                                     16,
                                     40,
                                     63,
                                     64,
                                     65,
                                     159,
                                     160,
                                     255,
                                     256,
                                     257,
                                     512,
                                     1024,
                                     4096,
                                     4097,
                                     0x400000,
                                     0x100000000000,
                                     0x7ffffffff000,
                                     0x800000000000,
                                     1ull << 56,
                                     1ull << 63,
                                     ~0ull};
    switch (random_below(4)) {
    case 0: return some_object();
    case 1: return FX_DEPTH;
    case 2: return fx.next_slot + random_below(8);
    default: return edges[random_below(sizeof edges / sizeof edges[0])];
    }
}

/* Labels of the object's kind mostly. */
static uint64_t some_label(uint64_t cptr)
{
    static const struct {
        enum cap_type_number type;
        uint64_t first, last;
    } ranges[] = {{CAP_UNTYPED, 1, 1},        {CAP_TCB, 2, 16},          {CAP_CNODE, 17, 25},
                  {CAP_IRQ_CONTROL, 49, 50},  {CAP_IRQ_HANDLER, 27, 29}, {CAP_DOMAIN, 30, 32},
                  {CAP_VSPACE, 33, 36},       {CAP_PAGE_TABLE, 38, 39},  {CAP_FRAME, 40, 46},
                  {CAP_ASID_CONTROL, 47, 47}, {CAP_ASID_POOL, 48, 48}};
    for (unsigned i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (cap_type(fx_cap(cptr)) == ranges[i].type && random_below(16))
            return ranges[i].first + random_below(ranges[i].last - ranges[i].first + 1);
    return random_below(LABEL_COUNT + 1);
}

/* abi/invocations.md §1: number of info words of each code. */
static void check_length(const struct answer *a)
{
    static const struct {
        unsigned least, most;
    } lengths[ERROR_COUNT] = {[ERROR_INVALID_ARGUMENT] = {1, 1},
                              [ERROR_INVALID_CAPABILITY] = {1, 1},
                              [ERROR_RANGE] = {2, 2},
                              [ERROR_FAILED_LOOKUP] = {2, 5},
                              [ERROR_NOT_ENOUGH_MEMORY] = {1, 1}};
    assert_in_range(a->label, 1, ERROR_COUNT - 1);
    assert_in_range(a->length, lengths[a->label].least, lengths[a->label].most);
    assert_int_equal(a->extra, 0);
    assert_int_equal(a->unwrapped, 0);
}

static bool one_call(unsigned seen[ERROR_COUNT])
{
    uint64_t words[10], caps[3];
    struct answer a;
    uint64_t cptr = some_object();
    struct list w = {words, (unsigned)(random_below(8) ? 8 : random_below(10))};
    struct list c = {caps, (unsigned)(random_below(4) ? 3 : random_below(4))};
    for (unsigned i = 0; i < 10; i++)
        words[i] = some_word();
    for (unsigned i = 0; i < 3; i++)
        caps[i] = random_below(3) ? some_object() : ROOT;
    uint64_t label = some_label(cptr);
    if (label == LABEL_UNTYPED_RETYPE && random_below(2)) {
        const uint64_t sensible[] = {
            random_below(11), 13, 0, 0, fx.next_slot + random_below(40), 2};
        memcpy(words, sensible, sizeof sensible);
    }
    if (!fx_try(cptr, label, w, c, &a, __FILE__, __LINE__))
        return false;
    if (a.label != ERROR_NONE)
        check_length(&a);
    seen[a.label]++;
    return true;
}

static void refusals_change_nothing(void **unused)
{
    void *start = malloc(machine_snapshot_bytes());
    unsigned seen[ERROR_COUNT] = {0};
    (void)unused;
    build_world();
    machine_snapshot(start);
    for (unsigned round = 0; round < ROUNDS; round++) {
        seed = round;
        for (unsigned call = 0; call < CALLS; call++)
            if (!one_call(seen) || cap_type(fx_cap(ROOT)) != CAP_CNODE)
                break;
        machine_restore(start);
    }
    for (unsigned code = 0; code < ERROR_COUNT; code++)
        if (seen[code] == 0)
            fail_msg("error code %u was never seen", code);
    for (unsigned label = 0; label < LABEL_COUNT; label++)
        if (methods[label].decode && methods[label].type != CAP_SMC && /* a boot option */
            fx.decoded[label].accepted + fx.decoded[label].refused == 0)
            fail_msg("%s was never decoded", methods[label].name);
    free(start);
}

int main(void)
{
    const struct CMUnitTest tests[] = {FX_CASE(refusals_change_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
