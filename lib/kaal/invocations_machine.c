/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Invocations of interrupt, domain and address-space caps (abi/invocations.md §6 to §8).
 */
#include "kaal/invocations.h"
#include "kaal/syscalls.h"

enum error_code kaal_irq_control_get(uint64_t control, uint64_t irq, struct kaal_slot to)
{
    return kaal_invoke(control, LABEL_IRQ_CONTROL_GET, KAAL_WORDS(irq, to.index, to.depth),
                       KAAL_WORDS(to.root));
}

enum error_code kaal_irq_control_get_trigger(uint64_t control, uint64_t irq, uint64_t edge,
                                             struct kaal_slot to)
{
    return kaal_invoke(control, LABEL_IRQ_CONTROL_GET_TRIGGER,
                       KAAL_WORDS(irq, edge, to.index, to.depth), KAAL_WORDS(to.root));
}

enum error_code kaal_irq_control_issue_sgi(uint64_t control, uint64_t sgi, uint64_t target,
                                           struct kaal_slot to)
{
    return kaal_invoke(control, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL,
                       KAAL_WORDS(sgi, target, to.index, to.depth), KAAL_WORDS(to.root));
}

enum error_code kaal_irq_handler_ack(uint64_t handler)
{
    return kaal_invoke(handler, LABEL_IRQ_HANDLER_ACK, KAAL_NONE, KAAL_NONE);
}

enum error_code kaal_irq_handler_set_notification(uint64_t handler, uint64_t notification)
{
    return kaal_invoke(handler, LABEL_IRQ_HANDLER_SET_NOTIFICATION, KAAL_NONE,
                       KAAL_WORDS(notification));
}

enum error_code kaal_irq_handler_clear(uint64_t handler)
{
    return kaal_invoke(handler, LABEL_IRQ_HANDLER_CLEAR, KAAL_NONE, KAAL_NONE);
}

enum error_code kaal_domain_set(uint64_t domain_cap, uint64_t domain, uint64_t tcb)
{
    return kaal_invoke(domain_cap, LABEL_DOMAIN_SET_SET, KAAL_WORDS(domain), KAAL_WORDS(tcb));
}

enum error_code kaal_domain_schedule_configure(uint64_t domain_cap, uint64_t index, uint64_t domain,
                                               uint64_t ticks)
{
    return kaal_invoke(domain_cap, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE,
                       KAAL_WORDS(index, domain, ticks), KAAL_NONE);
}

enum error_code kaal_domain_schedule_set_start(uint64_t domain_cap, uint64_t index)
{
    return kaal_invoke(domain_cap, LABEL_DOMAIN_SET_SCHEDULE_SET_START, KAAL_WORDS(index),
                       KAAL_NONE);
}

/* The four cache methods of VSpaces and of frames have the same message: start, end. */
static enum error_code cache_range(uint64_t cap, enum label label, uint64_t start, uint64_t end)
{
    return kaal_invoke(cap, label, KAAL_WORDS(start, end), KAAL_NONE);
}

enum error_code kaal_vspace_clean_data(uint64_t vspace, uint64_t start, uint64_t end)
{
    return cache_range(vspace, LABEL_VSPACE_CLEAN_DATA, start, end);
}

enum error_code kaal_vspace_invalidate_data(uint64_t vspace, uint64_t start, uint64_t end)
{
    return cache_range(vspace, LABEL_VSPACE_INVALIDATE_DATA, start, end);
}

enum error_code kaal_vspace_clean_invalidate_data(uint64_t vspace, uint64_t start, uint64_t end)
{
    return cache_range(vspace, LABEL_VSPACE_CLEAN_INVALIDATE_DATA, start, end);
}

enum error_code kaal_vspace_unify_instruction(uint64_t vspace, uint64_t start, uint64_t end)
{
    return cache_range(vspace, LABEL_VSPACE_UNIFY_INSTRUCTION, start, end);
}

enum error_code kaal_page_clean_data(uint64_t frame, uint64_t start, uint64_t end)
{
    return cache_range(frame, LABEL_PAGE_CLEAN_DATA, start, end);
}

enum error_code kaal_page_invalidate_data(uint64_t frame, uint64_t start, uint64_t end)
{
    return cache_range(frame, LABEL_PAGE_INVALIDATE_DATA, start, end);
}

enum error_code kaal_page_clean_invalidate_data(uint64_t frame, uint64_t start, uint64_t end)
{
    return cache_range(frame, LABEL_PAGE_CLEAN_INVALIDATE_DATA, start, end);
}

enum error_code kaal_page_unify_instruction(uint64_t frame, uint64_t start, uint64_t end)
{
    return cache_range(frame, LABEL_PAGE_UNIFY_INSTRUCTION, start, end);
}

enum error_code kaal_page_table_map(uint64_t table, uint64_t vspace, uint64_t vaddr,
                                    uint64_t attributes)
{
    return kaal_invoke(table, LABEL_PAGE_TABLE_MAP, KAAL_WORDS(vaddr, attributes),
                       KAAL_WORDS(vspace));
}

enum error_code kaal_page_table_unmap(uint64_t table)
{
    return kaal_invoke(table, LABEL_PAGE_TABLE_UNMAP, KAAL_NONE, KAAL_NONE);
}

enum error_code kaal_page_map(uint64_t frame, uint64_t vspace, uint64_t vaddr, uint64_t rights,
                              uint64_t attributes)
{
    return kaal_invoke(frame, LABEL_PAGE_MAP, KAAL_WORDS(vaddr, rights, attributes),
                       KAAL_WORDS(vspace));
}

enum error_code kaal_page_unmap(uint64_t frame)
{
    return kaal_invoke(frame, LABEL_PAGE_UNMAP, KAAL_NONE, KAAL_NONE);
}

enum error_code kaal_page_get_address(uint64_t frame, uint64_t *paddr)
{
    enum error_code error = kaal_invoke(frame, LABEL_PAGE_GET_ADDRESS, KAAL_NONE, KAAL_NONE);
    if (error == ERROR_NONE) {
        *paddr = kaal_ipc_buffer->msg[0];
    }
    return error;
}

enum error_code kaal_asid_control_make_pool(uint64_t control, uint64_t untyped, struct kaal_slot to)
{
    return kaal_invoke(control, LABEL_ASID_CONTROL_MAKE_POOL, KAAL_WORDS(to.index, to.depth),
                       KAAL_WORDS(untyped, to.root));
}

enum error_code kaal_asid_pool_assign(uint64_t pool, uint64_t vspace)
{
    return kaal_invoke(pool, LABEL_ASID_POOL_ASSIGN, KAAL_NONE, KAAL_WORDS(vspace));
}

enum error_code kaal_smc_call(uint64_t smc, uint64_t registers[8])
{
    enum error_code error =
        kaal_invoke(smc, LABEL_SMC_CALL, (struct kaal_words){registers, 8}, KAAL_NONE);
    for (unsigned i = 0; error == ERROR_NONE && i < 8; i++) {
        registers[i] = kaal_ipc_buffer->msg[i];
    }
    return error;
}
