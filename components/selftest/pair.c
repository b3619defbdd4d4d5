/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The second thread's address space has the image at the same addresses: code and constants are the
 * same frames (copied caps, read-only), data, BSS and stack are frames of its own. So the same
 * variable has one value here and another there, which the exchange checks.
 */
#include "pair.h"

#include <stdbool.h>

#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/string.h"
#include "kaal/syscalls.h"
#include "step.h"

enum {
    FRAME_BYTES = 1 << PAGE_BITS
};
enum {
    PAIR_PRIORITY = 200,
    ROUNDS = 6
};
enum {
    BADGE_CLIENT = 0x5a,
    BADGE_DONE = 0x40
};
enum {
    PAIR_CNODE_BITS = 4,
    PAIR_SLOT_ENDPOINT = 1,
    PAIR_SLOT_DONE = 2
};
enum {
    LABEL_WORK = 1,
    LABEL_STOP = 2
};
enum {
    WORK_WORDS = 6
}; /* more than fit in registers: two travel in the IPC buffers */

#define SCRATCH_VADDR 0x10000000ull         /* free in the initial address space */
#define GOLDEN        0x9e3779b97f4a7c15ull /* 2^64 divided by the golden ratio */

volatile uint64_t kaal_random_word = 0x0123456789abcdefull;

static uint64_t rounds_served; /* counts in the second thread's own memory */

extern char kaal_stack_top[];

/* The two halves of a round. */
static uint64_t first_half(uint64_t value, uint64_t round)
{
    return (value << 13 | value >> 51) ^ round * GOLDEN;
}

static uint64_t second_half(uint64_t value, uint64_t key)
{
    return (value ^ value >> 29) * GOLDEN + key;
}

/* Body of the second thread: serves until LABEL_STOP. Its IPC buffer is at the same address as the
 * first thread's, in another frame. */
static _Noreturn void pair_main(void)
{
    struct kaal_message m = {0};
    struct ipc_buffer *buffer = kaal_ipc_buffer;
    kaal_recv(PAIR_SLOT_ENDPOINT, &m);
    while (msginfo_label(m.info) == LABEL_WORK && msginfo_length(m.info) == WORK_WORDS) {
        rounds_served++;
        m.mr[0] = second_half(m.mr[0], kaal_random_word);
        m.mr[1] = m.badge;
        m.mr[2] = rounds_served;
        m.mr[3] = (uint64_t)&rounds_served;
        buffer->msg[4] = ~buffer->msg[4];
        buffer->msg[5] = buffer->msg[4] ^ buffer->msg[5];
        m.info = msginfo_new(LABEL_WORK, 0, 0, WORK_WORDS);
        kaal_reply_recv(PAIR_SLOT_ENDPOINT, &m);
    }
    m = (struct kaal_message){.info = msginfo_new(LABEL_STOP, 0, 0, 1), .mr = {rounds_served}};
    kaal_reply(&m);
    kaal_signal(PAIR_SLOT_DONE);
    for (;;) {
        kaal_wait(PAIR_SLOT_DONE);
    }
}

/* One private copy of a page of this address space, mapped at the same address in `vspace`. */
static uint64_t copy_page(struct store *store, uint64_t vspace, uint64_t vaddr, uint64_t attributes)
{
    uint64_t frame = store_object(store, OBJECT_SMALL_PAGE, 0);
    store_map(SLOT_INIT_VSPACE, frame, SCRATCH_VADDR, RIGHT_READ | RIGHT_WRITE,
              ATTR_DEFAULT | ATTR_EXECUTE_NEVER);
    memcpy((void *)SCRATCH_VADDR, (const void *)vaddr, FRAME_BYTES);
    must(kaal_page_unmap(frame), STEP_IMAGE, "Page_Unmap");
    store_map(vspace, frame, vaddr, RIGHT_READ | RIGHT_WRITE, attributes);
    return frame;
}

static uint64_t make_space(struct store *store)
{
    uint64_t vspace = store_object(store, OBJECT_VSPACE, 0);
    must(kaal_asid_pool_assign(SLOT_INIT_ASID_POOL, vspace), STEP_SPACE, "ASIDPool_Assign");
    /* Image and IPC buffer lie in one 2 MiB region; the scratch page is in the same GiB as the
     * image, in another such region of the initial address space. */
    store_tables(store, vspace, (uint64_t)kaal_image_start, 3);
    store_tables(store, SLOT_INIT_VSPACE, SCRATCH_VADDR, 1);
    expect((uint64_t)kaal_image_start >> LARGE_PAGE_BITS ==
               store->bootinfo->ipc_buffer >> LARGE_PAGE_BITS,
           STEP_SPACE, "image and IPC buffer lie in one region of 2 MiB");
    return vspace;
}

/* Maps the image: shared code, private data. */
static void copy_image(struct store *store, uint64_t vspace)
{
    uint64_t start = (uint64_t)kaal_image_start, data = (uint64_t)kaal_image_data;
    uint64_t end = (uint64_t)kaal_image_end;
    uint64_t first_frame = store->bootinfo->user_image_frames.start;
    for (uint64_t vaddr = start; vaddr < data; vaddr += FRAME_BYTES) {
        uint64_t frame =
            store_copy(store, first_frame + (vaddr - start) / FRAME_BYTES, RIGHT_READ, 0);
        store_map(vspace, frame, vaddr, RIGHT_READ, ATTR_DEFAULT);
    }
    for (uint64_t vaddr = data; vaddr < end; vaddr += FRAME_BYTES) {
        copy_page(store, vspace, vaddr, ATTR_DEFAULT | ATTR_EXECUTE_NEVER);
    }
    kaal_printf("second address space: %lu shared code frames, %lu private data frames\n",
                (data - start) / FRAME_BYTES, (end - data) / FRAME_BYTES);
}

