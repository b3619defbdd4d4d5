/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Boot (abi/boot.md): from a description of the machine to the first thread.
 */
#include "boot.h"

#include "abi/kaal_version.h"
#include "asid.h"
#include "diag.h"
#include "fpu.h"
#include "lockstep.h"
#include "print.h"

enum {
    SPSR_DEBUG = 0x40,
    SPSR_RELEASE = 0x140,
    BOOT_DOMAIN_BITS = 56
};

void boot_fail(const char *sentence, uint64_t value)
{
    for (; *sentence; sentence++) {
        if (*sentence == '%' || *sentence == '#')
            print(*sentence == '%' ? "%u" : "0x%x", value);
        else
            print("%c", *sentence);
    }
    print("\n");
    hal_halt(BOOT_FAILED);
}

static void init_kernel(struct boot *boot, struct diag *diag)
{
    const struct platform *p = boot->platform;
    const struct boot_options *options = &p->options;
    struct kernel *kernel = boot->kernel;
    boot->cpu->kernel = kernel;
    boot->cpu->diag = diag;
    diag->log = options->log;
    lockstep_init(diag, options);
    kernel->debug_flavour = p->flavour[0] == 'd';
    kernel->initial_spsr = kernel->debug_flavour ? SPSR_DEBUG : SPSR_RELEASE;
    kernel->debug_calls = options->debug_calls;
    kernel->benchmark_calls = options->benchmark_calls;
    kernel->work_limit = WORK_UNITS_PER_PREEMPTION;
    kernel->domain_count = options->domains;
    kernel->schedule_count = options->domain_schedules;
    kernel->slice_ticks = options->slice_ticks;
    kernel->tick = (uint64_t)p->timer_hz * options->tick_us / 1000000;
    kernel->max_irq = p->max_irq;
    kernel->timer_irq = p->timer_irq;
    kernel->gic = p->gic;
    kernel->ram_count = p->ram_count;
    for (unsigned i = 0; i < p->ram_count; i++)
        kernel->ram[i] = p->ram[i];
    if (p->timer_irq > p->max_irq)
        boot_fail("boot: the kernel timer's interrupt % is above the highest interrupt",
                  p->timer_irq);
}

static void print_memory(const struct platform *p)
{
    for (unsigned i = 0; i < p->ram_count; i++)
        print("  memory: 0x%x .. 0x%x (%u MiB)\n", p->ram[i].start, p->ram[i].end,
              (p->ram[i].end - p->ram[i].start) >> 20);
}

static void print_banner(const struct platform *p)
{
    print("\nKaaL kernel %s (%s)\n", KAAL_VERSION, p->flavour);
    print("  model: %s\n", p->model);
    print("  kernel: 0x%x .. 0x%x, boot part to 0x%x\n", p->kernel.start, p->kernel.end,
          p->kernel_boot.end);
    print("  user image: 0x%x .. 0x%x, offset 0x%x, entry 0x%x\n", p->user.start, p->user.end,
          p->user_pv_offset, p->user_entry);
    print("  device tree: 0x%x, %u bytes\n", p->dtb.start, p->dtb.end - p->dtb.start);
    print_memory(p);
    print("  GICv%u, interrupts 0..%u, timer interrupt %u at %u Hz\n", (uint64_t)p->gic,
          (uint64_t)p->max_irq, (uint64_t)p->timer_irq, (uint64_t)p->timer_hz);
}

static void start_schedule(struct boot *boot)
{
    struct kernel *kernel = boot->kernel;
    uint64_t forever = (1ull << BOOT_DOMAIN_BITS) - 1;
    kernel->schedule[0] = (struct domain_entry){0, forever};
    kernel->domain_time = forever;
}

static void start_machine(struct boot *boot)
{
    struct cpu *cpu = boot->cpu;
    hal_user_access(&boot->platform->options);
    asid_activate(cpu, cpu->current);
    fpu_switch(cpu, cpu->current);
    cpu->watched = cpu->diag->events || boot->kernel->benchmark_calls;
    cpu->fast = !cpu->watched;
    if (boot->kernel->tick == 0)
        return; /* kaal.tick_us=0 */
    cpu->time_mark = hal_timer_now();
    cpu->next_tick = cpu->time_mark + boot->kernel->tick;
    hal_timer_arm(cpu->next_tick);
}

struct cpu *core_boot(void *state, void *diag, const struct platform *platform)
{
    struct kernel *kernel = state;
    struct boot boot = {.platform = platform, .kernel = kernel, .cpu = &kernel->cpus[hal_cpu_id()]};
    init_kernel(&boot, diag);
    if (boot.cpu->diag->log != LOG_QUIET)
        print_banner(platform);
    boot_plan_space(&boot);
    boot_find_free_ram(&boot);
    boot_make_objects(&boot);
    boot_make_caps(&boot);
    boot_make_space(&boot);
    boot_make_thread(&boot);
    boot_make_untypeds(&boot);
    boot.info->empty = (struct slot_region){boot.next_slot, 1ull << boot.radix};
    start_schedule(&boot);
    start_machine(&boot);
    if (boot.cpu->diag->log != LOG_QUIET)
        print("  root CNode of 2^%u slots, %u untypeds; starting the root task\n\n",
              (uint64_t)boot.radix, boot.info->untyped.end - boot.info->untyped.start);
    return boot.cpu;
}
