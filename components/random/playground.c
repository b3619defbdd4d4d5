/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The supervisor's side (random.h). Everything of the playground is made from one Untyped, so that
 * revoking it takes all away. The supervisor's own things come from another.
 */
#include "kaal/invocations.h"
#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/syscalls.h"
#include "random.h"

enum {
    OWN_BITS = 14,
    MASTER_BITS = 23,
    LARGE_BITS = 22,
    CHILD_BITS = 18,
    STOCK_BITS = 20,
    CHILDREN = 3,
    PAIRS = 3,           /* endpoints, notifications */
    MAX_IMAGE = 64,      /* pages */
    TABLES = 3,          /* levels 1..3 of the second space */
    FIRST_FREE_IRQ = 40, /* of 8 that no device of the board has */
    FREE_IRQS = 8,
    NO_IRQ = 300,
    STATUS_NO_START = 2,
};

/* Slots of the root CNode. The things of the playground follow each other, from `master` on. */
static struct {
    uint64_t own, faults, quiet, watchdog;
    uint64_t master, large, stock, child[CHILDREN], cnode, play, vspace, table[TABLES];
    uint64_t tcb[WORKERS], endpoint[PAIRS], notification[PAIRS];
    uint64_t image[MAX_IMAGE];
    uint64_t badged; /* for caps on their way */
    uint64_t next;
} at;

static const struct bootinfo *info;
uint64_t calls_done, calls_refused;

static void count(enum error_code error)
{
    calls_done += error == ERROR_NONE;
    calls_refused += error != ERROR_NONE;
}

static void must(enum error_code error, const char *what)
{
    if (error != ERROR_NONE) {
        kaal_printf("random: %s was refused with error %u\n", what, error);
        kaal_exit(STATUS_NO_START);
    }
    calls_done++;
}

static struct kaal_slot in_root(uint64_t slot)
{
    return (struct kaal_slot){SLOT_INIT_CNODE, slot, WORD_BITS};
}

static struct kaal_slot in_play(uint64_t slot)
{
    return (struct kaal_slot){at.play, slot, WORD_BITS};
}

static uint64_t make(uint64_t untyped, enum object_type type, uint64_t bits)
{
    uint64_t slot = at.next++;
    must(kaal_untyped_retype(untyped, type, bits, (struct kaal_slot){SLOT_INIT_CNODE, 0, 0}, slot,
                             1),
         "Untyped_Retype");
    return slot;
}

static uint64_t untyped_of(uint64_t bits)
{
    for (uint64_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const struct untyped_desc *d = &info->untyped_list[i];
        if (d->is_device == 0 && d->size_bits >= bits) {
            return info->untyped.start + i;
        }
    }
    kaal_printf("random: expected an ordinary Untyped of 2^%lu bytes, found none\n", bits);
    kaal_exit(STATUS_NO_START);
}

static uint64_t image_pages(void)
{
    return info->user_image_frames.end - info->user_image_frames.start;
}

/* ---- what lasts ---- */

static void start_watchdog(void)
{
    uint64_t registers[REG_COUNT] = {0};
    const struct kaal_tcb_setup setup = {.cspace = SLOT_INIT_CNODE, .vspace = SLOT_INIT_VSPACE};
    at.watchdog = make(at.own, OBJECT_TCB, 0);
    at.quiet = at.next++;
    must(kaal_cnode_mint(in_root(at.quiet), in_root(at.faults), RIGHT_WRITE, 0), "CNode_Mint");
    must(kaal_tcb_configure(at.watchdog, &setup), "TCB_Configure");
    registers[REG_PC] = (uint64_t)watchdog_entry;
    registers[REG_X19] = at.quiet;
    must(kaal_tcb_write_registers(at.watchdog, 1, REG_COUNT, registers), "TCB_WriteRegisters");
}

void playground_open(const struct bootinfo *bootinfo)
{
    info = bootinfo;
    at.next = info->empty.start;
    if (image_pages() > MAX_IMAGE) {
        kaal_printf("random: expected an image of at most %u pages, found %lu\n", MAX_IMAGE,
                    image_pages());
        kaal_exit(STATUS_NO_START);
    }
    uint64_t source = untyped_of(MASTER_BITS + 1);
    at.own = make(source, OBJECT_UNTYPED, OWN_BITS);
    at.faults = make(at.own, OBJECT_ENDPOINT, 0);
    start_watchdog();
    at.badged = at.next++;
    at.master = make(source, OBJECT_UNTYPED, MASTER_BITS);
}

