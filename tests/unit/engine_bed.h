/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A hosted machine with a CPU engine and two address spaces, without a kernel: the bed of
 * test_hosted_engine.c, which runs it once with each engine.
 */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core_stubs.h"
#include "device.h"
#include "internal.h"
#include "sysreg.h"

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

static const struct cpu_bus bus = {bus_memory, device_read, device_write, irq_is_pending,
                                   device_pages};

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
#define B_NEXT   0x14000001u /* b .+4 */

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
