/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * EL0 code on the hosted machine: what the engine's start-up check (hal-hosted/cpu_check.c) cannot
 * see. Programs are instruction words (Arm ARM C6.2), devices as in QEMU 7.2's `virt`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "device.h"
#include "internal.h"
#include "sysreg.h"

struct cpu *core_boot(void *state, void *diag, const struct platform *platform)
{
    (void)diag;
    (void)platform;
    return state;
}

struct context *core_enter(struct cpu *cpu, const struct trap *trap)
{
    (void)cpu;
    (void)trap;
    return NULL;
}

struct context *core_current(struct cpu *cpu)
{
    (void)cpu;
    return NULL;
}

enum {
    ROOT = 0x40010000, /* two spaces of four tables each */
    OTHER_ROOT = 0x40014000,
    CODE = 0x40020000,
    OTHER_CODE = 0x40021000,
    DATA = 0x40022000,
    CODE_VA = 0x400000,
    DATA_VA = 0x401000,
    UART_VA = 0x402000,
    RTC_VA = 0x403000,
    GPIO_VA = 0x404000,
    LEAF = 3 | 1 << 10 | 1 << 11,
    NORMAL = 4 << 2,
    READ_WRITE = 1 << 6,
    READ_ONLY = 3 << 6,
};

static const struct cpu_engine *engine;
static enum cpu_engine_kind kind;
static struct context context;
static struct cpu_exit out;

static void *bus_memory(uint64_t pa)
{
    return arena_has(pa, 1) ? hal_window(paddr(pa)) : NULL;
}

static const struct cpu_bus bus = {bus_memory, device_read, device_write, device_pages};

static uint64_t *words(uint64_t pa)
{
    return hal_window(paddr(pa));
}

/* Tables of four consecutive pages; code executable and writable, so that it can change itself. */
static void build_space(uint64_t root, uint64_t code)
{
    for (unsigned level = 0; level < 3; level++) {
        words(root + level * 4096)[(uint64_t)CODE_VA >> (39 - 9 * level) & 511] =
            (root + (level + 1) * 4096) | 3;
    }
    uint64_t *leaf = words(root + 3 * 4096);
    leaf[0] = code | LEAF | NORMAL | READ_WRITE;
    leaf[1] = DATA | LEAF | NORMAL | READ_WRITE | 1ull << 54;
    leaf[2] = DEVICE_UART | LEAF | READ_WRITE | 1ull << 54;
    leaf[3] = DEVICE_RTC | LEAF | READ_WRITE | 1ull << 54;
    leaf[4] = DEVICE_GPIO | LEAF | READ_WRITE | 1ull << 54;
}

static int start(void **unused)
{
    struct platform platform;
    (void)unused;
    machine_small_platform(&platform, 256 * 1024);
    machine_create(&platform, 0);
    assert_null(cpu_engine_create(&platform, &bus, kind, &engine));
    machine.engine = engine;
    build_space(ROOT, CODE);
    build_space(OTHER_ROOT, OTHER_CODE);
    hal_space_switch(paddr(ROOT), 1);
    hal_fpu_enable(true);
    return 0;
}

static int end(void **unused)
{
    (void)unused;
    machine_destroy();
    return 0;
}

static void put_code(uint64_t pa, const uint32_t *code, size_t count)
{
    memcpy(words(pa), code, count * 4);
    hal_cache_range(HAL_CACHE_UNIFY, paddr(pa), count * 4);
}

#define PUT(pa, ...)                                                                               \
    do {                                                                                           \
        static const uint32_t code_[] = {__VA_ARGS__};                                             \
        put_code(pa, code_, sizeof code_ / sizeof code_[0]);                                       \
    } while (0)

#define SVC      0xd4000001u
#define MOV_X0_1 0xd2800020u
#define MOV_X0_2 0xd2800040u
#define ADD_X0   0x91000400u /* add x0, x0, #1 */
#define LDR_W0   0xb9400020u /* ldr w0, [x1] */
#define STR_W0   0xb9000020u

static void begin(uint64_t x0, uint64_t x1)
{
    memset(&context, 0, sizeof context);
    context.reg[REG_PC] = context.next_pc = CODE_VA;
    context.reg[REG_X0] = x0;
    context.reg[REG_X1] = x1;
}

/* Runs to a system call and returns x0. */
static uint64_t run_to_svc(uint64_t x0, uint64_t x1)
{
    begin(x0, x1);
    engine->run(&context, 100000, &out);
    assert_int_equal(out.kind, CPU_SYSCALL);
    return context.reg[REG_X0];
}

/* ---- code that changes ---- */

