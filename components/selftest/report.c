/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Only facts that abi/boot.md §3 to §5 promises; nothing here knows which machine it runs on.
 */
#include "report.h"

#include "kaal/bootinfo.h"
#include "kaal/error.h"
#include "kaal/fdt.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "kaal/syscalls.h"
#include "step.h"

enum {
    FRAME_BYTES = 1 << PAGE_BITS,
    KIB = 1024
};

static void report_region(const char *name, struct slot_region region)
{
    if (region.start == region.end) {
        kaal_printf("  %-14s none\n", name);
    } else {
        kaal_printf("  %-14s slots %lu..%lu\n", name, region.start, region.end - 1);
    }
}

/* Counts the caps by kind, over all slots that the kernel has filled. */
static void report_caps(const struct bootinfo *bootinfo)
{
    unsigned count[CAP_TYPE_COUNT] = {0};
    for (uint64_t slot = 0; slot < bootinfo->empty.start; slot++) {
        uint64_t type = kaal_debug_cap_identify(slot);
        expect(type < CAP_TYPE_COUNT, STEP_BOOTINFO, "every initial cap has a known type number");
        count[type]++;
    }
    kaal_printf("initial caps:");
    for (unsigned type = CAP_NULL + 1; type < CAP_TYPE_COUNT; type++) {
        if (count[type] != 0) {
            kaal_printf(" %u %s,", count[type], kaal_cap_name(type));
        }
    }
    kaal_printf(" %u empty slots between them\n", count[CAP_NULL]);
    expect(kaal_debug_cap_identify(SLOT_INIT_TCB) == CAP_TCB &&
               kaal_debug_cap_identify(SLOT_INIT_CNODE) == CAP_CNODE &&
               kaal_debug_cap_identify(SLOT_INIT_VSPACE) == CAP_VSPACE &&
               kaal_debug_cap_identify(SLOT_IRQ_CONTROL) == CAP_IRQ_CONTROL &&
               kaal_debug_cap_identify(SLOT_ASID_CONTROL) == CAP_ASID_CONTROL &&
               kaal_debug_cap_identify(SLOT_INIT_ASID_POOL) == CAP_ASID_POOL &&
               kaal_debug_cap_identify(SLOT_BOOTINFO_FRAME) == CAP_FRAME &&
               kaal_debug_cap_identify(SLOT_IPC_BUFFER_FRAME) == CAP_FRAME &&
               kaal_debug_cap_identify(SLOT_DOMAIN) == CAP_DOMAIN,
           STEP_BOOTINFO, "the fixed slots hold the caps that the interface names");
}

static void report_untypeds(const struct bootinfo *bootinfo)
{
    uint64_t count = bootinfo->untyped.end - bootinfo->untyped.start;
    uint64_t ordinary = 0, bytes = 0;
    expect(count <= MAX_BOOTINFO_UNTYPEDS, STEP_BOOTINFO, "the Untyped list fits its table");
    for (uint64_t i = 0; i < count; i++) {
        const struct untyped_desc *d = &bootinfo->untyped_list[i];
        expect(kaal_debug_cap_identify(bootinfo->untyped.start + i) == CAP_UNTYPED, STEP_BOOTINFO,
               "every listed Untyped is one");
        expect((d->paddr & ((1ull << d->size_bits) - 1)) == 0 || d->paddr == 0, STEP_BOOTINFO,
               "every Untyped is aligned to its size");
        if (d->is_device == 0) {
            ordinary++;
            bytes += 1ull << d->size_bits;
        }
    }
    kaal_printf("untypeds: %lu of device memory, %lu ordinary with %lu KiB:\n", count - ordinary,
                ordinary, bytes / KIB);
    for (uint64_t i = 0; i < count; i++) {
        const struct untyped_desc *d = &bootinfo->untyped_list[i];
        if (d->is_device == 0) {
            kaal_printf("  slot %3lu: 0x%010lx, 2^%u bytes\n", bootinfo->untyped.start + i,
                        d->paddr, d->size_bits);
        }
    }
}

static void report_device_tree(const struct bootinfo *bootinfo)
{
    size_t bytes = 0, value_bytes = 0;
    const void *blob = kaal_bootinfo_chunk(bootinfo, BOOTINFO_CHUNK_DTB, &bytes);
    expect(blob != NULL, STEP_DEVICE_TREE, "the extra bootinfo holds a device tree");
    const char *model = kaal_fdt_property(blob, bytes, "/", "compatible", &value_bytes);
    const char *named = kaal_fdt_property(blob, bytes, "/", "model", &value_bytes);
    model = named != NULL ? named : model;
    expect(model != NULL && value_bytes > 0 && strnlen(model, value_bytes) < value_bytes,
           STEP_DEVICE_TREE, "the device tree names its board");
    kaal_printf("device tree: %lu bytes, model \"%s\"\n", (uint64_t)bytes, model);
}

void report_bootinfo(const struct bootinfo *bootinfo)
{
    kaal_printf("bootinfo at 0x%lx, IPC buffer at 0x%lx, image 0x%lx..0x%lx\n", (uint64_t)bootinfo,
                bootinfo->ipc_buffer, (uint64_t)kaal_image_start, (uint64_t)kaal_image_end);
    kaal_printf("node %lu of %lu, domain %lu, root CNode of 2^%lu slots:\n", bootinfo->node_id,
                bootinfo->num_nodes, bootinfo->init_domain, bootinfo->init_cnode_bits);
    report_region("image frames", bootinfo->user_image_frames);
    report_region("paging", bootinfo->user_image_paging);
    report_region("extra bootinfo", bootinfo->extra_bi_pages);
    report_region("untypeds", bootinfo->untyped);
    report_region("empty", bootinfo->empty);
    expect(bootinfo->empty.end == 1ull << bootinfo->init_cnode_bits, STEP_BOOTINFO,
           "the empty region ends with the root CNode");
    expect((bootinfo->user_image_frames.end - bootinfo->user_image_frames.start) * FRAME_BYTES ==
               (uint64_t)(kaal_image_end - kaal_image_start),
           STEP_BOOTINFO, "there is one image frame per page of the image");
    report_caps(bootinfo);
    report_untypeds(bootinfo);
    report_device_tree(bootinfo);
}