/* The thread, with a CNode of its own that holds two caps. */
static uint64_t make_thread(struct store *store, uint64_t vspace, uint64_t endpoint, uint64_t done)
{
    uint64_t cnode = store_object(store, OBJECT_CNODE, PAIR_CNODE_BITS);
    uint64_t tcb = store_object(store, OBJECT_TCB, 0);
    uint64_t buffer = store->bootinfo->ipc_buffer;
    uint64_t buffer_frame = copy_page(store, vspace, buffer, ATTR_DEFAULT | ATTR_EXECUTE_NEVER);
    struct kaal_slot to = {cnode, PAIR_SLOT_ENDPOINT, PAIR_CNODE_BITS};
    must(kaal_cnode_copy(to, root_slot(endpoint), RIGHT_READ), STEP_THREAD, "CNode_Copy");
    to.index = PAIR_SLOT_DONE;
    must(kaal_cnode_mint(to, root_slot(done), RIGHT_READ | RIGHT_WRITE, BADGE_DONE), STEP_THREAD,
         "CNode_Mint");
    const struct kaal_tcb_setup setup = {
        .cspace = cnode,
        .cspace_data = kaal_guard(0, WORD_BITS - PAIR_CNODE_BITS),
        .vspace = vspace,
        .buffer_address = buffer,
        .buffer_frame = buffer_frame,
    };
    must(kaal_tcb_configure(tcb, &setup), STEP_THREAD, "TCB_Configure");
    must(kaal_tcb_set_priority(tcb, SLOT_INIT_TCB, PAIR_PRIORITY), STEP_THREAD, "TCB_SetPriority");
    kaal_debug_name_thread(tcb, "second thread");
    return tcb;
}

/* Runs it at pair_main, on its own copy of the stack and of the thread-local variables. */
static void start_thread(uint64_t tcb)
{
    uint64_t registers[REG_COUNT] = {0};
    registers[REG_PC] = (uint64_t)pair_main;
    registers[REG_SP] = (uint64_t)kaal_stack_top;
    registers[REG_TPIDR_EL0] = (uint64_t)__builtin_thread_pointer();
    must(kaal_tcb_write_registers(tcb, true, REG_COUNT, registers), STEP_THREAD,
         "TCB_WriteRegisters");
}

/* One Call; checks every word of the answer and returns the first. */
static uint64_t exchange(uint64_t client, uint64_t value, uint64_t round)
{
    struct kaal_message m = {.info = msginfo_new(LABEL_WORK, 0, 0, WORK_WORDS), .mr = {value}};
    kaal_ipc_buffer->msg[4] = value;
    kaal_ipc_buffer->msg[5] = round;
    kaal_call(client, &m);
    expect(m.info == msginfo_new(LABEL_WORK, 0, 0, WORK_WORDS) && m.badge == 0, STEP_EXCHANGE,
           "the reply has the label and length that were sent, and badge 0");
    expect(m.mr[0] == second_half(value, kaal_random_word), STEP_EXCHANGE,
           "the second thread computes the same function");
    expect(m.mr[1] == BADGE_CLIENT, STEP_EXCHANGE, "the second thread saw the badge of the cap");
    expect(m.mr[2] == round && m.mr[3] == (uint64_t)&rounds_served && rounds_served == 0,
           STEP_EXCHANGE, "the two threads count in different memory at the same address");
    expect(kaal_ipc_buffer->msg[4] == ~value && kaal_ipc_buffer->msg[5] == (~value ^ round),
           STEP_EXCHANGE, "the words in the IPC buffer came back changed as asked");
    return m.mr[0];
}

uint64_t pair_tour(struct store *store)
{
    uint64_t endpoint = store_object(store, OBJECT_ENDPOINT, 0);
    uint64_t done = store_object(store, OBJECT_NOTIFICATION, 0);
    uint64_t client = store_copy(store, endpoint, RIGHTS_ALL, BADGE_CLIENT);
    uint64_t vspace = make_space(store);
    copy_image(store, vspace);
    uint64_t tcb = make_thread(store, vspace, endpoint, done);
    start_thread(tcb);

    uint64_t value = kaal_random_word;
    kaal_printf("word in the image: 0x%016lx\n", value);
    for (uint64_t round = 1; round <= ROUNDS; round++) {
        uint64_t sent = first_half(value, round);
        value = exchange(client, sent, round);
        kaal_printf("  round %lu: sent 0x%016lx, received 0x%016lx\n", round, sent, value);
    }
    struct kaal_message m = {.info = msginfo_new(LABEL_STOP, 0, 0, 0)};
    kaal_call(client, &m);
    expect(msginfo_label(m.info) == LABEL_STOP && m.mr[0] == ROUNDS, STEP_EXCHANGE,
           "the second thread stops after all rounds");
    expect(kaal_wait(done) == BADGE_DONE, STEP_NOTIFICATION,
           "the second thread signals with the badge of its cap");
    kaal_printf("second thread: %lu rounds, signalled with badge 0x%x\n", m.mr[0], BADGE_DONE);
    must(kaal_tcb_suspend(tcb), STEP_THREAD, "TCB_Suspend");
    return value;
}