/* ---- building ---- */

/* The second space shows the image where the first one has it. */
static void make_space(void)
{
    at.vspace = make(at.master, OBJECT_VSPACE, 0);
    must(kaal_asid_pool_assign(SLOT_INIT_ASID_POOL, at.vspace), "ASIDPool_Assign");
    uint64_t va = (uint64_t)kaal_image_start;
    for (unsigned i = 0; i < TABLES; i++) {
        at.table[i] = make(at.master, OBJECT_PAGE_TABLE, 0);
        must(kaal_page_table_map(at.table[i], at.vspace, va, ATTR_DEFAULT), "PageTable_Map");
    }
    for (uint64_t i = 0; i < image_pages(); i++) {
        at.image[i] = at.next++;
        must(kaal_cnode_copy(in_root(at.image[i]), in_root(info->user_image_frames.start + i),
                             RIGHTS_ALL),
             "CNode_Copy");
        must(kaal_page_map(at.image[i], at.vspace, va + (i << PAGE_BITS), RIGHTS_ALL, ATTR_DEFAULT),
             "Page_Map");
    }
}

static uint64_t buffer_frame(unsigned who)
{
    uint64_t page = ((uint64_t)&worker_buffer[who] - (uint64_t)kaal_image_start) >> PAGE_BITS;
    return info->user_image_frames.start + page;
}

static enum error_code restore(unsigned who)
{
    const struct kaal_tcb_setup setup = {
        .fault_ep = PLAY_FAULTS + who,
        .cspace = at.play,
        .vspace = who % 2 == 0 ? SLOT_INIT_VSPACE : at.vspace,
        .buffer_address = (uint64_t)&worker_buffer[who],
        .buffer_frame = buffer_frame(who),
    };
    return kaal_tcb_configure(at.tcb[who], &setup);
}

/* A badged cap to `slot` goes to `to`. */
static void mint(uint64_t to, uint64_t slot, uint64_t rights, uint64_t badge)
{
    count(kaal_cnode_mint(in_play(to), in_root(slot), rights, badge));
}

static void make_objects(void)
{
    at.large = make(at.master, OBJECT_UNTYPED, LARGE_BITS);
    at.stock = make(at.master, OBJECT_UNTYPED, STOCK_BITS);
    for (unsigned i = 0; i < CHILDREN; i++) {
        at.child[i] = make(at.master, OBJECT_UNTYPED, CHILD_BITS);
    }
    at.cnode = make(at.master, OBJECT_CNODE, PLAY_RADIX);
    at.play = at.next++;
    must(kaal_cnode_mint(in_root(at.play), in_root(at.cnode), RIGHTS_ALL,
                         kaal_guard(0, PLAY_GUARD_BITS)),
         "CNode_Mint");
    make_space();
    for (unsigned i = 0; i < PAIRS; i++) {
        at.endpoint[i] = make(at.master, OBJECT_ENDPOINT, 0);
        at.notification[i] = make(at.master, OBJECT_NOTIFICATION, 0);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        at.tcb[i] = make(at.master, OBJECT_TCB, 0);
        mint(PLAY_FAULTS + i, at.faults, RIGHT_WRITE | RIGHT_GRANT, 1 + i);
        must(restore(i), "TCB_Configure");
        must(kaal_tcb_set_sched_params(at.tcb[i], SLOT_INIT_TCB, HIGHEST_WORKER_PRIORITY,
                                       1 + below(HIGHEST_WORKER_PRIORITY)),
             "TCB_SetSchedParams");
    }
}

void playground_build(void)
{
    must(kaal_cnode_revoke(in_root(at.master)), "CNode_Revoke");
    /* Copies of image frames are not made from the Untyped. */
    for (unsigned i = 0; i < MAX_IMAGE; i++) {
        if (at.image[i] != 0) {
            must(kaal_cnode_delete(in_root(at.image[i])), "CNode_Delete");
        }
    }
    at.next = at.master + 1;
    make_objects();
    for (unsigned i = 0; i < PLAY_SLOTS / 2; i++) {
        playground_restock();
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        playground_revive(i, false);
    }
}

/* ---- running ---- */

