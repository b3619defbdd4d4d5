/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * EL0 code on the hosted machine: what the engine's start-up check (hal-hosted/cpu_check.c) cannot
 * see. Programs are instruction words (Arm ARM C6.2), devices as in QEMU 7.2's `virt`.
 */
#include "engine_bed.h"

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

/* An entry pushed out of the library's direct-mapped TLB goes to a small one beside it, which must
 * be the space's own too. Space 1 pushes FAR out by pages at distances that map to the same place
 * whatever the TLB's size; space 2, where nothing is flushed any more, has another frame there. */
static void pushed_out_entry_is_not_seen_by_another_space(void **unused)
{
    enum {
        TABLE = 0x40018000,
        FRAME = 0x4001a000,
        FAR = 0x600000
    };
    static const uint64_t root[] = {OTHER_ROOT, ROOT};
    (void)unused;
    for (unsigned i = 0; i < 2; i++) {
        words(root[i] + 2 * 4096)[FAR >> 21] = (TABLE + i * 4096) | 3;
        for (unsigned page = 0; page < 512; page++) {
            uint64_t frame = page == 0 ? FRAME + i * 4096 : DATA;
            words(TABLE + i * 4096)[page] = frame | LEAF | NORMAL | READ_WRITE | 1ull << 54;
        }
        *words(FRAME + i * 4096) = 100 + i;
    }
    PUT(CODE, LDR_W0, SVC);
    PUT(OTHER_CODE, LDR_W0, SVC);
    for (unsigned run = 0; run < 6; run++) { /* new code flushes: that is over then */
        hal_space_switch(paddr(root[run % 2]), (uint16_t)(2 - run % 2));
        (void)run_to_svc(0, DATA_VA);
    }
    for (unsigned bytes = 0; bytes < 1 << 21; bytes = bytes == 0 ? 1 << 14 : bytes << 1) {
        assert_int_equal(run_to_svc(0, FAR + bytes), bytes == 0 ? 101 : 0);
    }
    hal_space_switch(paddr(OTHER_ROOT), 2);
    assert_int_equal(run_to_svc(0, FAR), 100);
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

/* No later than the end of the block, whatever the budget; a write without consequences costs none.
 */
static void a_write_that_interrupts_ends_the_run(void **unused)
{
    char text[8];
    (void)unused;
    PUT(CODE, STR_W0, ADD_X0, B_NEXT, ADD_X0, SVC);           /* str; x0 += 1; b; x0 += 1; svc */
    assert_int_equal(run_to_svc(0x20, UART_VA + 0x38), 0x22); /* IMSC: transmit, which is idle */
    device_set(UART_VA + 0x44, 0x7ff);                        /* ICR */
    hal_irq_enable(DEVICE_UART_IRQ, true);
    machine_console_capture(text, sizeof text);
    PUT(CODE, STR_W0, ADD_X0, B_NEXT, ADD_X0, SVC);
    begin('k', UART_VA); /* the character is sent: the interrupt rises */
    engine->run(&context, 1000000, &out);
    assert_int_equal(out.kind, CPU_BUDGET);
    assert_int_equal(out.instructions, 3);
    assert_int_equal(context.next_pc, CODE_VA + 12);
    assert_int_equal(context.reg[REG_X0], 'k' + 1);
    hal_irq_enable(DEVICE_UART_IRQ, false); /* still up, and nobody's business: on to the end */
    engine->run(&context, 1000000, &out);
    assert_int_equal(out.kind, CPU_SYSCALL);
    assert_int_equal(context.reg[REG_X0], 'k' + 2);
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
        CASE(pushed_out_entry_is_not_seen_by_another_space),
        CASE(empty_space_faults),
        CASE(remapped_page_is_seen),
        CASE(slices_add_up),
        CASE(fp_registers_pass_through),
        CASE(fp_trap_leaves_registers),
        CASE(devices_identify_themselves),
        CASE(uart_prints_and_interrupts),
        CASE(a_write_that_interrupts_ends_the_run),
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
