/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The hosted machine without an engine: interrupts, time, console, guards, snapshots. A core of two
 * functions stands in for the kernel. Expected behaviour: hal/hal.h; claim order: GICv2
 * architecture 3.3 (equal priority: lowest id).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hal.h"
#include "machine.h"

/* ---- the core of this test: counts its entries in the state block ---- */

static struct context context;

struct cpu *core_boot(void *state, void *diag, const struct platform *platform)
{
    assert_int_equal(*(uint64_t *)state, 0);
    assert_int_equal(*(uint64_t *)diag, 0);
    assert_int_equal(platform->timer_irq, 27);
    return state;
}

struct context *core_enter(struct cpu *cpu, const struct trap *trap)
{
    *(uint64_t *)cpu += 1;
    return trap->kind == TRAP_INTERRUPT ? NULL : &context;
}

struct context *core_current(struct cpu *cpu)
{
    (void)cpu;
    return &context;
}

static struct cpu *cpu;

static int start(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, 256 * 1024);
    machine_create(&platform, 0);
    cpu = machine_boot();
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    machine_destroy();
    return 0;
}

/* Runs fn expecting a violation whose sentence contains `part`. */
static void expect_violation(void (*fn)(void *), const char *part)
{
    assert_int_equal(machine_guard(fn, NULL), MACHINE_VIOLATION);
    if (strstr(machine_violation(), part) == NULL) {
        fail_msg("expected a sentence with \"%s\", found \"%s\"", part, machine_violation());
    }
}

/* ---- entries ---- */

static void entries_reach_the_core(void **unused)
{
    struct trap trap = {.kind = TRAP_SYSCALL};
    (void)unused;
    assert_ptr_equal(machine_enter(cpu, &trap), &context);
    context.reg[REG_PC] = 0x400000; /* a system call, done */
    context.next_pc = 0x400004;
    trap.kind = TRAP_INTERRUPT;
    assert_null(machine_enter(cpu, &trap));
    assert_int_equal(context.reg[REG_PC], 0x400004);
    assert_int_equal(*(uint64_t *)cpu, 2);
    assert_int_equal(hal_window_paddr(cpu).raw, 0x40002000);
}

static void halts_with_seven(void *unused)
{
    (void)unused;
    hal_halt(7);
}

static void does_nothing(void *unused)
{
    (void)unused;
}

static void guard_tells_how_it_ended(void **unused)
{
    (void)unused;
    assert_int_equal(machine_guard(halts_with_seven, NULL), 7);
    assert_int_equal(machine_guard(does_nothing, NULL), MACHINE_RAN_ON);
}

static void console_is_captured(void **unused)
{
    char text[4];
    (void)unused;
    machine_console_capture(text, sizeof text);
    hal_console_putc('a');
    hal_console_putc('\n');
    assert_int_equal(machine_console_used(), 3);
    assert_memory_equal(text, "a\r\n", 3);
    hal_console_putc('b');
    hal_console_putc('c');
    assert_int_equal(machine_console_used(), 4);
    machine_console_capture(NULL, 0);
}

/* ---- interrupts ---- */

static void lowest_id_is_claimed_first(void **unused)
{
    (void)unused;
    hal_irq_configure(40, true);
    hal_irq_configure(35, true);
    hal_irq_enable(40, true);
    machine_irq_pulse(35);
    machine_irq_pulse(40);
    assert_int_equal(hal_irq_claim(), 40); /* 35 is masked */
    assert_int_equal(hal_irq_claim(), HAL_IRQ_NONE);
    hal_irq_done(40);
    hal_irq_enable(35, true);
    machine_irq_pulse(40);
    assert_int_equal(hal_irq_claim(), 35);
    assert_int_equal(hal_irq_claim(), 40);
    hal_irq_done(35);
    hal_irq_done(40);
    assert_false(hal_irq_pending());
}

static void level_stays_until_lowered(void **unused)
{
    (void)unused;
    hal_irq_enable(33, true);
    machine_irq_line(33, true);
    assert_int_equal(hal_irq_claim(), 33);
    hal_irq_done(33);
    assert_true(hal_irq_pending());
    machine_irq_line(33, false);
    assert_false(hal_irq_pending());
}

