/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The invariant walk says so when it meets more than it can hold (core/invariants.h), instead of
 * leaving something out. Caps are written behind the kernel's back into a CNode of 2^13 slots; they
 * lead to memory of another CNode, which is all zero.
 */
#include "cdt.h"
#include "core_fixture.h"

enum {
    LIMIT_CONTAINERS = 1024,
    LIMIT = 8192, /* of objects, and of mappings */
    LIMIT_BITS = 13,
    BYTES = 64, /* of each made-up object */
};

static struct slot *slots;
static uint64_t memory, frame;

static int scene(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, 16 * FX_RAM);
    fx_boot(&platform);
    fx.unrepeated = true;
    slots = cnode_of(fx_cap(fx_new(OBJECT_CNODE, LIMIT_BITS)));
    memory = cap_object(fx_cap(fx_new(OBJECT_CNODE, LIMIT_BITS + 1)));
    frame = fx_new(OBJECT_SMALL_PAGE, 0);
    return 0;
}

static void containers(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < LIMIT_CONTAINERS; i++)
        slots[i].cap = cap_cnode(memory + i * BYTES, 1, 0, 0);
    fx_reports("walk: too many containers");
}

static void objects(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < LIMIT; i++)
        slots[i].cap = cap_notification(memory + i * BYTES, 0, 0);
    fx_reports("walk: too many objects");
}

/* Caps to one frame in one run of the list, all with a record. */
static void mappings(void **unused)
{
    (void)unused;
    for (unsigned i = 0; i < LIMIT; i++) {
        slots[i].cap = with_mapping(fx_cap(frame), 1, 0x1000);
        slots[i].prev = i ? &slots[i - 1] : NULL;
        slots[i].link = i + 1 < LIMIT ? (uint64_t)&slots[i + 1] : 0;
    }
    cdt_remove(fx_at(frame));
    fx_reports("walk: too many mappings");
}

/* As many as it holds are no complaint, one more is. */
static void exactly_as_many_mappings(void **unused)
{
    uint64_t known = 0, last;
    (void)unused;
    for (uint64_t slot = 0; slot < cnode_slots(fx_cap(SLOT_INIT_CNODE)); slot++) {
        enum cap_type_number type = cap_type(fx_cap(slot));
        known += (type == CAP_FRAME || type == CAP_PAGE_TABLE) && mapping_asid(fx_cap(slot)) != 0;
    }
    last = LIMIT - known;
    for (uint64_t i = 0; i <= last; i++) {
        slots[i].cap = with_mapping(fx_cap(frame), 1, 0x1000);
        slots[i].prev = i ? &slots[i - 1] : NULL;
        slots[i].link = i < last ? (uint64_t)&slots[i + 1] : 0;
    }
    cdt_remove(fx_at(frame));
    fx_reports("walk: too many mappings");
    slots[last] = (struct slot){0};
    slots[last - 1].link = 0;
    assert_null(fx_broken());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(containers, scene, fx_teardown),
        cmocka_unit_test_setup_teardown(objects, scene, fx_teardown),
        cmocka_unit_test_setup_teardown(mappings, scene, fx_teardown),
        cmocka_unit_test_setup_teardown(exactly_as_many_mappings, scene, fx_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
