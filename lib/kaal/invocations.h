/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * One function per method of abi/invocations.md §2, arguments in the message's order. Every
 * function is one Call: it returns the error code of the reply (ERROR_NONE = done) and leaves the
 * reply's first four words, results or error details (§1), in kaal_ipc_buffer->msg[0..3]; words
 * from 4 on are put there by the kernel. A thread without an IPC buffer pointer must not use them.
 */
#pragma once
#include <stdint.h>

#include "abi/labels.h"
#include "abi/objects.h"
#include "abi/syscalls.h"

#define KAAL_MUST_CHECK __attribute__((warn_unused_result))

/* A list of words. */
struct kaal_words {
    const uint64_t *word;
    uint64_t count;
};
#define KAAL_WORDS(...)                                                                            \
    ((struct kaal_words){(const uint64_t[]){__VA_ARGS__},                                          \
                         sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)})
#define KAAL_NONE ((struct kaal_words){0, 0})

/* Calls `cap` with `label`, at most 120 words and at most 3 extra caps. */
KAAL_MUST_CHECK enum error_code kaal_invoke(uint64_t cap, uint64_t label, struct kaal_words words,
                                            struct kaal_words extra);

/* A place in a CSpace: `depth` bits of `index`, resolved in the CNode `root` (abi/objects.md §4).
 */
struct kaal_slot {
    uint64_t root;
    uint64_t index;
    uint64_t depth;
};

/* CNode cap data: a guard of `bits` bits (abi/syscalls.md §2.4). */
static inline uint64_t kaal_guard(uint64_t guard, uint64_t bits)
{
    return guard << GUARD_SIZE_BITS | bits;
}

/* ---- Untyped (§3) ---- */

/* Makes `count` objects; their caps go to slots offset.. of the CNode that `to` names (depth 0: the
 * root itself). */
KAAL_MUST_CHECK enum error_code kaal_untyped_retype(uint64_t untyped, enum object_type type,
                                                    uint64_t size_bits, struct kaal_slot to,
                                                    uint64_t offset, uint64_t count);

/* ---- TCB (§4) ---- */

/* Copies `count` registers (1..36, order of enum context_register) to `out`. */
KAAL_MUST_CHECK enum error_code kaal_tcb_read_registers(uint64_t tcb, uint64_t suspend,
                                                        uint64_t count, uint64_t *out);
KAAL_MUST_CHECK enum error_code kaal_tcb_write_registers(uint64_t tcb, uint64_t resume,
                                                         uint64_t count, const uint64_t *in);
enum {
    COPY_SUSPEND_SOURCE = 1,
    COPY_RESUME_TARGET = 2,
    COPY_FRAME = 4,
    COPY_INTEGER = 8,
};
KAAL_MUST_CHECK enum error_code kaal_tcb_copy_registers(uint64_t tcb, uint64_t source,
                                                        uint64_t flags);

/* What Configure sets. `buffer_address` 0 = no buffer. */
struct kaal_tcb_setup {
    uint64_t fault_ep; /* cptr in the thread's own CSpace */
    uint64_t cspace;
    uint64_t cspace_data; /* 0 keeps the guard of the cap */
    uint64_t vspace;
    uint64_t vspace_data;
    uint64_t buffer_address;
    uint64_t buffer_frame;
};
KAAL_MUST_CHECK enum error_code kaal_tcb_configure(uint64_t tcb, const struct kaal_tcb_setup *to);
KAAL_MUST_CHECK enum error_code kaal_tcb_set_priority(uint64_t tcb, uint64_t authority,
                                                      uint64_t priority);
KAAL_MUST_CHECK enum error_code kaal_tcb_set_mc_priority(uint64_t tcb, uint64_t authority,
                                                         uint64_t mcp);
KAAL_MUST_CHECK enum error_code kaal_tcb_set_sched_params(uint64_t tcb, uint64_t authority,
                                                          uint64_t mcp, uint64_t priority);
KAAL_MUST_CHECK enum error_code kaal_tcb_set_ipc_buffer(uint64_t tcb, uint64_t address,
                                                        uint64_t frame);
KAAL_MUST_CHECK enum error_code kaal_tcb_set_space(uint64_t tcb, uint64_t fault_ep, uint64_t cspace,
                                                   uint64_t cspace_data, uint64_t vspace,
                                                   uint64_t vspace_data);
KAAL_MUST_CHECK enum error_code kaal_tcb_suspend(uint64_t tcb);
KAAL_MUST_CHECK enum error_code kaal_tcb_resume(uint64_t tcb);
KAAL_MUST_CHECK enum error_code kaal_tcb_bind_notification(uint64_t tcb, uint64_t notification);
KAAL_MUST_CHECK enum error_code kaal_tcb_unbind_notification(uint64_t tcb);
KAAL_MUST_CHECK enum error_code kaal_tcb_set_tls_base(uint64_t tcb, uint64_t base);
/* The new flags are in msg[0]. */
KAAL_MUST_CHECK enum error_code kaal_tcb_set_flags(uint64_t tcb, uint64_t clear, uint64_t set);

/* ---- CNode (§5): the invoked CNode cap is the destination's root ---- */