static void held_waits_for_release(void **unused)
{
    (void)unused;
    hal_irq_enable(33, true);
    machine_irq_line(33, true);
    assert_int_equal(hal_irq_claim(), 33);
    hal_irq_hold(33);
    assert_int_equal(hal_irq_claim(), HAL_IRQ_NONE);
    hal_irq_release(33);
    assert_int_equal(hal_irq_claim(), 33);
    hal_irq_done(33);
    hal_irq_release(33); /* harmless */
    assert_int_equal(hal_irq_claim(), 33);
    hal_irq_hold(33);
    hal_irq_enable(33, false); /* ends the hold */
    hal_irq_enable(33, true);
    assert_int_equal(hal_irq_claim(), 33);
    hal_irq_done(33);
}

static void edge_while_held_is_kept(void **unused)
{
    (void)unused;
    hal_irq_configure(50, true);
    hal_irq_enable(50, true);
    machine_irq_pulse(50);
    assert_int_equal(hal_irq_claim(), 50);
    hal_irq_hold(50);
    machine_irq_pulse(50);
    machine_irq_pulse(50);
    assert_false(hal_irq_pending());
    hal_irq_release(50);
    assert_int_equal(hal_irq_claim(), 50);
    hal_irq_done(50);
    assert_false(hal_irq_pending());
}

static void sgi_reaches_only_this_cpu(void **unused)
{
    (void)unused;
    hal_irq_enable(3, true);
    hal_irq_raise_sgi(3, 1);
    assert_false(hal_irq_pending());
    hal_irq_raise_sgi(3, 0);
    assert_int_equal(hal_irq_claim(), 3);
    hal_irq_done(3);
}

static void done_unclaimed(void *unused)
{
    (void)unused;
    hal_irq_done(33);
}

static void enable_beyond_range(void *unused)
{
    (void)unused;
    hal_irq_enable(1020, true);
}

static void interrupt_rules_are_checked(void **unused)
{
    (void)unused;
    expect_violation(done_unclaimed, "interrupt 33 is not active");
    expect_violation(enable_beyond_range, "interrupt id 1020, expected 0..1019");
}

static void preemption_is_scripted(void **unused)
{
    (void)unused;
    machine_preempt_at(3);
    assert_false(hal_irq_pending());
    assert_false(hal_irq_pending());
    assert_true(hal_irq_pending());
    assert_false(hal_irq_pending());
    assert_int_equal(machine_preempt_asked(), 4);
    assert_int_equal(hal_irq_claim(), HAL_IRQ_NONE);
}

/* ---- time: 62.5 MHz, so 16 ns a tick ---- */

static void timer_fires_at_its_deadline(void **unused)
{
    uint64_t at = 0;
    (void)unused;
    machine_advance(16 * 10 + 15);
    assert_int_equal(hal_timer_now(), 10);
    assert_false(machine_next_event(&at));
    hal_timer_arm(100);
    assert_true(machine_next_event(&at));
    assert_int_equal(at, 1600);
    machine_advance(1599 - machine_now());
    assert_false(hal_irq_pending());
    machine_advance(1);
    assert_true(hal_irq_pending());
    hal_timer_arm(200); /* withdraws it */
    assert_false(hal_irq_pending());
    hal_timer_arm(100); /* passed: at once */
    assert_int_equal(hal_irq_claim(), 27);
    hal_irq_done(27);
}

/* ---- floating point without an engine ---- */

static void fp_registers_are_kept(void **unused)
{
    struct fp_state in, out;
    (void)unused;
    memset(&in, 0x5a, sizeof in);
    hal_fpu_load(&in);
    hal_fpu_enable(false);
    hal_fpu_save(&out);
    assert_memory_equal(&in, &out, sizeof in);
}

/* ---- snapshots ---- */

