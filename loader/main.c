/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The boot loader's one way through: device tree, payload, checks, loading, tables, kernel. Every
 * check comes before the first byte is written outside the loader's own memory, and a failed one
 * ends the machine: the kernel is never entered after it.
 */
#include "image_bytes.h"
#include "machine.h"
#include "sha256.h"

#include "abi/kaal_version.h"

#include <string.h>

static uint8_t dtb_copy[IMAGE_DTB_MAX] __attribute__((section(".noinit"), aligned(8)));
static struct image image;
static struct image_dtb_memory memory;
static struct image_gic gic;
static struct space own;
static uint64_t entry_level;

static void check(enum image_code code, const struct image_error *err)
{
    if (code != IMAGE_OK) {
        loader_fail_error(err);
    }
}

static uint64_t address_of(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

/* One line of the report. */
static void line(void *ctx, const char *text)
{
    (void)ctx;
    console_text(LOADER_NORMAL, text);
}

static void report_machine(const void *dtb)
{
    char buf[160];
    struct image_text t;

    console_line(LOADER_NORMAL, "KaaL loader " KAAL_VERSION);
    console_number(LOADER_NORMAL, "DTB at ", address_of(dtb));
    text_start(&t, buf, sizeof buf);
    text_str(&t, "model ");
    text_str(&t, image_dtb_model(dtb_copy));
    line(NULL, buf);
    for (unsigned i = 0; i < memory.memory.ram_count; i++) {
        text_start(&t, buf, sizeof buf);
        text_str(&t, "memory ");
        text_span(&t, memory.ram[i].base, memory.ram[i].base + memory.ram[i].size);
        text_str(&t, ", ");
        text_size(&t, memory.ram[i].size);
        line(NULL, buf);
    }
    console_number(LOADER_DEBUG, "loader at ", address_of(loader_start));
    console_number(LOADER_DEBUG, "loader and payload end at ", loader_own_end());
    console_number(LOADER_DEBUG, "entered at exception level ", entry_level);
    console_text(LOADER_DEBUG, sha256_has_instructions() ? "SHA-256 by the CPU's instructions"
                                                         : "SHA-256 by portable code");
}

/* All that can be checked of loader and payload before anything is placed. */
static void check_payload(struct image_error *err)
{
    uint64_t size;

    if (loader_payload(&size) == NULL) {
        loader_fail("Payload not initialized: this is the bare loader; make a bootable image with "
                    "kaal-builder --loader LOADER --kernel KERNEL --app APP --out IMAGE",
                    LOADER_EXIT_NO_PAYLOAD);
    }
    check(image_check_range("loader and payload", address_of(loader_start), loader_own_end(),
                            &memory.memory, err),
          err);
    check(payload_parse(&image, err), err);
    check(image_check_signature(&image, image_slot_key(loader_slot), err), err);
    check(image_check_digests(&image, err), err);
}

/* Where kernel, device tree and root task go, and what must outlive their writing. */
enum {
    PART_KERNEL,
    PART_DTB,
    PART_USER,
    PART_FIRMWARE_DTB,
    PART_LOADER,
    PART_COUNT
};

/*
 * Checks the places against RAM, then against the loader, from which they are written: one that is
 * in the way moves, once. Does not return then.
 */
static void check_memory(const void *dtb, uint64_t dtb_size, struct image_error *err)
{
    struct image_range parts[PART_COUNT];

    check(image_check_place(&image, dtb_size, &memory.memory, err), err);
    parts[PART_KERNEL].base = image.kernel_start;
    parts[PART_KERNEL].size = image.kernel_end - image.kernel_start;
    parts[PART_DTB].base = image_dtb_address(&image);
    parts[PART_DTB].size = dtb_size;
    parts[PART_USER].base = image.user_start;
    parts[PART_USER].size = image.user_end - image.user_start;
    parts[PART_FIRMWARE_DTB].base = address_of(dtb);
    parts[PART_FIRMWARE_DTB].size = image_dtb_size(dtb);
    parts[PART_LOADER].base = address_of(loader_start);
    parts[PART_LOADER].size = loader_own_end() - address_of(loader_start);
    if (loader_is_in_the_way(loader_own_end(), parts, PART_FIRMWARE_DTB)) {
        line(NULL, "out of the way: starting a copy of loader and payload elsewhere");
        loader_move(loader_own_end(), parts, PART_COUNT, &memory.memory, &own, address_of(dtb),
                    entry_level);
    }
    for (unsigned i = PART_KERNEL; i <= PART_USER; i++) {
        space_identity(&own, parts[i].base, parts[i].base + parts[i].size, false);
    }
    space_changed();
}

static void copy(void *ctx, uint64_t paddr, const void *src, uint64_t size)
{
    (void)ctx;
    memcpy((void *)(uintptr_t)paddr, src, size);
}

static void zero(void *ctx, uint64_t paddr, uint64_t size)
{
    (void)ctx;
    memset((void *)(uintptr_t)paddr, 0, size);
}

static void *window(void *ctx, uint64_t paddr, uint64_t size)
{
    (void)ctx;
    (void)size;
    return (void *)(uintptr_t)paddr;
}

/* End of the RAM range that holds the kernel. */
static uint64_t kernel_ram_end(void)
{
    for (unsigned i = 0; i < memory.memory.ram_count; i++) {
        const struct image_range *r = &memory.ram[i];

        if (image.kernel_start >= r->base && image.kernel_start - r->base < r->size) {
            return r->base + r->size;
        }
    }
    return image.kernel_end;
}

static bool wants_all_cpus(void)
{
    return image.has_note && (image.note.flags & KERNEL_NOTE_ALL_CPUS) != 0;
}

/*
 * The loader's own data are seen by others than this CPU's cache: by the non-secure world, and by
 * CPUs that start with their MMU off.
 */
static bool needs_clean_loader(void)
{
    return entry_level == 3 || wants_all_cpus();
}

/* From the loader's own tables to the two address spaces of abi/boot.md §1. */
static void change_tables(uint64_t dtb_size)
{
    struct secondary_parameters *p = &secondary_parameters;
    uint64_t dtb = image_dtb_address(&image);
    struct space space;

    space_start(&space);
    space_identity(&space, address_of(loader_start), loader_own_end(), false);
    if (console_base() != 0) {
        space_identity(&space, console_base(), console_base() + IMAGE_PAGE, true);
    }
    cpus_map(&space);
    space_window(&space, &image, kernel_ram_end());
    space_registers(&space, &p->tables);
    console_number(LOADER_NORMAL, "page tables: TTBR0 ", p->tables.ttbr0);
    console_number(LOADER_NORMAL, "page tables: TTBR1 ", p->tables.ttbr1);
    cache_clean(image.kernel_start, image.kernel_end);
    cache_clean(dtb, dtb + dtb_size);
    cache_clean(image.user_start, image.user_end);
    mmu_switch(&p->tables, entry_level == 3, p->frequency, address_of(written_start),
               address_of(needs_clean_loader() ? loader_end : written_start));
    line(NULL, "MMU enabled");
}

static void report_cpus(uint64_t count)
{
    char buf[64];
    struct image_text t;

    text_start(&t, buf, sizeof buf);
    text_dec(&t, count);
    text_str(&t, " CPUs started");
    line(NULL, buf);
}

static _Noreturn void enter(uint64_t dtb_size)
{
    struct secondary_parameters *p = &secondary_parameters;

    p->registers[0] = image.user_start;
    p->registers[1] = image.user_end;
    p->registers[2] = image.user_pv;
    p->registers[3] = image.user_entry;
    p->registers[4] = image_dtb_address(&image);
    p->registers[5] = dtb_size;
    p->entry = image.kernel_entry;
    change_tables(dtb_size);
    if (wants_all_cpus()) {
        cpus_start();
        report_cpus(p->count);
    }
    console_number(LOADER_NORMAL, "jumping to kernel at ", image.kernel_entry);
    kernel_enter(p->registers, image.kernel_entry, 0);
}

/* The MMU goes on over the loader and its payload; the rest is added as it becomes known. */
static void start_own_space(void)
{
    space_start(&own);
    space_identity(&own, address_of(loader_start), loader_own_end(), false);
    space_enable(&own);
}

/* What the device tree says about console, CPUs and interrupts. */
static void start_machine(struct image_error *err)
{
    struct image_uart uart;

    image_dtb_uart(dtb_copy, &uart);
    if (uart.kind != IMAGE_UART_NONE) {
        space_identity(&own, uart.base, uart.base + IMAGE_PAGE, true);
        space_changed();
        console_start(&uart);
    }
    check(image_dtb_memory(dtb_copy, &memory, err), err);
    cpus_find(dtb_copy, entry_level, loader_was_moved());
    if (entry_level == 3) {
        secondary_parameters.frequency = image_dtb_timer_frequency(dtb_copy);
        image_dtb_gic(dtb_copy, &gic);
        gic_map(&own, &gic);
        space_changed();
    }
}

/* The tree that the kernel gets: dtb_copy as it is, with the image's boot arguments and the pen. */
static void prepare_dtb(const void *dtb, uint64_t max, uint64_t *size, struct image_error *err)
{
    if (image.bootargs_len != 0) {
        check(image_dtb_prepare(dtb, max, dtb_copy, sizeof dtb_copy, image.bootargs, size, err),
              err);
    }
    if (cpus_keep_pen(wants_all_cpus())) {
        check(image_dtb_reserve(dtb_copy, sizeof dtb_copy, address_of(pen), IMAGE_PAGE, size, err),
              err);
    }
}

static void give_interrupts(void)
{
    if (entry_level != 3) {
        return;
    }
    gic_make_non_secure(&gic);
    if (gic.version == 2) {
        secondary_parameters.gicd = gic.distributor.base;
        secondary_parameters.gicc = gic.second.base;
    }
}

_Noreturn void loader_main(uint64_t dtb_register, uint64_t level)
{
    static const struct image_machine machine = {NULL, copy, zero, window, line};
    struct image_error err;
    const void *dtb;
    uint64_t dtb_max;
    uint64_t dtb_size;

    start_own_space();
    entry_level = loader_was_moved() ? loader_take_over(&own) : level;
    console_level((enum loader_level)get_u32(loader_slot + LOADER_SLOT_OFF_LEVEL));
    if (efi_failure() != NULL) {
        loader_fail(efi_failure(), LOADER_EXIT_CPU_STATE);
    }
    sha256_use_instructions();
    dtb = dtb_find(dtb_register, &own, &image, &dtb_max);
    check(image_dtb_prepare(dtb, dtb_max, dtb_copy, sizeof dtb_copy, "", &dtb_size, &err), &err);
    start_machine(&err);
    if (!loader_was_moved()) {
        report_machine(dtb);
    }
    check_payload(&err);
    if (!loader_was_moved()) {
        image_report(&image, &machine);
    }
    prepare_dtb(dtb, dtb_max, &dtb_size, &err);
    check_memory(dtb, dtb_size, &err);
    give_interrupts();
    check(image_load(&image, &machine, &err), &err);
    memcpy((void *)(uintptr_t)image_dtb_address(&image), dtb_copy, dtb_size);
    console_number(LOADER_NORMAL, "DTB moved to ", image_dtb_address(&image));
    enter(dtb_size);
}