static void new_code_is_run(void **unused)
{
    (void)unused;
    PUT(CODE, MOV_X0_1, SVC);
    assert_int_equal(run_to_svc(0, 0), 1);
    PUT(CODE, MOV_X0_2, SVC);
    assert_int_equal(run_to_svc(0, 0), 2);
}

static void retyped_memory_is_not_run_from_old_code(void **unused)
{
    (void)unused;
    PUT(CODE, MOV_X0_1, SVC);
    assert_int_equal(run_to_svc(0, 0), 1);
    hal_pte_store(&words(ROOT + 3 * 4096)[0], 0);
    hal_tlb_invalidate_page(1, vaddr(CODE_VA));
    hal_memory_typed(paddr(CODE), 4096);
    memset(words(CODE), 0, 4096);
    hal_pte_store(&words(ROOT + 3 * 4096)[0], CODE | LEAF | NORMAL | READ_WRITE);
    begin(0, 0);
    engine->run(&context, 100, &out);
    assert_int_equal(out.kind, CPU_EXCEPTION);
    assert_int_equal(out.esr, 0x02000000);
}

static void code_that_writes_itself(void **unused)
{
    (void)unused;
    /* str w0, [x1]; dc cvau, x1; dsb; ic ivau, x1; dsb; isb; (patched); svc */
    PUT(CODE, STR_W0, 0xd50b7b21, 0xd5033b9f, 0xd50b7521, 0xd5033b9f, 0xd5033fdf, MOV_X0_1, SVC);
    for (unsigned round = 0; round < 3; round++) {
        assert_int_equal(run_to_svc(MOV_X0_2, CODE_VA + 24), 2);
        assert_int_equal(run_to_svc(MOV_X0_1, CODE_VA + 24), 1);
    }
}

static void same_address_in_two_spaces(void **unused)
{
    (void)unused;
    PUT(CODE, MOV_X0_1, SVC);
    PUT(OTHER_CODE, MOV_X0_2, SVC);
    for (unsigned round = 0; round < 100; round++) {
        hal_space_switch(paddr(ROOT), 1);
        assert_int_equal(run_to_svc(0, 0), 1);
        hal_space_switch(paddr(OTHER_ROOT), 2);
        assert_int_equal(run_to_svc(0, 0), 2);
    }
}

static void empty_space_faults(void **unused)
{
    (void)unused;
    PUT(CODE, SVC);
    hal_space_switch(paddr(0), 0);
    begin(0, 0);
    engine->run(&context, 100, &out);
    assert_int_equal(out.kind, CPU_INSTRUCTION_ABORT);
    assert_int_equal(out.esr, 0x82000004);
    assert_int_equal(out.far, CODE_VA);
}

static void remapped_page_is_seen(void **unused)
{
    (void)unused;
    PUT(CODE, LDR_W0, SVC);
    words(DATA)[0] = 77;
    words(OTHER_CODE)[0] = 88;
    assert_int_equal(run_to_svc(0, DATA_VA), 77);
    hal_pte_store(&words(ROOT + 3 * 4096)[1], 0);
    hal_tlb_invalidate_page(1, vaddr(DATA_VA));
    hal_pte_store(&words(ROOT + 3 * 4096)[1], OTHER_CODE | LEAF | NORMAL | READ_WRITE);
    assert_int_equal(run_to_svc(0, DATA_VA), 88);
}

/* ---- budget ---- */

/* Slices of any size see the same instructions: the sum and the end are equal. */
static void slices_add_up(void **unused)
{
    /* 1: add x0, x0, #1; nop; sub x2, x2, #1; cbnz x2, 1b; svc */
    PUT(CODE, ADD_X0, 0xd503201f, 0xd1000442, 0xb5ffffa2, SVC);
    (void)unused;
    for (uint64_t slice = 1; slice < 5000; slice = slice * 3 + 1) {
        uint64_t total = 0;
        begin(0, 0);
        context.reg[REG_X0 + 2] = 1000;
        do {
            engine->run(&context, slice, &out);
            total += out.instructions;
            assert_in_range(out.instructions, 1, slice + 3);
        } while (out.kind == CPU_BUDGET);
        assert_int_equal(out.kind, CPU_SYSCALL);
        assert_int_equal(context.reg[REG_X0], 1000);
        assert_int_equal(total, 4001);
    }
}

/* ---- floating point ---- */

