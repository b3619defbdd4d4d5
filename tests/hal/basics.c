/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What can be judged without EL0: the state the core starts in, the window, page-table entries, FP
 * state, the timer's interrupt and software-generated interrupts.
 */
#include "suite.h"

static bool is_zero(const void *memory, uint64_t bytes)
{
    const uint64_t *w = memory;
    for (uint64_t i = 0; i < bytes / 8; i++) {
        if (w[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool is_ascending(const struct range *r, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (r[i].start >= r[i].end || (i > 0 && r[i].start < r[i - 1].end)) {
            return false;
        }
    }
    return true;
}

/* hal.h at core_boot(), platform.h. */
void test_boot_memory(const void *state, const void *diag)
{
    const struct platform *p = machine_platform;
    check((uint64_t)state % 64 == 0 && (uint64_t)diag % 64 == 0,
          "state blocks are 64-byte aligned");
    check(is_zero(state, CORE_STATE_BYTES) && is_zero(diag, CORE_DIAG_BYTES),
          "state blocks are zero-filled");
    check(p->ram_count > 0 && is_ascending(p->ram, p->ram_count), "RAM ranges ascend");
    check(is_ascending(p->device_private, p->device_private_count), "private pages ascend");
    check(p->timer_hz != 0 && p->timer_irq >= 16 && p->timer_irq < 32 && p->max_irq >= 31,
          "timer and interrupt facts are filled");
    check(p->device_top == 1ull << 40 || p->device_top == 1ull << 44, "device_top is 2^40 or 2^44");
    equals(hal_cpu_id(), 0, "the boot CPU is CPU 0");
    struct paddr pa = new_page();
    equals(hal_window_paddr(hal_window(pa)).raw, pa.raw, "window and its inverse");
    words(pa)[511] = 0x1234;
    equals(*(volatile uint64_t *)hal_window(paddr(pa.raw + 4088)), 0x1234, "the window is memory");
    hal_cache_range(HAL_CACHE_CLEAN_INVALIDATE_POC, pa, SUITE_PAGE);
    equals(words(pa)[511], 0x1234, "clean and invalidate keeps the data");
    hal_cache_range(HAL_CACHE_INVALIDATE_POC, paddr(pa.raw + 8), 16);
    equals(words(pa)[511], 0x1234, "invalidating a part of a line keeps the others' data");
    words(pa)[0] = 0x77;
    hal_cache_range(HAL_CACHE_INVALIDATE_POC, paddr(pa.raw + 8), 8);
    equals(words(pa)[0], 0x77, "bytes before a partly covered line are cleaned first");
    words(pa)[0] = 0x78;
    hal_cache_range(HAL_CACHE_CLEAN_POC, pa, SUITE_PAGE);
    hal_cache_range(HAL_CACHE_CLEAN_POU, pa, SUITE_PAGE);
    hal_cache_flush_all();
    equals(words(pa)[0], 0x78, "flushing all caches keeps the data");
    hal_memory_untyped(pa, SUITE_PAGE);
    hal_memory_typed(pa, SUITE_PAGE);
    words(pa)[0] = 0;
    equals(words(pa)[0], 0, "free memory becomes usable again");
}

void test_tables(void)
{
    uint64_t *entry = user_entry(&one, USER_HOLE);
    uint64_t leaf = pte_user_leaf(one.data.raw, 3, PTE_USER_RO, true, true);
    equals(hal_pte_load(entry), 0, "an entry never written is zero");
    hal_pte_store(entry, leaf);
    equals(hal_pte_load(entry), leaf, "an entry reads back as stored");
    hal_pte_store(entry, 0);
    hal_tlb_invalidate_page(one.asid, vaddr(USER_HOLE));
    equals(hal_pte_load(entry), 0, "an entry is taken away");
}

/* hal.h: hal_fpu_save/load; context.h: struct fp_state. */
void test_fpu_state(void)
{
    static struct fp_state first, second, zero;
    bool same = true;
    for (unsigned i = 0; i < 64; i++) {
        first.v[i] = 0x0101010101010101ull * (i + 1);
    }
    first.fpcr = 1u << 24; /* flush to zero */
    first.fpsr = 1u << 27; /* cumulative saturation */
    hal_fpu_load(&first);
    hal_fpu_save(&second);
    for (unsigned i = 0; i < 64; i++) {
        same = same && first.v[i] == second.v[i];
    }
    check(same, "V0 to V31 come back as loaded");
    equals(second.fpcr, first.fpcr, "FPCR comes back as loaded");
    equals(second.fpsr, first.fpsr, "FPSR comes back as loaded");
    hal_fpu_load(&zero);
    hal_fpu_save(&second);
    check(is_zero(&second, sizeof(second)), "a zero FP state is all zero");
}

/* Waits a little for an interrupt to show; the counter may stand still while the kernel runs. */
static bool pending_soon(void)
{
    for (int i = 0; i < 100000; i++) {
        if (hal_irq_pending()) {
            return true;
        }
    }
    return false;
}

void test_timer(void)
{
    uint32_t irq = machine_platform->timer_irq;
    uint64_t far = hal_timer_now() + 3600ull * machine_platform->timer_hz;
    uint64_t before = hal_timer_now();
    check(!hal_irq_pending(), "nothing is pending at boot");
    equals(hal_irq_claim(), HAL_IRQ_NONE, "a claim with nothing pending gives HAL_IRQ_NONE");
    hal_timer_arm(hal_timer_now());
    check(pending_soon(), "a deadline that has come is pending at once");
    check(hal_timer_now() >= before, "the counter does not run backwards");
    hal_timer_arm(far);
    check(!hal_irq_pending(), "arming again withdraws a pending interrupt");
    equals(hal_irq_claim(), HAL_IRQ_NONE, "a withdrawn interrupt cannot be claimed");
    hal_timer_arm(before);
    check(pending_soon(), "a deadline in the past is pending");
    equals(hal_irq_claim(), irq, "the timer's interrupt is claimed by its number");
    check(!hal_irq_pending(), "a claimed interrupt is not pending");
    hal_timer_arm(far);
    hal_irq_done(irq);
    check(!hal_irq_pending(), "a dealt-with interrupt stays away");
    hal_irq_enable(irq, false);
    hal_timer_arm(before);
    check(!hal_irq_pending(), "a masked interrupt is not pending");
    hal_irq_enable(irq, true);
    check(pending_soon(), "it shows when it is let again");
    hal_timer_arm(far);
}

/* Software-generated interrupts (edges that this CPU sends to itself; a GICv2 need not be able to
 * mask them) and the timer's level while it is held. */
void test_interrupts(void)
{
    uint32_t timer = machine_platform->timer_irq;
    uint64_t far = hal_timer_now() + 3600ull * machine_platform->timer_hz;
    hal_irq_enable(3, true);
    hal_irq_enable(5, true);
    hal_irq_configure(3, false);
    hal_irq_raise_sgi(5, 0);
    hal_irq_raise_sgi(3, 0);
    check(pending_soon(), "a software-generated interrupt is pending");
    equals(hal_irq_claim(), 3, "of equal priority, the lowest number comes first");
    hal_irq_done(3);
    equals(hal_irq_claim(), 5, "then the next");
    hal_irq_done(5);
    check(!hal_irq_pending(), "an edge fires once");
    hal_timer_arm(hal_timer_now());
    check(pending_soon(), "the timer is pending");
    equals(hal_irq_claim(), timer, "and is claimed");
    hal_irq_hold(timer);
    check(!hal_irq_pending(), "a held interrupt does not fire");
    equals(hal_irq_claim(), HAL_IRQ_NONE, "and cannot be claimed");
    hal_irq_raise_sgi(3, 0);
    check(pending_soon(), "others fire meanwhile");
    equals(hal_irq_claim(), 3, "and are claimed");
    hal_irq_done(3);
    hal_irq_release(timer);
    check(pending_soon(), "a level that is still high fires after the release");
    equals(hal_irq_claim(), timer, "and is claimed");
    hal_irq_hold(timer);
    hal_irq_enable(timer, false);
    hal_irq_enable(timer, true);
    check(pending_soon(), "masking ends a hold");
    equals(hal_irq_claim(), timer, "so that the interrupt can be claimed again");
    hal_timer_arm(far);
    hal_irq_done(timer);
    hal_irq_release(timer);
    check(!hal_irq_pending(), "a release without a hold is harmless");
    hal_irq_configure(machine_platform->max_irq, true);
    hal_irq_enable(machine_platform->max_irq, true);
    check(!hal_irq_pending(), "the highest interrupt can be configured and let");
    hal_irq_enable(machine_platform->max_irq, false);
}
