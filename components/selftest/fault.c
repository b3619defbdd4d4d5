/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A fault is a message like a Call (abi/syscalls.md §7): the reply makes the thread execute the
 * instruction again.
 */
#include "fault.h"

#include <stdbool.h>

#include "kaal/print.h"
#include "kaal/runtime.h"
#include "kaal/syscalls.h"
#include "step.h"

enum {
    FAULT_PRIORITY = 190,
    BADGE_FAULT = 0xfa,
    BADGE_RESULT = 0x77
};
enum {
    STACK_BYTES = 4096,
    TLS_BYTES = 256
};
enum {
    ESR_CLASS_SHIFT = 26,
    ESR_CLASS_DATA_ABORT = 0x24,
    ESR_WRITE = 1 << 6
};

#define MISSING_VADDR 0x20000000ull /* nothing is mapped there */
#define BUFFER_VADDR  0x10001000ull /* beside the scratch page of the pair */

static _Alignas(16) char stack[STACK_BYTES];
static _Alignas(16) char tls[TLS_BYTES];

/* Body of the third thread: reads the missing page, changes what it finds, reports it. */
static _Noreturn void fault_main(uint64_t result_cptr)
{
    volatile uint64_t *word = (volatile uint64_t *)MISSING_VADDR;
    uint64_t found = word[0];
    word[1] = ~found;
    struct kaal_message m = {.info = msginfo_new(0, 0, 0, 2), .mr = {found, word[1]}};
    for (;;) {
        kaal_call(result_cptr, &m);
    }
}

/* A thread in the initial CSpace and address space, with stack, TLS and buffer of its own. */
static uint64_t make_thread(struct store *store, uint64_t fault_cptr, uint64_t result_cptr)
{
    uint64_t tcb = store_object(store, OBJECT_TCB, 0);
    uint64_t buffer_frame = store_object(store, OBJECT_SMALL_PAGE, 0);
    store_map(SLOT_INIT_VSPACE, buffer_frame, BUFFER_VADDR, RIGHT_READ | RIGHT_WRITE,
              ATTR_DEFAULT | ATTR_EXECUTE_NEVER);
    expect(kaal_tls_size() <= sizeof(tls), STEP_FAULT, "the thread-local variables fit");
    kaal_tls_init(tls, (struct ipc_buffer *)BUFFER_VADDR);
    const struct kaal_tcb_setup setup = {
        .fault_ep = fault_cptr,
        .cspace = SLOT_INIT_CNODE,
        .vspace = SLOT_INIT_VSPACE,
        .buffer_address = BUFFER_VADDR,
        .buffer_frame = buffer_frame,
    };
    must(kaal_tcb_configure(tcb, &setup), STEP_FAULT, "TCB_Configure");
    must(kaal_tcb_set_priority(tcb, SLOT_INIT_TCB, FAULT_PRIORITY), STEP_FAULT, "TCB_SetPriority");
    kaal_debug_name_thread(tcb, "third thread");
    uint64_t registers[REG_COUNT] = {0};
    registers[REG_PC] = (uint64_t)fault_main;
    registers[REG_SP] = (uint64_t)(stack + sizeof(stack));
    registers[REG_X0] = result_cptr;
    registers[REG_TPIDR_EL0] = (uint64_t)tls;
    must(kaal_tcb_write_registers(tcb, true, REG_COUNT, registers), STEP_FAULT,
         "TCB_WriteRegisters");
    return tcb;
}

/* Receives the fault and checks each of its words. */
static void receive_fault(uint64_t endpoint)
{
    struct kaal_message m = {0};
    kaal_recv(endpoint, &m);
    expect(m.badge == BADGE_FAULT && m.info == msginfo_new(FAULT_VM, 0, 0, 4), STEP_FAULT,
           "a VM fault of four words arrives with the badge of the fault handler's cap");
    expect(m.mr[0] >= (uint64_t)kaal_image_start && m.mr[0] < (uint64_t)kaal_image_data, STEP_FAULT,
           "the restart address is in the program's code");
    expect(m.mr[1] == MISSING_VADDR && m.mr[2] == 0, STEP_FAULT,
           "the fault is one of data, at the missing address");
    expect(m.mr[3] >> ESR_CLASS_SHIFT == ESR_CLASS_DATA_ABORT && (m.mr[3] & ESR_WRITE) == 0,
           STEP_FAULT, "the syndrome says: data abort from EL0, a read");
    kaal_printf("third thread: VM fault at 0x%lx, syndrome 0x%lx\n", m.mr[1], m.mr[3]);
}

uint64_t fault_tour(struct store *store, uint64_t value)
{
    uint64_t endpoint = store_object(store, OBJECT_ENDPOINT, 0);
    uint64_t fault_cptr = store_copy(store, endpoint, RIGHTS_ALL, BADGE_FAULT);
    uint64_t result_cptr = store_copy(store, endpoint, RIGHTS_ALL, BADGE_RESULT);
    uint64_t tcb = make_thread(store, fault_cptr, result_cptr);
    receive_fault(endpoint);

    uint64_t frame = store_object(store, OBJECT_SMALL_PAGE, 0);
    store_tables(store, SLOT_INIT_VSPACE, MISSING_VADDR, 1);
    store_map(SLOT_INIT_VSPACE, frame, MISSING_VADDR, RIGHT_READ | RIGHT_WRITE,
              ATTR_DEFAULT | ATTR_EXECUTE_NEVER);
    volatile uint64_t *word = (volatile uint64_t *)MISSING_VADDR;
    expect(word[0] == 0 && word[1] == 0, STEP_FAULT, "a new frame is zero");
    word[0] = value;

    struct kaal_message m = {0};
    kaal_reply_recv(endpoint, &m);
    expect(m.badge == BADGE_RESULT && msginfo_length(m.info) == 2, STEP_FAULT,
           "the thread continues and calls");
    expect(m.mr[0] == value && m.mr[1] == ~value && word[1] == ~value, STEP_FAULT,
           "the thread found the value in the new page and changed it");
    kaal_printf("third thread: continued, read 0x%016lx, wrote 0x%016lx\n", m.mr[0], m.mr[1]);
    must(kaal_tcb_suspend(tcb), STEP_FAULT, "TCB_Suspend");
    return m.mr[1];
}