static void snapshot_restores_everything(void **unused)
{
    void *copy = malloc(machine_snapshot_bytes());
    struct machine_hash before = machine_hash();
    uint64_t *word = hal_window(paddr(0x40020000));
    (void)unused;
    hal_memory_untyped(paddr(0x40030000), 4096);
    machine_snapshot(copy);
    *word = 1;
    hal_memory_typed(paddr(0x40030000), 4096);
    machine_advance(1000);
    hal_irq_enable(60, true);
    machine_irq_line(60, true);
    struct machine_hash changed = machine_hash();
    assert_memory_not_equal(&before, &changed, sizeof changed);
    machine_restore(copy);
    assert_int_equal(*word, 0);
    assert_int_equal(machine_now(), 0);
    assert_false(hal_irq_pending());
    struct machine_hash after = machine_hash();
    assert_memory_equal(&before, &after, sizeof after);
    hal_memory_typed(paddr(0x40030000), 4096);
    *(uint8_t *)hal_window(paddr(0x40030000)) = 1; /* no poison is left */
    free(copy);
}

static void hash_sees_place_and_value(void **unused)
{
    uint64_t *word = hal_window(paddr(0x40020000));
    struct machine_hash none, first, second;
    (void)unused;
    none = machine_hash();
    word[0] = 5;
    first = machine_hash();
    word[0] = 0;
    word[1] = 5;
    second = machine_hash();
    word[1] = 0;
    assert_memory_not_equal(&none, &first, sizeof first);
    assert_memory_not_equal(&first, &second, sizeof first);
    second = machine_hash();
    assert_memory_equal(&none, &second, sizeof none);
}

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>

static void free_memory_is_poisoned(void **unused)
{
    char *p = hal_window(paddr(0x40030000));
    (void)unused;
    assert_false(__asan_address_is_poisoned(p));
    hal_memory_untyped(paddr(0x40030000), 4096);
    assert_true(__asan_address_is_poisoned(p) && __asan_address_is_poisoned(p + 4095));
    assert_false(__asan_address_is_poisoned(p + 4096));
    hal_memory_typed(paddr(0x40030010), 16);
    assert_true(__asan_address_is_poisoned(p + 15) && __asan_address_is_poisoned(p + 32));
    assert_false(__asan_address_is_poisoned(p + 16) || __asan_address_is_poisoned(p + 31));
}
#else
static void free_memory_is_poisoned(void **unused)
{
    (void)unused;
    skip();
}
#endif

static void type_outside_ram(void *unused)
{
    (void)unused;
    hal_memory_typed(paddr(0x4003f000), 8192);
}

static void cache_outside_ram(void *unused)
{
    (void)unused;
    hal_cache_range(HAL_CACHE_CLEAN_POC, paddr(0x9000000), 64);
}

static void free_what_is_not_clean(void *unused)
{
    (void)unused;
    hal_memory_typed(paddr(0x40030000), 4096);
    hal_cache_range(HAL_CACHE_CLEAN_POU, paddr(0x40030000), 4096); /* not far enough */
    hal_cache_range(HAL_CACHE_CLEAN_POC, paddr(0x40030000), 4032); /* not all */
    hal_memory_untyped(paddr(0x40030f00), 256);
}

static void memory_rules_are_checked(void **unused)
{
    (void)unused;
    expect_violation(free_what_is_not_clean, "[0x40030f00, 0x40031000) was zeroed and not cleaned");
    hal_cache_range(HAL_CACHE_CLEAN_POC, paddr(0x40030000), 4096);
    hal_memory_untyped(paddr(0x40030f00), 256);
    expect_violation(type_outside_ram, "0x2000 bytes at 0x4003f000, expected");
    expect_violation(cache_outside_ram, "hal_cache_range");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(entries_reach_the_core),       CASE(guard_tells_how_it_ended),
        CASE(console_is_captured),          CASE(lowest_id_is_claimed_first),
        CASE(level_stays_until_lowered),    CASE(held_waits_for_release),
        CASE(edge_while_held_is_kept),      CASE(sgi_reaches_only_this_cpu),
        CASE(interrupt_rules_are_checked),  CASE(preemption_is_scripted),
        CASE(timer_fires_at_its_deadline),  CASE(fp_registers_are_kept),
        CASE(snapshot_restores_everything), CASE(hash_sees_place_and_value),
        CASE(free_memory_is_poisoned),      CASE(memory_rules_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
