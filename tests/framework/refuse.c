/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Kernel calls that can be refused, refused on demand: the libraries' calls of these functions of
 * lib/kaal lead here (--wrap, Makefile). Giving back (revoke, delete, unmap, suspend) has no
 * refusals that a library could meet, so nothing of it is here.
 */
#include "harness.h"
#include "kaal/invocations.h"

struct calls calls;

static bool refused(void)
{
    calls.made++;
    return calls.made == calls.refuse_at;
}

#define REFUSABLE(name, parameters, ...)                                                           \
    enum error_code __real_##name parameters;                                                      \
    enum error_code __wrap_##name parameters;                                                      \
    enum error_code __wrap_##name parameters                                                       \
    {                                                                                              \
        return refused() ? ERROR_NOT_ENOUGH_MEMORY : __real_##name(__VA_ARGS__);                   \
    }

REFUSABLE(kaal_untyped_retype,
          (uint64_t untyped, enum object_type type, uint64_t size_bits, struct kaal_slot to,
           uint64_t offset, uint64_t count),
          untyped, type, size_bits, to, offset, count)
REFUSABLE(kaal_cnode_copy, (struct kaal_slot to, struct kaal_slot from, uint64_t rights), to, from,
          rights)
REFUSABLE(kaal_cnode_mint,
          (struct kaal_slot to, struct kaal_slot from, uint64_t rights, uint64_t data), to, from,
          rights, data)
REFUSABLE(kaal_page_map,
          (uint64_t frame, uint64_t vspace, uint64_t vaddr, uint64_t rights, uint64_t attributes),
          frame, vspace, vaddr, rights, attributes)
REFUSABLE(kaal_page_table_map,
          (uint64_t table, uint64_t vspace, uint64_t vaddr, uint64_t attributes), table, vspace,
          vaddr, attributes)
REFUSABLE(kaal_asid_pool_assign, (uint64_t pool, uint64_t vspace), pool, vspace)
REFUSABLE(kaal_page_clean_invalidate_data, (uint64_t frame, uint64_t start, uint64_t end), frame,
          start, end)
REFUSABLE(kaal_page_unify_instruction, (uint64_t frame, uint64_t start, uint64_t end), frame, start,
          end)
REFUSABLE(kaal_irq_control_get_trigger,
          (uint64_t control, uint64_t irq, uint64_t edge, struct kaal_slot to), control, irq, edge,
          to)
REFUSABLE(kaal_tcb_configure, (uint64_t tcb, const struct kaal_tcb_setup *to), tcb, to)
REFUSABLE(kaal_tcb_set_sched_params,
          (uint64_t tcb, uint64_t authority, uint64_t mcp, uint64_t priority), tcb, authority, mcp,
          priority)
REFUSABLE(kaal_tcb_bind_notification, (uint64_t tcb, uint64_t notification), tcb, notification)
REFUSABLE(kaal_tcb_write_registers,
          (uint64_t tcb, uint64_t resume, uint64_t count, const uint64_t *in), tcb, resume, count,
          in)