static void fp_registers_pass_through(void **unused)
{
    struct fp_state in = {.fpcr = 1 << 24, .fpsr = 0x10}, found;
    (void)unused;
    PUT(CODE, 0x9e660000, 0x9e67001f, SVC); /* fmov x0, d0; fmov d31, x0; svc */
    in.v[0] = 0x1234;
    in.v[1] = 0x5678;
    hal_fpu_load(&in);
    assert_int_equal(run_to_svc(0, 0), 0x1234);
    hal_fpu_save(&found);
    assert_int_equal(found.v[62], 0x1234);
    assert_int_equal(found.v[1], 0x5678);
    assert_int_equal(found.fpcr, 1 << 24);
    assert_int_equal(found.fpsr, 0x10);
}

static void fp_trap_leaves_registers(void **unused)
{
    struct fp_state in = {.fpcr = 0}, found;
    (void)unused;
    PUT(CODE, ADD_X0, ADD_X0, 0x9e67001f, SVC); /* …; fmov d31, x0; svc */
    in.v[62] = 99;
    hal_fpu_load(&in);
    hal_fpu_enable(false);
    begin(0, 0);
    engine->run(&context, 100, &out);
    assert_int_equal(out.kind, CPU_EXCEPTION);
    assert_int_equal(out.esr, 0x1fe00000);
    assert_int_equal(context.next_pc, CODE_VA + 8);
    assert_int_equal(context.reg[REG_X0], 2);
    assert_int_equal(out.instructions, 2);
    hal_fpu_save(&found);
    assert_int_equal(found.v[62], 99);
    hal_fpu_enable(true);
    engine->run(&context, 100, &out);
    assert_int_equal(out.kind, CPU_SYSCALL);
    hal_fpu_save(&found);
    assert_int_equal(found.v[62], 2);
}

/* ---- devices ---- */

static uint64_t device(uint64_t va)
{
    PUT(CODE, LDR_W0, SVC);
    return run_to_svc(0, va);
}

static void device_set(uint64_t va, uint64_t value)
{
    PUT(CODE, STR_W0, SVC);
    run_to_svc(value, va);
}

static void devices_identify_themselves(void **unused)
{
    static const uint64_t page[] = {UART_VA, RTC_VA, GPIO_VA};
    static const uint32_t part[] = {0x11, 0x31, 0x61};
    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(device(page[i] + 0xfe0), part[i]);
        assert_int_equal(device(page[i] + 0xff0), 0x0d);
        assert_int_equal(device(page[i] + 0xffc), 0xb1);
    }
}

static void uart_prints_and_interrupts(void **unused)
{
    char text[8];
    (void)unused;
    machine_console_capture(text, sizeof text);
    assert_int_equal(device(UART_VA + 0x18), 0x90);
    assert_int_equal(device(UART_VA + 0x30), 0x300);
    hal_irq_enable(DEVICE_UART_IRQ, true);
    device_set(UART_VA, 'k');
    assert_int_equal(machine_console_used(), 1);
    assert_int_equal(text[0], 'k');
    assert_false(hal_irq_pending());
    device_set(UART_VA + 0x38, 0x20); /* IMSC: transmit */
    assert_int_equal(device(UART_VA + 0x40), 0x20);
    assert_int_equal(hal_irq_claim(), DEVICE_UART_IRQ);
    device_set(UART_VA + 0x44, 0x20); /* ICR */
    hal_irq_done(DEVICE_UART_IRQ);
    assert_false(hal_irq_pending());
    machine_console_capture(NULL, 0);
}

static void clock_counts_virtual_seconds(void **unused)
{
    (void)unused;
    assert_int_equal(device(RTC_VA), 0);
    machine_advance(5000000000ull);
    assert_int_equal(device(RTC_VA), 5);
    device_set(RTC_VA + 8, 1000);
    assert_int_equal(device(RTC_VA), 1000);
}

static void gpio_keeps_outputs(void **unused)
{
    (void)unused;
    device_set(GPIO_VA + 0x400, 0x0f); /* direction: lines 0..3 out */
    device_set(GPIO_VA + 0x3fc, 0xff);
    assert_int_equal(device(GPIO_VA + 0x3fc), 0x0f);
    assert_int_equal(device(GPIO_VA + (0x05 << 2)), 0x05);
}

static void narrow_accesses_are_parts_of_words(void **unused)
{
    (void)unused;
    PUT(CODE, 0x39400020, SVC); /* ldrb w0, [x1] */
    assert_int_equal(run_to_svc(0, UART_VA + 0x31), 3);
    PUT(CODE, 0xf9400020, SVC); /* ldr x0, [x1] */
    assert_int_equal(run_to_svc(0, UART_VA + 0x30), 0x1200000300);
}

/* ---- system registers ---- */

