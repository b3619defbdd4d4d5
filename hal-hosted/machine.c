/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Life of the one machine: creation, kernel entries, ends, console (machine.h).
 */
#include "machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "internal.h"
#include "mmu_model.h"
#include "tlb_check.h"

struct machine machine;

enum {
    PAGE = 4096
};

/* ---- life ---- */

static void small_options(struct boot_options *o)
{
    o->root_cnode_bits = 8;
    o->domains = 1;
    o->domain_schedules = 2;
    o->tick_us = 2000;
    o->slice_ticks = 5;
    o->debug_calls = true;
    o->log = LOG_QUIET;
}

void machine_small_platform(struct platform *out, uint64_t ram_bytes)
{
    const uint64_t base = 0x40000000, user_virtual = 0x400000;
    uint64_t kernel_bytes = 2 * PAGE + (CORE_STATE_BYTES + PAGE - 1) / PAGE * PAGE;
    *out = (struct platform){.ram_count = 1, .device_private_count = 2, .gic = GIC_V2};
    snprintf(out->model, sizeof out->model, "kaal,small");
    out->ram[0] = (struct range){base, base + ram_bytes};
    out->gic_frames[0] = 0x8000000;
    out->gic_frames[1] = 0x8010000;
    out->gic_sizes[0] = out->gic_sizes[1] = 0x10000;
    for (unsigned i = 0; i < 2; i++) {
        out->device_private[i] = (struct range){out->gic_frames[i], out->gic_frames[i] + PAGE};
    }
    out->device_top = 1ull << 40;
    out->uart = 0x9000000;
    out->timer_irq = 27;
    out->timer_hz = 62500000;
    out->max_irq = 287;
    out->cpu_count = 1;
    out->kernel = (struct range){base, base + kernel_bytes};
    out->kernel_boot = (struct range){base, base + 2 * PAGE};
    out->dtb = (struct range){out->kernel.end, out->kernel.end};
    out->user = (struct range){out->kernel.end, out->kernel.end + 2 * PAGE};
    out->user_pv_offset = out->user.start - user_virtual;
    out->user_entry = user_virtual;
    out->flavour = "debug";
    small_options(&out->options);
}

void machine_create(const struct platform *platform, uint64_t state)
{
    if (machine.exists) {
        machine_destroy();
    }
    memset(&machine, 0, sizeof machine);
    machine.platform = *platform;
    machine.state = state != 0 ? state : platform->kernel_boot.end;
    const char *why = arena_map(platform);
    if (why != NULL) {
        fprintf(stderr, "kaal-hosted: %s\n", why);
        exit(STATUS_MEMORY);
    }
    machine.exists = true;
    if (machine.state % 64 != 0 || !arena_has(machine.state, CORE_STATE_BYTES)) {
        machine_violate("core state at 0x%llx, expected %d bytes of RAM, 64-byte aligned",
                        (unsigned long long)machine.state, CORE_STATE_BYTES);
    }
    irq_reset(&machine.model.irq, platform->timer_irq);
    tlb_reset();
    device_reset();
}

void machine_destroy(void)
{
    if (!machine.exists) {
        return;
    }
    if (machine.engine != NULL) {
        machine.engine->destroy();
    }
    arena_unmap(&machine.platform);
    machine.exists = false;
}

struct cpu *machine_boot(void)
{
    void *state = hal_window(paddr(machine.state));
    memset(state, 0, CORE_STATE_BYTES);
    memset(MACHINE_DIAG, 0, CORE_DIAG_BYTES);
    struct cpu *cpu = core_boot(state, MACHINE_DIAG, &machine.platform);
    tlb_return();
    return cpu;
}

struct context *machine_enter(struct cpu *cpu, const struct trap *trap)
{
    struct context *now = core_current(cpu);
    if (trap->kind == TRAP_INTERRUPT && now != NULL) {
        now->reg[REG_PC] = now->next_pc;
    }
    struct context *next = core_enter(cpu, trap);
    tlb_return();
    return next;
}

/* ---- ends and violations ---- */

static _Noreturn void leave(int guard_status, int status)
{
    if (machine.guarded) {
        machine.guard_status = guard_status;
        longjmp(machine.guard, 1);
    }
    fflush(stdout);
    exit(status);
}

_Noreturn void machine_stop(int status)
{
    leave(status & 0xff, status & 0xff);
}

_Noreturn void machine_violate(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(machine.violation, sizeof machine.violation, format, args);
    va_end(args);
    if (!machine.guarded) {
        fflush(stdout);
        fprintf(stderr, "kaal-hosted: %s\n", machine.violation);
    }
    leave(MACHINE_VIOLATION, STATUS_VIOLATION);
}

const char *machine_violation(void)
{
    return machine.violation;
}

int machine_guard(void (*fn)(void *), void *arg)
{
    machine.guarded = true;
    machine.guard_status = MACHINE_RAN_ON;
    if (setjmp(machine.guard) == 0) {
        fn(arg);
    }
    machine.guarded = false;
    return machine.guard_status;
}

/* ---- console ---- */

void machine_console_put(char c)
{
    if (machine.capture == NULL) {
        putchar(c);
    } else if (machine.capture_used < machine.capture_bytes) {
        machine.capture[machine.capture_used++] = c;
    }
    if (machine.console_watch != NULL) {
        machine.console_watch(c);
    }
}

void machine_console_line(const char *text)
{
    while (*text != '\0') {
        machine_console_put(*text++);
    }
    machine_console_put('\n');
}

void machine_console_capture(char *buffer, size_t bytes)
{
    machine.capture = buffer;
    machine.capture_bytes = bytes;
    machine.capture_used = 0;
}

size_t machine_console_used(void)
{
    return machine.capture_used;
}

/* ---- observation ---- */

void machine_on_event(void (*fn)(const struct event *event))
{
    machine.on_event = fn;
}

uint64_t machine_space_root(void)
{
    return machine.model.root;
}

uint16_t machine_space_asid(void)
{
    return machine.model.asid;
}

void machine_translate(uint64_t va, struct translation *out)
{
    mmu_walk(machine.model.root, va, arena_read64, out);
}
