/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Root objects, initial caps, the initial thread (abi/boot.md §3, §5).
 */
#include "boot.h"

#include "asid.h"
#include "cdt.h"
#include "diag.h"
#include "object.h"
#include "thread.h"

enum {
    INITIAL_PRIORITY = 255,
    ROOT_ASID = 1,
    MAX_RADIX = 24
};

/* Caps in the root CNode at boot, untypeds counted as if all places were used. */
static uint64_t initial_caps(const struct boot *boot)
{
    const struct user_layout *layout = &boot->layout;
    return SLOT_FIRST_DYNAMIC + layout->tables[0] + layout->tables[1] + layout->tables[2] +
           layout->extra_pages + (layout->image.end - layout->image.start) / 4096 +
           MAX_BOOTINFO_UNTYPEDS;
}

static unsigned choose_radix(const struct boot *boot)
{
    unsigned radix = boot->platform->options.root_cnode_bits;
    while (radix < MAX_RADIX && initial_caps(boot) > (1ull << radix) / 4)
        radix++;
    return radix;
}

/* Bytes of the kernel's own tables: ready queues, domain schedule, interrupts. */
static uint64_t table_bytes(const struct boot *boot)
{
    const struct kernel *kernel = boot->kernel;
    return kernel->domain_count * sizeof(struct ready) +
           kernel->schedule_count * sizeof(struct domain_entry) +
           (kernel->max_irq + 1ull) * sizeof(struct irq_entry);
}

static uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static void place_tables(struct boot *boot, uint8_t *at)
{
    struct kernel *kernel = boot->kernel;
    kernel->ready = (struct ready *)at;
    at += kernel->domain_count * sizeof(struct ready);
    kernel->schedule = (struct domain_entry *)at;
    at += kernel->schedule_count * sizeof(struct domain_entry);
    kernel->irqs = (struct irq_entry *)at;
    kernel->irqs[kernel->timer_irq].state = IRQ_KERNEL;
}

uint64_t boot_take_object(struct boot *boot, unsigned bits)
{
    uint64_t size = 1ull << bits;
    uint64_t pa = round_up(boot->next_object, size);
    boot->next_object = pa + size;
    ensure(boot->next_object <= boot->objects.end);
    return pa;
}

struct slot *boot_next_slot(struct boot *boot)
{
    if (boot->next_slot >= 1ull << boot->radix)
        boot_fail("boot: the root CNode of % slots is full; raise kaal.root_cnode_bits",
                  1ull << boot->radix);
    return &boot->cnode[boot->next_slot++];
}

void boot_make_objects(struct boot *boot)
{
    const struct user_layout *layout = &boot->layout;
    boot->radix = choose_radix(boot);
    uint64_t page = 1ull << PAGE_BITS;
    uint64_t cnode = 1ull << (boot->radix + SLOT_BITS);
    uint64_t tables = table_bytes(boot) > TABLE_BYTES ? table_bytes(boot) : 0;
    uint64_t pages = 4 + layout->tables[0] + layout->tables[1] + layout->tables[2] +
                     layout->extra_pages; /* VSpace, ASID pool, IPC buffer, bootinfo */
    /* Largest first, so that nothing is lost to alignment: CNode, pages, the TCB's page. */
    uint64_t bytes = round_up(cnode, page) + round_up(tables, page) + (pages + 1) * page;
    boot->objects = boot_take_from_top(boot, bytes, cnode > page ? cnode : page);
    boot->next_object = boot->objects.start;
    hal_memory_typed(paddr(boot->objects.start), bytes);
    object_zero(hal_window(paddr(boot->objects.start)), bytes);

    boot->cnode = slots_at(boot_take_object(boot, boot->radix + SLOT_BITS));
    boot->next_object = round_up(boot->next_object, page);
    place_tables(boot, tables ? hal_window(paddr(boot->next_object)) : boot->kernel->tables);
    boot->next_object += round_up(tables, page);
    boot->vspace = boot_take_object(boot, VSPACE_BITS);
    boot->asid_pool = boot_take_object(boot, ASID_POOL_BITS);
    boot->ipc_buffer = boot_take_object(boot, PAGE_BITS);
    boot->bootinfo_page = boot_take_object(boot, PAGE_BITS);
    boot->info = hal_window(paddr(boot->bootinfo_page));
    boot->next_slot = SLOT_FIRST_DYNAMIC;
}

void boot_make_caps(struct boot *boot)
{
    struct slot *cnode = boot->cnode;
    struct asid_pool *pool = hal_window(paddr(boot->asid_pool));
    asid_pool_register(boot->kernel, 0, paddr(boot->asid_pool));
    pool->root[ROOT_ASID] = boot->vspace;
    cdt_insert_boot(&cnode[SLOT_INIT_CNODE],
                    cap_cnode(pa_of(cnode), boot->radix, 0, WORD_BITS - boot->radix));
    cdt_insert_boot(&cnode[SLOT_INIT_VSPACE], cap_vspace(boot->vspace, ROOT_ASID));
    cdt_insert_boot(&cnode[SLOT_IRQ_CONTROL], cap_plain(CAP_IRQ_CONTROL));
    cdt_insert_boot(&cnode[SLOT_ASID_CONTROL], cap_plain(CAP_ASID_CONTROL));
    cdt_insert_boot(&cnode[SLOT_INIT_ASID_POOL], cap_asid_pool(boot->asid_pool, 0));
    cdt_insert_boot(&cnode[SLOT_DOMAIN], cap_plain(CAP_DOMAIN));
    if (boot->platform->options.smc)
        cdt_insert_boot(&cnode[SLOT_SMC], cap_smc(0));
    boot->info->num_nodes = 1;
    boot->info->init_cnode_bits = boot->radix;
}

void boot_make_thread(struct boot *boot)
{
    struct slot *cnode = boot->cnode;
    struct tcb *tcb = tcb_at(boot_take_object(boot, TCB_BITS));
    thread_init(boot->cpu, tcb);
    tcb->priority = INITIAL_PRIORITY;
    tcb->mcp = INITIAL_PRIORITY;
    tcb->context.reg[REG_X0] = boot->layout.bootinfo;
    tcb->context.reg[REG_PC] = boot->platform->user_entry;
    tcb->context.next_pc = boot->platform->user_entry;
    tcb->ipc_buffer = boot->layout.ipc_buffer;
    tcb->state = THREAD_RUNNING;
    cdt_insert_boot(&cnode[SLOT_INIT_TCB], cap_tcb(pa_of(tcb)));
    cdt_insert_copy(&cnode[SLOT_INIT_CNODE], &tcb->slots[TCB_CSPACE], cnode[SLOT_INIT_CNODE].cap);
    cdt_insert_copy(&cnode[SLOT_INIT_VSPACE], &tcb->slots[TCB_VSPACE], cnode[SLOT_INIT_VSPACE].cap);
    cdt_insert_copy(&cnode[SLOT_IPC_BUFFER_FRAME], &tcb->slots[TCB_IPC_BUFFER],
                    with_mapping(cnode[SLOT_IPC_BUFFER_FRAME].cap, 0, 0));
    diag_name_thread(boot->cpu->diag, pa_of(tcb), "rootserver");
    boot->tcb = tcb;
    boot->cpu->current = tcb;
}