#define READ_CNTVCT   0xd53be040u
#define READ_CNTFRQ   0xd53be000u
#define READ_PMCCNTR  0xd53b9d00u
#define READ_CNTP_CTL 0xd53be220u
#define SET_CNTP_TVAL 0xd51be200u
#define SET_CNTP_CTL  0xd51be220u

static bool answered(uint32_t instruction, uint64_t x0)
{
    const uint32_t code[] = {instruction, SVC};
    put_code(CODE, code, 2);
    begin(x0, 0);
    engine->run(&context, 10, &out);
    return sysreg_answer(&context, &out);
}

static void registers_are_closed_until_opened(void **unused)
{
    static const struct boot_options open_virtual = {.el0_virtual_counter = true};
    (void)unused;
    machine_advance(1600);
    assert_false(answered(READ_CNTVCT, 0));
    assert_int_equal(context.next_pc, CODE_VA);
    assert_false(answered(READ_CNTFRQ, 0));
    hal_user_access(&open_virtual);
    assert_true(answered(READ_CNTVCT, 0));
    assert_int_equal(context.reg[REG_X0], 100); /* 16 ns a tick */
    assert_int_equal(context.next_pc, CODE_VA + 4);
    assert_int_equal(context.reg[REG_PC], CODE_VA + 4);
    assert_true(answered(READ_CNTFRQ, 0));
    assert_int_equal(context.reg[REG_X0], 62500000);
    assert_false(answered(READ_PMCCNTR, 0));
    assert_false(answered(0xd53be020, 0)); /* CNTPCT_EL0 */
}

static void physical_timer_interrupts(void **unused)
{
    static const struct boot_options open_timer = {.el0_physical_timer = true};
    uint64_t at;
    (void)unused;
    assert_false(answered(SET_CNTP_TVAL, 0));
    hal_user_access(&open_timer);
    hal_irq_enable(30, true);
    assert_true(answered(SET_CNTP_TVAL, 10));
    assert_true(answered(SET_CNTP_CTL, 1));
    assert_false(hal_irq_pending());
    assert_true(machine_next_event(&at));
    assert_int_equal(at, 160);
    machine_advance(160);
    assert_true(answered(READ_CNTP_CTL, 0));
    assert_int_equal(context.reg[REG_X0], 5); /* enabled, condition met */
    assert_int_equal(hal_irq_claim(), 30);
    assert_true(answered(SET_CNTP_CTL, 3)); /* masked */
    hal_irq_done(30);
    assert_false(hal_irq_pending());
}

static void cycles_are_virtual_time(void **unused)
{
    static const struct boot_options open_pmu = {.el0_pmu = true};
    (void)unused;
    hal_user_access(&open_pmu);
    machine_advance(1234);
    assert_true(answered(READ_PMCCNTR, 0));
    assert_int_equal(context.reg[REG_X0], 1234);
}

/* ---- snapshots with an engine ---- */

static void snapshot_carries_engine_state(void **unused)
{
    void *copy = test_malloc(machine_snapshot_bytes());
    struct fp_state fp = {.v = {7}};
    (void)unused;
    PUT(CODE, MOV_X0_1, SVC);
    hal_fpu_load(&fp);
    assert_int_equal(run_to_svc(0, 0), 1);
    machine_snapshot(copy);
    PUT(CODE, MOV_X0_2, SVC);
    fp.v[0] = 8;
    hal_fpu_load(&fp);
    hal_space_switch(paddr(0), 0);
    machine_restore(copy);
    assert_int_equal(run_to_svc(0, 0), 1);
    hal_fpu_save(&fp);
    assert_int_equal(fp.v[0], 7);
    test_free(copy);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(new_code_is_run),
        CASE(retyped_memory_is_not_run_from_old_code),
        CASE(code_that_writes_itself),
        CASE(same_address_in_two_spaces),
        CASE(empty_space_faults),
        CASE(remapped_page_is_seen),
        CASE(slices_add_up),
        CASE(fp_registers_pass_through),
        CASE(fp_trap_leaves_registers),
        CASE(devices_identify_themselves),
        CASE(uart_prints_and_interrupts),
        CASE(clock_counts_virtual_seconds),
        CASE(gpio_keeps_outputs),
        CASE(narrow_accesses_are_parts_of_words),
        CASE(registers_are_closed_until_opened),
        CASE(physical_timer_interrupts),
        CASE(cycles_are_virtual_time),
        CASE(snapshot_carries_engine_state),
    };
    kind = CPU_ENGINE_PLAIN;
    int failed = cmocka_run_group_tests_name("plain", tests, NULL, NULL);
    kind = CPU_ENGINE_FAST;
    return failed + cmocka_run_group_tests_name("fast", tests, NULL, NULL);
}
