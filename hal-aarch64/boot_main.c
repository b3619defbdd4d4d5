/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The boot of the AArch64 machine after its tables are on: device tree → console, RAM, interrupt
 * controller, timer → core_boot(). Whatever is wrong is one sentence and the end of the run with
 * STATUS_BOOT_REFUSED; the core is entered only with a complete description.
 */
#include "boot.h"
#include "note.h"
#include "offsets.h"

extern uint8_t core_diag[CORE_DIAG_BYTES];

struct boot_args boot_args;
static struct platform platform;

static _Noreturn void boot_fail(const char *sentence)
{
    put_text("boot: ");
    put_text(sentence);
    put_text("\n");
    hal_halt(STATUS_BOOT_REFUSED);
}

/* The reader finds the console first, so that even a sentence about the tree can be seen there. */
static void read_device_tree(void)
{
    uint64_t bytes = boot_args.dtb_bytes & 0xffffffff;
    if (boot_args.dtb == 0 || bytes == 0) {
        boot_fail("device tree: expected its address in x4 and size in x5, found none");
    }
    const void *dtb = boot_view(boot_args.dtb, bytes);
    if (dtb == NULL) {
        boot_fail("device tree: expected at most 1044480 bytes, found more");
    }
    platform.flavour = machine_flavour;
    const char *error = platform_from_fdt(&platform, dtb, bytes);
    if (platform.uart != 0) {
        machine.uart = boot_map_device(platform.uart, PAGE);
    }
    machine.psci = platform.psci;
    if (error != NULL) {
        boot_fail(error);
    }
}

static bool is_in_ram(struct range r)
{
    for (uint32_t i = 0; i < platform.ram_count; i++) {
        if (r.start >= platform.ram[i].start && r.end <= platform.ram[i].end) {
            return true;
        }
    }
    return r.start == r.end;
}

static void place_images(void)
{
    uint64_t bytes = boot_args.dtb_bytes & 0xffffffff;
    platform.kernel = (struct range){boot_args.physical, image_paddr(kernel_image_end)};
    platform.kernel_boot = (struct range){image_paddr(boot_part_start), image_paddr(boot_part_end)};
    platform.dtb = (struct range){boot_args.dtb, boot_args.dtb + bytes};
    platform.user = (struct range){boot_args.user_start, boot_args.user_end};
    platform.user_pv_offset = boot_args.user_pv_offset;
    platform.user_entry = boot_args.user_entry;
    if (platform.user.start > platform.user.end || platform.user.start % PAGE != 0 ||
        platform.user.end % PAGE != 0) {
        boot_fail("user image: expected page-aligned start <= end in x0 and x1, found others");
    }
    if (!is_in_ram(platform.kernel)) {
        boot_fail("kernel image: expected it inside one range of RAM, found it outside");
    }
    if (!is_in_ram(platform.dtb)) {
        boot_fail("device tree: expected it inside one range of RAM, found it outside");
    }
    if (!is_in_ram(platform.user)) {
        boot_fail("user image: expected it inside one range of RAM, found it outside");
    }
}

/* Counter frequency, the end of device memory (abi/boot.md §2), and a silent timer. */
static void start_timer(void)
{
    uint64_t range = sysreg_read(id_aa64mmfr0_el1) & 15; /* PARange: 2 = 40 bits */
    platform.device_top = 1ull << (range <= 2 ? 40 : 44);
    platform.timer_hz = (uint32_t)sysreg_read(cntfrq_el0);
    if (platform.timer_hz == 0) {
        boot_fail("timer: expected a frequency in CNTFRQ_EL0, found 0");
    }
    sysreg_write(cntv_ctl_el0, 0);
    sysreg_write(cntkctl_el1, 0);
    isb();
    hal_irq_configure(platform.timer_irq, false);
    hal_irq_enable(platform.timer_irq, true);
}

struct boot_result boot_main(void)
{
    machine.empty_root = image_paddr(&empty_table);
    read_device_tree();
    place_images();
    const char *error = boot_map_ram(&platform);
    if (error == NULL) {
        error = boot_gic(&platform);
    }
    if (error != NULL) {
        boot_fail(error);
    }
    start_timer();
    struct cpu *cpu = core_boot(hal_window(paddr(image_paddr(core_state))),
                                hal_window(paddr(image_paddr(core_diag))), &platform);
    uint64_t boot_bytes = (uint64_t)boot_part_end - (uint64_t)boot_part_start;
    return (struct boot_result){cpu, boot_bytes / PAGE};
}
