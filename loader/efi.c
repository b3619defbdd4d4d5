/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The loader as a UEFI application (UEFI specification 2.10): takes the device tree from the
 * configuration tables and leaves the boot services. Everything else is done as after any other
 * entry, with no firmware beneath.
 */
#include "machine.h"

#define EFI_SUCCESS 0u

/* The parts of the tables that are used, at their places (§4.3, §4.4, §4.6, §12.4). */
struct efi_boot_services {
    uint8_t header[24];
    void *before_memory_map[4];
    uint64_t (*get_memory_map)(uint64_t *size, void *map, uint64_t *key, uint64_t *entry_size,
                               uint32_t *entry_version);
    void *before_exit[21];
    uint64_t (*exit_boot_services)(void *handle, uint64_t key);
};

struct efi_configuration_table {
    uint8_t guid[16];
    const void *table;
};

struct efi_system_table {
    uint8_t header[24];
    void *vendor;
    uint64_t revision;
    void *console_in_handle;
    void *console_in;
    void *console_out_handle;
    void *console_out;
    void *standard_error_handle;
    void *standard_error;
    void *runtime_services;
    struct efi_boot_services *boot_services;
    uint64_t table_count;
    const struct efi_configuration_table *tables;
};

/* EFI_DTB_TABLE_GUID of the Devicetree bindings: b1b621d5-f19c-41a5-830b-d9152c69aae0 */
static const uint8_t dtb_guid[16] = {0xd5, 0x21, 0xb6, 0xb1, 0x9c, 0xf1, 0xa5, 0x41,
                                     0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0};

/* Outside .bss, which is cleared when the loader is entered once more. */
static uint64_t failed __attribute__((section(".data")));
static uint8_t memory_map[0x8000] __attribute__((section(".noinit"), aligned(8)));

const char *efi_failure(void)
{
    return failed == 0 ? NULL
                       : "KaaL loader: UEFI: ExitBootServices: expected success with the current "
                         "memory map, found an error";
}

static const void *find_dtb(const struct efi_system_table *system)
{
    for (uint64_t i = 0; i < system->table_count; i++) {
        const struct efi_configuration_table *t = &system->tables[i];
        bool same = true;

        for (unsigned k = 0; k < sizeof dtb_guid; k++) {
            same = same && t->guid[k] == dtb_guid[k];
        }
        if (same) {
            return t->table;
        }
    }
    return NULL;
}

/* The map may change between the two calls: then once more (§7.4.6). */
static bool leave(void *handle, const struct efi_boot_services *boot)
{
    for (unsigned tries = 0; tries < 3; tries++) {
        uint64_t size = sizeof memory_map;
        uint64_t key;
        uint64_t entry_size;
        uint32_t entry_version;

        if (boot->get_memory_map(&size, memory_map, &key, &entry_size, &entry_version) ==
                EFI_SUCCESS &&
            boot->exit_boot_services(handle, key) == EFI_SUCCESS) {
            return true;
        }
    }
    return false;
}

uint64_t efi_leave(void *handle, void *system_table)
{
    const struct efi_system_table *system = system_table;
    const void *dtb = find_dtb(system);

    failed = leave(handle, system->boot_services) ? 0 : 1;
    cache_clean((uint64_t)(uintptr_t)loader_start, loader_own_end());
    if (dtb != NULL) {
        uint64_t at = (uint64_t)(uintptr_t)dtb;

        cache_clean(at, at + image_dtb_size(dtb));
    }
    return (uint64_t)(uintptr_t)dtb;
}
