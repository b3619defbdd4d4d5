/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The functions of hal.h that are not interrupts (irq.c) or time (clock.c). Each checks what its
 * contract asks of the core.
 */
#include "internal.h"
#include "tlb_check.h"

/* ---- console and end of run ---- */

void hal_console_putc(char c)
{
    if (c == '\n') {
        machine_console_put('\r');
    }
    machine_console_put(c);
}

_Noreturn void hal_halt(int status)
{
    machine_stop(status);
}

/* ---- physical memory ---- */

static void check_ram(uint64_t pa, uint64_t bytes, const char *who)
{
    if (bytes == 0 || !arena_has(pa, bytes)) {
        machine_violate("%s: 0x%llx bytes at 0x%llx, expected a piece of RAM", who,
                        (unsigned long long)bytes, (unsigned long long)pa);
    }
}

/* This machine has no caches, but the core must clean what it typed last before it frees it. */
static void cleaned(struct range r)
{
    if (r.start <= machine.to_clean.start && machine.to_clean.end <= r.end) {
        machine.to_clean = (struct range){0, 0};
    }
}

void hal_memory_typed(struct paddr pa, uint64_t bytes)
{
    check_ram(pa.raw, bytes, "hal_memory_typed");
    machine.to_clean = (struct range){pa.raw, pa.raw + bytes};
    tlb_typed(pa.raw, bytes);
    arena_unpoison(pa.raw, bytes);
    if (machine.engine != NULL) {
        machine.engine->code_changed(pa.raw, bytes);
    }
}

void hal_memory_untyped(struct paddr pa, uint64_t bytes)
{
    check_ram(pa.raw, bytes, "hal_memory_untyped");
    if (pa.raw < machine.to_clean.end && machine.to_clean.start < pa.raw + bytes) {
        machine_violate("hal_memory_untyped: [0x%llx, 0x%llx) was zeroed and not cleaned to the "
                        "point of coherency",
                        (unsigned long long)pa.raw, (unsigned long long)(pa.raw + bytes));
    }
    arena_poison(pa.raw, bytes);
}

/* ---- page tables ---- */

static uint64_t entry_address(const uint64_t *entry, const char *who)
{
    uint64_t pa = hal_window_paddr(entry).raw;
    if (pa % 8 != 0 || !arena_has(pa, 8)) {
        machine_violate("%s: descriptor at %p, expected 8 aligned bytes of RAM in the window", who,
                        (const void *)entry);
    }
    return pa;
}

uint64_t hal_pte_load(const uint64_t *entry)
{
    entry_address(entry, "hal_pte_load");
    return *entry;
}

void hal_pte_store(uint64_t *entry, uint64_t value)
{
    uint64_t pa = entry_address(entry, "hal_pte_store");
    tlb_store(pa, *entry, value);
    *entry = value;
    if (machine.engine != NULL) {
        machine.engine->translations_changed();
    }
}

/* ---- address space and translations ---- */

void hal_space_switch(struct paddr root, uint16_t asid)
{
    tlb_space(root.raw, asid);
    machine.model.root = root.raw;
    machine.model.asid = asid;
    if (machine.engine != NULL) {
        machine.engine->space(root.raw, asid);
    }
}

void hal_tlb_invalidate_asid(uint16_t asid)
{
    tlb_invalidate_asid(asid);
}

void hal_tlb_invalidate_page(uint16_t asid, struct vaddr va)
{
    tlb_invalidate_page(asid, va.raw);
}

/* ---- caches: this machine has none; only the engine's translated code is one ---- */

void hal_cache_range(enum hal_cache_op op, struct paddr pa, uint64_t bytes)
{
    if (op > HAL_CACHE_UNIFY) {
        machine_violate("hal_cache_range: operation %d, expected 0..%d", op, HAL_CACHE_UNIFY);
    }
    check_ram(pa.raw, bytes, "hal_cache_range");
    if (op == HAL_CACHE_CLEAN_POC || op == HAL_CACHE_CLEAN_INVALIDATE_POC) {
        cleaned((struct range){pa.raw, pa.raw + bytes});
    }
    if (op == HAL_CACHE_UNIFY && machine.engine != NULL) {
        machine.engine->code_changed(pa.raw, bytes);
    }
}

void hal_cache_flush_all(void)
{
    cleaned((struct range){0, UINT64_MAX});
    for (uint32_t i = 0; machine.engine != NULL && i < machine.platform.ram_count; i++) {
        const struct range *r = &machine.platform.ram[i];
        machine.engine->code_changed(r->start, r->end - r->start);
    }
}

/* ---- floating point and SIMD: the engine has the registers, without one the model ---- */

void hal_fpu_enable(bool el0)
{
    machine.model.fpu = el0;
    if (machine.engine != NULL) {
        machine.engine->fp_enable(el0);
    }
}

void hal_fpu_save(struct fp_state *to)
{
    if (machine.engine != NULL) {
        machine.engine->fp_read(&machine.model.fp);
    }
    *to = machine.model.fp;
}

void hal_fpu_load(const struct fp_state *from)
{
    machine.model.fp = *from;
    if (machine.engine != NULL) {
        machine.engine->fp_write(from);
    }
}

/* ---- CPU ---- */

uint32_t hal_cpu_id(void)
{
    return 0;
}

void hal_user_access(const struct boot_options *options)
{
    machine.model.access = *options;
}

/* There is no secure monitor: every call answers "not supported" (SMC calling convention 2.6). */
void hal_smc(uint64_t reg[8])
{
    reg[0] = UINT64_MAX;
}

void hal_event(const struct event *event)
{
    if (machine.on_event != NULL) {
        machine.on_event(event);
    }
}
