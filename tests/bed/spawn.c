/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One component: its address space from the ELF file, its CSpace and environment (comp/layout.h,
 * comp/env.h).
 */
#include "abi/objects.h"
#include "bed.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "kaal/syscalls.h"

enum {
    PAGE = 4096,
    STACK_PAGES = 16,
    SEGMENT_LOAD = 1
};

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t bytes, segment_bytes, segment_count;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, file_bytes, bytes, align;
};

struct bed_life *bed_find(const char *name)
{
    for (struct bed_life *l = bed_life; l < bed_life + BED_LIST && l->plan != NULL; l++) {
        if (strcmp(l->plan->name, name) == 0) {
            return l;
        }
    }
    bed_fail(name, "no such component");
}

struct env_entry *bed_entry(struct bed_life *life, const char *name, enum env_kind kind)
{
    struct env_entry *e = &life->env->entry[life->env->entries++];
    memcpy(e->name, name, strlen(name) + 1);
    e->kind = kind;
    return e;
}

uint64_t bed_bit(struct bed_life *life, uint64_t *badge)
{
    *badge = 1ull << life->bits++;
    return bed_copy(life->notification, RIGHTS_ALL, *badge);
}

static void load_segment(struct bed_life *life, const struct elf_segment *s)
{
    uint64_t rights = (s->flags & 4 ? RIGHT_READ : 0) | (s->flags & 2 ? RIGHT_WRITE : 0) |
                      (s->flags & 1 ? RIGHT_GRANT : 0);
    for (uint64_t at = 0; at < s->bytes; at += PAGE) {
        char *here = bed_page(life->vspace, s->vaddr + at, rights);
        uint64_t left = s->file_bytes > at ? s->file_bytes - at : 0;
        memcpy(here, life->plan->elf + s->offset + at, left < PAGE ? left : PAGE);
        uint64_t end = (uint64_t)here + PAGE;
        bed_must(kaal_vspace_unify_instruction(SLOT_INIT_VSPACE, (uint64_t)here, end), "Unify");
    }
}

static const struct elf_header *load(struct bed_life *life)
{
    const struct elf_header *h = (const struct elf_header *)life->plan->elf;
    const struct elf_segment *s = (const struct elf_segment *)(life->plan->elf + h->segments);
    for (unsigned i = 0; i < h->segment_count; i++) {
        if (s[i].type == SEGMENT_LOAD) {
            load_segment(life, &s[i]);
        }
    }
    return h;
}

static void fill_env(struct bed_life *life)
{
    struct env *e = life->env;
    const struct bed_component *p = life->plan;
    e->magic = ENV_MAGIC;
    e->version = ENV_VERSION;
    e->id = (uint32_t)(life - bed_life) + 1;
    memcpy(e->name, p->name, strlen(p->name) + 1);
    e->heap_limit = LAYOUT_HEAP + (1 << 20);
    e->stack_bottom = LAYOUT_STACK_TOP - STACK_PAGES * PAGE;
    e->slots = 1 << LAYOUT_CNODE_BITS;
    e->argv_offset = offsetof(struct env, strings);
    const char *text = p->name;
    for (e->argc = 0; text != NULL; text = p->argument[e->argc++]) {
        memcpy(e->strings + life->text, text, strlen(text) + 1);
        life->text += strlen(text) + 1;
    }
}

static void give_devices(struct bed_life *life)
{
    for (const struct bed_device *d = life->plan->device; d->name != NULL; d++) {
        if (d->address != 0) {
            struct env_entry *e = bed_entry(life, d->name, ENV_DEVICE);
            e->address = life->mmio;
            e->physical = d->address;
            e->bytes = PAGE;
            life->mmio += 16 * PAGE;
            bed_map(life->vspace, bed_device_frame(d->address), e->address,
                    RIGHT_READ | RIGHT_WRITE, true);
        }
        if (d->irq != 0) {
            struct env_entry *e = bed_entry(life, d->name, ENV_IRQ);
            uint64_t handler = bed_copy(life->endpoint, RIGHTS_ALL, 0);
            struct kaal_slot at = {SLOT_INIT_CNODE, handler, WORD_BITS};
            bed_must(kaal_cnode_delete(at), "CNode_Delete");
            bed_must(kaal_irq_control_get(SLOT_IRQ_CONTROL, d->irq, at), "IRQControl_Get");
            bed_must(kaal_irq_handler_set_notification(handler, bed_bit(life, &e->badge)),
                     "IRQHandler_SetNotification");
            e->slot = bed_give(life, handler, RIGHTS_ALL, 0);
            e->physical = d->irq;
        }
    }
}