KAAL_MUST_CHECK enum error_code kaal_cnode_revoke(struct kaal_slot at);
KAAL_MUST_CHECK enum error_code kaal_cnode_delete(struct kaal_slot at);
KAAL_MUST_CHECK enum error_code kaal_cnode_cancel_badged_sends(struct kaal_slot at);
KAAL_MUST_CHECK enum error_code kaal_cnode_copy(struct kaal_slot to, struct kaal_slot from,
                                                uint64_t rights);
KAAL_MUST_CHECK enum error_code kaal_cnode_mint(struct kaal_slot to, struct kaal_slot from,
                                                uint64_t rights, uint64_t data);
KAAL_MUST_CHECK enum error_code kaal_cnode_move(struct kaal_slot to, struct kaal_slot from);
KAAL_MUST_CHECK enum error_code kaal_cnode_mutate(struct kaal_slot to, struct kaal_slot from,
                                                  uint64_t data);
/* The pivot's cap goes to `to` with `to_data` applied, the one of `from` to the pivot with
 * `pivot_data`. */
KAAL_MUST_CHECK enum error_code kaal_cnode_rotate(struct kaal_slot to, uint64_t to_data,
                                                  struct kaal_slot pivot, uint64_t pivot_data,
                                                  struct kaal_slot from);
KAAL_MUST_CHECK enum error_code kaal_cnode_save_caller(struct kaal_slot to);

/* ---- Interrupts (§6) ---- */

KAAL_MUST_CHECK enum error_code kaal_irq_control_get(uint64_t control, uint64_t irq,
                                                     struct kaal_slot to);
/* `edge`: 0 level, else edge. */
KAAL_MUST_CHECK enum error_code kaal_irq_control_get_trigger(uint64_t control, uint64_t irq,
                                                             uint64_t edge, struct kaal_slot to);
KAAL_MUST_CHECK enum error_code kaal_irq_control_issue_sgi(uint64_t control, uint64_t sgi,
                                                           uint64_t target, struct kaal_slot to);
KAAL_MUST_CHECK enum error_code kaal_irq_handler_ack(uint64_t handler);
KAAL_MUST_CHECK enum error_code kaal_irq_handler_set_notification(uint64_t handler,
                                                                  uint64_t notification);
KAAL_MUST_CHECK enum error_code kaal_irq_handler_clear(uint64_t handler);

/* ---- Domains (§7) ---- */

KAAL_MUST_CHECK enum error_code kaal_domain_set(uint64_t domain_cap, uint64_t domain, uint64_t tcb);
KAAL_MUST_CHECK enum error_code kaal_domain_schedule_configure(uint64_t domain_cap, uint64_t index,
                                                               uint64_t domain, uint64_t ticks);
KAAL_MUST_CHECK enum error_code kaal_domain_schedule_set_start(uint64_t domain_cap, uint64_t index);

/* ---- Address spaces (§8, abi/vspace.md) ---- */

/* [start, end): addresses inside one page of the VSpace. */
KAAL_MUST_CHECK enum error_code kaal_vspace_clean_data(uint64_t vspace, uint64_t start,
                                                       uint64_t end);
KAAL_MUST_CHECK enum error_code kaal_vspace_invalidate_data(uint64_t vspace, uint64_t start,
                                                            uint64_t end);
KAAL_MUST_CHECK enum error_code kaal_vspace_clean_invalidate_data(uint64_t vspace, uint64_t start,
                                                                  uint64_t end);
KAAL_MUST_CHECK enum error_code kaal_vspace_unify_instruction(uint64_t vspace, uint64_t start,
                                                              uint64_t end);
KAAL_MUST_CHECK enum error_code kaal_page_table_map(uint64_t table, uint64_t vspace, uint64_t vaddr,
                                                    uint64_t attributes);
KAAL_MUST_CHECK enum error_code kaal_page_table_unmap(uint64_t table);
KAAL_MUST_CHECK enum error_code kaal_page_map(uint64_t frame, uint64_t vspace, uint64_t vaddr,
                                              uint64_t rights, uint64_t attributes);
KAAL_MUST_CHECK enum error_code kaal_page_unmap(uint64_t frame);
/* [start, end): offsets in the frame, which must be mapped. */
KAAL_MUST_CHECK enum error_code kaal_page_clean_data(uint64_t frame, uint64_t start, uint64_t end);
KAAL_MUST_CHECK enum error_code kaal_page_invalidate_data(uint64_t frame, uint64_t start,
                                                          uint64_t end);
KAAL_MUST_CHECK enum error_code kaal_page_clean_invalidate_data(uint64_t frame, uint64_t start,
                                                                uint64_t end);
KAAL_MUST_CHECK enum error_code kaal_page_unify_instruction(uint64_t frame, uint64_t start,
                                                            uint64_t end);
KAAL_MUST_CHECK enum error_code kaal_page_get_address(uint64_t frame, uint64_t *paddr);
KAAL_MUST_CHECK enum error_code kaal_asid_control_make_pool(uint64_t control, uint64_t untyped,
                                                            struct kaal_slot to);
KAAL_MUST_CHECK enum error_code kaal_asid_pool_assign(uint64_t pool, uint64_t vspace);
/* x0..x7 of the secure monitor call, results in place. */
KAAL_MUST_CHECK enum error_code kaal_smc_call(uint64_t smc, uint64_t registers[8]);
