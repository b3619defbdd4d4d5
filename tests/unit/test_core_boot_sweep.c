/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Fault injection for the kernel itself, whose only resources are memory and slots: boots on every
 * size of memory from too little on, with small and large tables, and Retype until memory and slots
 * are used up. Either it works and all invariants hold, or it is refused with a sentence or an
 * error, and the invariants hold all the same.
 */
#include "boot.h"
#include "console.h"
#include "core_fixture.h"
#include "internal.h"
#include "invariants.h"

enum {
    PAGE = 4096,
    FEWEST_PAGES = 11, /* the kernel's and the user image's own, and one */
    MOST_PAGES = 80,
};

static void boot_now(void *cpu)
{
    *(struct cpu **)cpu = machine_boot();
}

/* Boots; does it succeed? A refusal has status 104 and one sentence. */
static bool boots(const struct platform *platform)
{
    struct cpu *cpu = NULL;
    const char *text;
    machine_create(platform, 0);
    int status = console_run(boot_now, &cpu, &text);
    if (status == MACHINE_RAN_ON) {
        struct cap root = cpu->current->slots[TCB_CSPACE].cap;
        const char *broken = invariants_check(cpu, cnode_of(root), cnode_slots(root));
        assert_null(broken);
    } else {
        assert_int_equal(status, BOOT_FAILED);
        assert_memory_equal(text, "boot: ", 6);
    }
    machine_destroy();
    return status == MACHINE_RAN_ON;
}

/* More memory never turns a boot that works into one that does not. */
static void every_size_of_memory(void **unused)
{
    static const uint32_t domains[] = {1, 256};
    (void)unused;
    for (uint32_t bits = 4; bits <= 12; bits += 4)
        for (unsigned i = 0; i < 2; i++) {
            bool did = false;
            unsigned refused = 0;
            for (uint64_t pages = FEWEST_PAGES; pages <= MOST_PAGES; pages++) {
                struct platform p;
                machine_small_platform(&p, pages * PAGE);
                p.options.root_cnode_bits = bits;
                p.options.domains = domains[i];
                bool does = boots(&p);
                assert_true(does || !did);
                did = does;
                refused += !does;
            }
            assert_true(refused > 0);
            assert_true(did || domains[i] == 256 || bits == 12);
        }
}

/* Retype one object at a time until it is refused; how many there were. */
static unsigned use_up(enum object_type type, uint64_t bits, enum error_code expected)
{
    struct answer a;
    for (unsigned n = 0;; n++) {
        assert_true(fx_try(fx.memory, LABEL_UNTYPED_RETYPE,
                           W(type, bits, 0, 0, fx.next_slot + n, 1), C(SLOT_INIT_CNODE), &a,
                           __FILE__, __LINE__));
        if (a.label == 0)
            continue;
        assert_int_equal(a.label, expected);
        return n;
    }
}

/* abi/invocations.md §3: the destination is checked before the space. */
static void until_memory_is_used_up(void **unused)
{
    (void)unused;
    uint64_t size = untyped_size(fx_cap(fx.memory));
    assert_int_equal(use_up(OBJECT_SMALL_PAGE, 0, ERROR_NOT_ENOUGH_MEMORY), size / PAGE);
}

static void until_slots_are_used_up(void **unused)
{
    (void)unused;
    uint64_t slots = cnode_slots(fx_cap(SLOT_INIT_CNODE)) - fx.next_slot;
    assert_int_equal(use_up(OBJECT_ENDPOINT, 0, ERROR_RANGE), slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FX_CASE(until_memory_is_used_up),
        FX_CASE(until_slots_are_used_up),
        cmocka_unit_test(every_size_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