/* The first slots are fixed (enum layout_slot). */
static void give_slots(struct bed_life *life, uint64_t system)
{
    life->slots = SLOT_SYSTEM;
    (void)bed_give(life, system, RIGHT_WRITE | RIGHT_GRANT_REPLY, life->env->id);
    (void)bed_give(life, life->cnode, RIGHTS_ALL, kaal_guard(0, WORD_BITS - LAYOUT_CNODE_BITS));
    (void)bed_give(life, life->notification, RIGHT_READ, 0);
    (void)bed_give(life, life->endpoint, RIGHT_READ, 0);
    life->slots = SLOT_ENV;
}

void bed_spawn(struct bed_life *life, const struct bed_component *plan, uint64_t system)
{
    *life = (struct bed_life){.plan = plan, .shared = LAYOUT_SHARED, .mmio = LAYOUT_MMIO};
    life->vspace = bed_object(OBJECT_VSPACE, 0);
    life->cnode = bed_object(OBJECT_CNODE, LAYOUT_CNODE_BITS);
    life->tcb = bed_object(OBJECT_TCB, 0);
    life->notification = bed_object(OBJECT_NOTIFICATION, 0);
    life->endpoint = bed_object(OBJECT_ENDPOINT, 0);
    bed_must(kaal_asid_pool_assign(SLOT_INIT_ASID_POOL, life->vspace), "ASIDPool_Assign");
    const struct elf_header *elf = load(life);
    for (unsigned i = 1; i <= STACK_PAGES; i++) {
        (void)bed_page(life->vspace, LAYOUT_STACK_TOP - i * PAGE, RIGHT_READ | RIGHT_WRITE);
    }
    life->env = bed_page(life->vspace, LAYOUT_ENV, RIGHT_READ);
    life->control = bed_page(life->vspace, LAYOUT_CONTROL, RIGHT_READ | RIGHT_WRITE);
    uint64_t buffer = bed_object(OBJECT_SMALL_PAGE, 0);
    bed_map(life->vspace, buffer, LAYOUT_IPC_BUFFER, RIGHT_READ | RIGHT_WRITE, false);
    fill_env(life);
    give_slots(life, system);
    give_devices(life);
    const struct kaal_tcb_setup setup = {
        .fault_ep = SLOT_SYSTEM,
        .cspace = life->cnode,
        .cspace_data = kaal_guard(0, WORD_BITS - LAYOUT_CNODE_BITS),
        .vspace = life->vspace,
        .buffer_address = LAYOUT_IPC_BUFFER,
        .buffer_frame = buffer,
    };
    bed_must(kaal_tcb_configure(life->tcb, &setup), "TCB_Configure");
    bed_must(kaal_tcb_set_priority(life->tcb, SLOT_INIT_TCB, plan->priority), "TCB_SetPriority");
    bed_must(kaal_tcb_bind_notification(life->tcb, life->notification), "TCB_BindNotification");
    kaal_debug_name_thread(life->tcb, plan->name);
    uint64_t registers[REG_COUNT] = {0};
    registers[REG_PC] = elf->entry;
    registers[REG_SP] = LAYOUT_STACK_TOP;
    bed_must(kaal_tcb_write_registers(life->tcb, false, REG_COUNT, registers), "WriteRegisters");
}

void bed_start(const struct bed_life *life)
{
    life->env->first_free = life->slots;
    bed_must(kaal_tcb_resume(life->tcb), "TCB_Resume");
}
