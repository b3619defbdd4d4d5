/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The boot loader's one way through: device tree, payload, checks, loading, tables, kernel. Every
 * check comes before the first byte is written outside the loader's own memory, and a failed one
 * ends the machine: the kernel is never entered after it.
 */
#include "image_bytes.h"
#include "image_dtb.h"
#include "machine.h"

#include "abi/kaal_version.h"

#include <string.h>

/* Where firmware puts a device tree that no register names: QEMU `virt`, start of RAM. */
#define FIXED_DTB_ADDRESS 0x40000000u
#define FIRMWARE_DTB_MAX  0x200000u

static uint8_t dtb_copy[IMAGE_DTB_MAX] __attribute__((section(".noinit"), aligned(8)));
static struct image image;
static struct image_dtb_memory memory;

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

static const void *at_address(uint64_t address)
{
    return (const void *)(uintptr_t)address;
}

/* One line of the report, marked as the loader's. */
static void line(void *ctx, const char *text)
{
    char buf[256];
    struct image_text t;

    (void)ctx;
    text_start(&t, buf, sizeof buf);
    text_str(&t, "loader: ");
    text_str(&t, text);
    console_line(buf);
}

static void line_number(const char *label, uint64_t value)
{
    char buf[128];
    struct image_text t;

    text_start(&t, buf, sizeof buf);
    text_str(&t, label);
    text_hex(&t, value);
    line(NULL, buf);
}

static const void *find_dtb(uint64_t from_register)
{
    if (from_register != 0 && from_register % 8 == 0 &&
        image_dtb_is_at(at_address(from_register), FIRMWARE_DTB_MAX)) {
        return at_address(from_register);
    }
    if (image_dtb_is_at(at_address(FIXED_DTB_ADDRESS), FIRMWARE_DTB_MAX)) {
        return at_address(FIXED_DTB_ADDRESS);
    }
    loader_fail("KaaL loader: no device tree: expected one at the address in x0 or at 0x40000000, "
                "found neither (QEMU gives none to an ELF linked below 0x40100000)",
                LOADER_EXIT_BAD_DTB);
}

/* The whole loader with its payload, as the builder attached it. */
static uint64_t own_end(void)
{
    uint64_t offset = get_u64(loader_slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET);
    uint64_t size = get_u64(loader_slot + LOADER_SLOT_OFF_PAYLOAD_SIZE);

    return offset == 0 ? address_of(loader_end) : address_of(loader_start) + offset + size;
}

static void report_machine(const void *dtb)
{
    char buf[160];
    struct image_text t;

    console_line("KaaL loader " KAAL_VERSION);
    line_number("DTB at ", address_of(dtb));
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
}

static void read_payload(struct image_error *err)
{
    uint64_t offset = get_u64(loader_slot + LOADER_SLOT_OFF_PAYLOAD_OFFSET);
    uint64_t size = get_u64(loader_slot + LOADER_SLOT_OFF_PAYLOAD_SIZE);

    if (offset == 0) {
        loader_fail("Payload not initialized: this is the bare loader; make a bootable image with "
                    "kaal-builder --loader LOADER --kernel KERNEL --app APP --out IMAGE",
                    LOADER_EXIT_NO_PAYLOAD);
    }
    check(image_check_range("loader and payload", address_of(loader_start), own_end(),
                            &memory.memory, err),
          err);
    check(image_parse(loader_start + offset, size, &image, err), err);
    check(image_check_digests(&image, err), err);
}

/* Where kernel, device tree and root task go, and where the device tree is read from. */
enum {
    PART_KERNEL,
    PART_DTB,
    PART_USER,
    PART_FIRMWARE_DTB,
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
    if (loader_is_in_the_way(own_end(), parts, PART_FIRMWARE_DTB)) {
        line(NULL, "out of the way: starting a copy of loader and payload higher up");
        loader_move(own_end(), parts, PART_COUNT, &memory.memory, address_of(dtb));
    }
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

static void enable_mmu(uint64_t dtb_size)
{
    uint64_t dtb = image_dtb_address(&image);
    struct tables tables;

    if (!tables_build(&image, address_of(loader_start), own_end(), kernel_ram_end(),
                      console_pl011(), &tables)) {
        loader_fail("KaaL loader: page tables: expected a loader and payload that 16 tables can "
                    "map, found more",
                    LOADER_EXIT_MEMORY);
    }
    line_number("page tables: TTBR0 ", tables.ttbr0);
    line_number("page tables: TTBR1 ", tables.ttbr1);
    cache_clean(image.kernel_start, image.kernel_end);
    cache_clean(dtb, dtb + dtb_size);
    cache_clean(image.user_start, image.user_end);
    cache_clean(address_of(loader_start), address_of(loader_end));
    mmu_enable(tables.ttbr0, tables.ttbr1, tables.tcr, tables.mair, tables.sctlr);
    line(NULL, "MMU enabled");
}

static void check_exception_level(void)
{
    uint64_t level;

    __asm__ volatile("mrs %0, CurrentEL" : "=r"(level));
    if (level >> 2 != 1) {
        loader_fail("KaaL loader: exception level: expected entry at EL1, found another (start "
                    "QEMU without virtualization=on and secure=on)",
                    LOADER_EXIT_CPU_STATE);
    }
}

_Noreturn void loader_main(uint64_t dtb_register)
{
    static const struct image_machine machine = {NULL, copy, zero, line};
    struct image_error err;
    const void *dtb;
    uint64_t dtb_size;
    uint64_t uart;

    check_exception_level();
    dtb = find_dtb(dtb_register);
    check(image_dtb_prepare(dtb, FIRMWARE_DTB_MAX, dtb_copy, sizeof dtb_copy, "", &dtb_size, &err),
          &err);
    if (image_dtb_pl011(dtb_copy, &uart)) {
        console_use_pl011(uart);
    }
    check(image_dtb_memory(dtb_copy, &memory, &err), &err);
    if (!loader_was_moved()) {
        report_machine(dtb);
    }
    read_payload(&err);
    if (!loader_was_moved()) {
        image_report(&image, &machine);
    }
    check(image_dtb_prepare(dtb, FIRMWARE_DTB_MAX, dtb_copy, sizeof dtb_copy, image.bootargs,
                            &dtb_size, &err),
          &err);
    check_memory(dtb, dtb_size, &err);
    image_load(&image, &machine);
    memcpy((void *)(uintptr_t)image_dtb_address(&image), dtb_copy, dtb_size);
    line_number("DTB moved to ", image_dtb_address(&image));
    enable_mmu(dtb_size);
    {
        const uint64_t registers[6] = {
            image.user_start,          image.user_end, image.user_pv, image.user_entry,
            image_dtb_address(&image), dtb_size};

        line_number("jumping to kernel at ", image.kernel_entry);
        kernel_enter(registers, image.kernel_entry);
    }
}
