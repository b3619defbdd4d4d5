/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Objects, slots and mappings of the bed, taken upwards and never given back.
 */
#include "bed.h"
#include "kaal/error.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"

enum {
    PAGE = 4096,
    STORE_BITS = 23
};
#define WINDOW 0x20000000ull /* pages mapped here */

static const struct bootinfo *boot;
static uint64_t next_slot, store, window = WINDOW;

_Noreturn void bed_fail(const char *what, const char *about)
{
    kaal_printf("bed: %s: %s\n", what, about);
    kaal_exit(BED_STATUS);
}

void bed_must(enum error_code e, const char *what)
{
    if (e != ERROR_NONE) {
        bed_fail(what, kaal_strerror(e));
    }
}

static uint64_t slot(void)
{
    if (next_slot >= boot->empty.end) {
        bed_fail("slots", "none left");
    }
    return next_slot++;
}

static struct kaal_slot own(uint64_t s)
{
    return (struct kaal_slot){SLOT_INIT_CNODE, s, WORD_BITS};
}

static uint64_t retype(uint64_t untyped, enum object_type type, uint64_t bits)
{
    uint64_t s = slot();
    bed_must(
        kaal_untyped_retype(untyped, type, bits, (struct kaal_slot){SLOT_INIT_CNODE, 0, 0}, s, 1),
        "Untyped_Retype");
    return s;
}

void bed_open(const struct bootinfo *bootinfo)
{
    boot = bootinfo;
    next_slot = boot->empty.start;
    for (uint64_t i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        const struct untyped_desc *d = &boot->untyped_list[i];
        if (d->is_device == 0 && d->size_bits >= STORE_BITS) {
            store = retype(boot->untyped.start + i, OBJECT_UNTYPED, STORE_BITS);
            return;
        }
    }
    bed_fail("memory", "no Untyped is large enough");
}

uint64_t bed_object(enum object_type type, uint64_t bits)
{
    return retype(store, type, bits);
}

uint64_t bed_copy(uint64_t from, uint64_t rights, uint64_t badge)
{
    uint64_t s = slot();
    bed_must(badge == 0 ? kaal_cnode_copy(own(s), own(from), rights)
                        : kaal_cnode_mint(own(s), own(from), rights, badge),
             "CNode_Mint");
    return s;
}

uint32_t bed_give(struct bed_life *to, uint64_t from, uint64_t rights, uint64_t badge)
{
    struct kaal_slot there = {to->cnode, to->slots, LAYOUT_CNODE_BITS};
    bed_must(badge == 0 ? kaal_cnode_copy(there, own(from), rights)
                        : kaal_cnode_mint(there, own(from), rights, badge),
             "CNode_Mint into the component");
    return to->slots++;
}

void bed_map(uint64_t vspace, uint64_t frame, uint64_t vaddr, uint64_t rights, bool device)
{
    uint64_t attributes =
        (device ? 0 : ATTR_DEFAULT) | ((rights & RIGHT_GRANT) != 0 ? 0 : ATTR_EXECUTE_NEVER);
    enum error_code e = kaal_page_map(frame, vspace, vaddr, rights & 3, attributes);
    for (int level = 0; e == ERROR_FAILED_LOOKUP && level < 3; level++) {
        bed_must(kaal_page_table_map(bed_object(OBJECT_PAGE_TABLE, 0), vspace, vaddr, ATTR_DEFAULT),
                 "PageTable_Map");
        e = kaal_page_map(frame, vspace, vaddr, rights & 3, attributes);
    }
    bed_must(e, "Page_Map");
}

void *bed_page(uint64_t vspace, uint64_t vaddr, uint64_t rights)
{
    uint64_t frame = bed_object(OBJECT_SMALL_PAGE, 0);
    uint64_t here = window;
    window += PAGE;
    bed_map(SLOT_INIT_VSPACE, frame, here, RIGHT_READ | RIGHT_WRITE, false);
    bed_map(vspace, bed_copy(frame, RIGHTS_ALL, 0), vaddr, rights, false);
    return (void *)here;
}

/* The Untyped gives its pages upwards: those before the wanted one are passed by. */
uint64_t bed_device_frame(uint64_t address)
{
    static struct {
        uint64_t at, frame;
    } known[64];
    static unsigned count;
    for (unsigned i = 0; i < count; i++) {
        if (known[i].at == address) {
            return bed_copy(known[i].frame, RIGHTS_ALL, 0);
        }
    }
    for (uint64_t i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        const struct untyped_desc *d = &boot->untyped_list[i];
        if (d->is_device == 0 || address < d->paddr || address - d->paddr >= 1ull << d->size_bits) {
            continue;
        }
        while (count < 64) {
            uint64_t paddr = 0, frame = retype(boot->untyped.start + i, OBJECT_SMALL_PAGE, 0);
            bed_must(kaal_page_get_address(frame, &paddr), "Page_GetAddress");
            known[count].at = paddr;
            known[count++].frame = frame;
            if (paddr == address) {
                return bed_copy(frame, RIGHTS_ALL, 0);
            }
        }
    }
    bed_fail("device", "no such page");
}