static void copy(uint64_t slot)
{
    count(kaal_cnode_copy(in_play(PLAY_FREE + below(PLAY_SLOTS - PLAY_FREE)), in_root(slot),
                          RIGHTS_ALL));
}

static void restock_interrupt(void)
{
    struct kaal_slot to = in_play(PLAY_FREE + below(PLAY_SLOTS - PLAY_FREE));
    uint64_t irq = once_in(2) ? below(16) : FIRST_FREE_IRQ + below(FREE_IRQS);
    if (once_in(8)) {
        irq = below(NO_IRQ) | 16;
    }
    switch (below(3)) {
    case 0: count(kaal_irq_control_get(SLOT_IRQ_CONTROL, irq, to)); break;
    case 1: count(kaal_irq_control_get_trigger(SLOT_IRQ_CONTROL, irq, below(2), to)); break;
    default: count(kaal_irq_control_issue_sgi(SLOT_IRQ_CONTROL, below(17), 0, to)); break;
    }
}

/* A new object of one page. */
static void restock_page(uint64_t to)
{
    static const uint8_t types[] = {OBJECT_SMALL_PAGE, OBJECT_SMALL_PAGE, OBJECT_SMALL_PAGE,
                                    OBJECT_PAGE_TABLE, OBJECT_VSPACE,     OBJECT_UNTYPED};
    count(kaal_untyped_retype(at.stock, (enum object_type)types[below(sizeof types)], PAGE_BITS,
                              (struct kaal_slot){at.play, 0, 0}, to, 1));
}

void playground_restock(void)
{
    unsigned who = (unsigned)below(WORKERS);
    uint64_t to = PLAY_FREE + below(PLAY_SLOTS - PLAY_FREE);
    if (once_in(4)) {
        restock_page(to);
        return;
    }
    switch (below(18)) {
    case 12: count(kaal_tcb_copy_registers(at.tcb[who], at.tcb[below(WORKERS)], below(16))); break;
    case 0: mint(PLAY_FAULTS + who, at.faults, RIGHT_WRITE | RIGHT_GRANT, 1 + who); break;
    case 1:
    case 2: copy(at.play); break;
    case 3: copy(at.tcb[who]); break;
    case 4: copy(once_in(2) ? SLOT_INIT_VSPACE : at.vspace); break;
    case 5: copy(once_in(2) ? SLOT_INIT_ASID_POOL : SLOT_ASID_CONTROL); break;
    case 6: copy(once_in(2) ? SLOT_DOMAIN : at.large); break;
    case 7: restock_interrupt(); break;
    case 8: mint(to, at.endpoint[below(PAIRS)], RIGHTS_ALL, below(4)); break;
    case 9: mint(to, at.notification[below(PAIRS)], RIGHTS_ALL, 1ull << below(8)); break;
    case 10:
    case 11: copy(at.child[below(CHILDREN)]); break;
    default: count(kaal_cnode_delete(in_play(to))); break;
    }
}

void playground_revive(unsigned who, bool whole)
{
    uint64_t registers[REG_COUNT] = {0};
    if (whole) {
        count(restore(who));
        mint(PLAY_FAULTS + who, at.faults, RIGHT_WRITE | RIGHT_GRANT, 1 + who);
    }
    registers[REG_PC] = (uint64_t)worker_entry;
    registers[REG_TPIDR_EL0] = who;
    count(kaal_tcb_write_registers(at.tcb[who], 1, REG_COUNT, registers));
}

uint64_t playground_wait(void)
{
    struct kaal_message m = {0};
    kaal_recv(at.faults, &m);
    return m.badge;
}

/* The PC is among the words: always a multiple of 4 (see program_counter()). */
void playground_answer(void)
{
    struct kaal_message m = {.info = msginfo_new(below(2), 0, 0, below(13))};
    for (unsigned i = 0; i < MSG_REGISTERS; i++) {
        m.mr[i] = 4 * below(PLAY_SLOTS);
    }
    for (unsigned i = MSG_REGISTERS; i < 12; i++) {
        kaal_ipc_buffer->msg[i] = 4 * below(PLAY_SLOTS);
    }
    kaal_ipc_buffer->msg[8] =
        (uint64_t)worker_entry; /* PC of UnknownSyscall (abi/syscalls.md §7) */
    kaal_reply(&m);
}
