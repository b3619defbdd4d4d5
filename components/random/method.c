/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The table of methods (abi/invocations.md §3 to §8). What takes much away has little weight.
 */
#include "method.h"

#include <stddef.h>

#define M(label, type, weight, ...)                                                                \
    {                                                                                              \
        LABEL_##label, CAP_##type, weight, __VA_ARGS__                                             \
    }
#define WORDS(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define CAPS(...)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define AT WORD_SLOT, WORD_DEPTH

static const struct method methods[] = {
    M(UNTYPED_RETYPE, UNTYPED, 8,
      WORDS(WORD_TYPE, WORD_SIZE, WORD_ZERO, WORD_ZERO, WORD_SLOT, WORD_COUNT), CAPS(CAP_CNODE)),
    M(TCB_READ_REGISTERS, TCB, 4, WORDS(WORD_SMALL, WORD_REGISTER_COUNT), CAPS(0)),
    M(TCB_WRITE_REGISTERS, TCB, 6, WORDS(WORD_SMALL, WORD_REGISTER_COUNT, WORD_CONTEXT), CAPS(0)),
    M(TCB_COPY_REGISTERS, TCB, 4, WORDS(WORD_RIGHTS), CAPS(CAP_TCB)),
    M(TCB_CONFIGURE, TCB, 4, WORDS(WORD_FAULTS, WORD_GUARD, WORD_ZERO, WORD_BUFFER),
      CAPS(CAP_CNODE, CAP_VSPACE, CAP_FRAME)),
    M(TCB_SET_PRIORITY, TCB, 8, WORDS(WORD_PRIORITY), CAPS(CAP_TCB)),
    M(TCB_SET_MC_PRIORITY, TCB, 2, WORDS(WORD_PRIORITY), CAPS(CAP_TCB)),
    M(TCB_SET_SCHED_PARAMS, TCB, 4, WORDS(WORD_PRIORITY, WORD_PRIORITY), CAPS(CAP_TCB)),
    M(TCB_SET_IPC_BUFFER, TCB, 2, WORDS(WORD_BUFFER), CAPS(CAP_FRAME)),
    M(TCB_SET_SPACE, TCB, 2, WORDS(WORD_FAULTS, WORD_GUARD, WORD_ZERO),
      CAPS(CAP_CNODE, CAP_VSPACE)),
    M(TCB_SUSPEND, TCB, 2, WORDS(0), CAPS(0)),
    M(TCB_RESUME, TCB, 8, WORDS(0), CAPS(0)),
    M(TCB_BIND_NOTIFICATION, TCB, 4, WORDS(0), CAPS(CAP_NOTIFICATION)),
    M(TCB_UNBIND_NOTIFICATION, TCB, 2, WORDS(0), CAPS(0)),
    M(TCB_SET_TLS_BASE, TCB, 2, WORDS(WORD_BADGE), CAPS(0)),
    M(TCB_SET_FLAGS, TCB, 2, WORDS(WORD_SMALL, WORD_SMALL), CAPS(0)),
    M(CNODE_REVOKE, CNODE, 2, WORDS(AT), CAPS(0)),
    M(CNODE_DELETE, CNODE, 12, WORDS(AT), CAPS(0)),
    M(CNODE_CANCEL_BADGED_SENDS, CNODE, 2, WORDS(AT), CAPS(0)),
    M(CNODE_COPY, CNODE, 8, WORDS(AT, AT, WORD_RIGHTS), CAPS(CAP_CNODE)),
    M(CNODE_MINT, CNODE, 8, WORDS(AT, AT, WORD_RIGHTS, WORD_BADGE), CAPS(CAP_CNODE)),
    M(CNODE_MOVE, CNODE, 8, WORDS(AT, AT), CAPS(CAP_CNODE)),
    M(CNODE_MUTATE, CNODE, 4, WORDS(AT, AT, WORD_BADGE), CAPS(CAP_CNODE)),
    M(CNODE_ROTATE, CNODE, 4, WORDS(AT, WORD_BADGE, AT, WORD_BADGE, AT),
      CAPS(CAP_CNODE, CAP_CNODE)),
    M(CNODE_SAVE_CALLER, CNODE, 6, WORDS(AT), CAPS(0)),
    M(IRQ_HANDLER_ACK, IRQ_HANDLER, 4, WORDS(0), CAPS(0)),
    M(IRQ_HANDLER_SET_NOTIFICATION, IRQ_HANDLER, 4, WORDS(0), CAPS(CAP_NOTIFICATION)),
    M(IRQ_HANDLER_CLEAR, IRQ_HANDLER, 1, WORDS(0), CAPS(0)),
    M(DOMAIN_SET_SET, DOMAIN, 4, WORDS(WORD_ZERO), CAPS(CAP_TCB)),
    M(DOMAIN_SET_SCHEDULE_CONFIGURE, DOMAIN, 1, WORDS(WORD_ZERO, WORD_ZERO, WORD_BADGE), CAPS(0)),
    M(DOMAIN_SET_SCHEDULE_SET_START, DOMAIN, 1, WORDS(WORD_ZERO), CAPS(0)),
    M(VSPACE_CLEAN_DATA, VSPACE, 1, WORDS(WORD_VADDR, WORD_VADDR_END), CAPS(0)),
    M(VSPACE_INVALIDATE_DATA, VSPACE, 1, WORDS(WORD_VADDR, WORD_VADDR_END), CAPS(0)),
    M(VSPACE_CLEAN_INVALIDATE_DATA, VSPACE, 1, WORDS(WORD_VADDR, WORD_VADDR_END), CAPS(0)),
    M(VSPACE_UNIFY_INSTRUCTION, VSPACE, 1, WORDS(WORD_VADDR, WORD_VADDR_END), CAPS(0)),
    M(PAGE_TABLE_MAP, PAGE_TABLE, 6, WORDS(WORD_VADDR, WORD_ATTRIBUTES), CAPS(CAP_VSPACE)),
    M(PAGE_TABLE_UNMAP, PAGE_TABLE, 2, WORDS(0), CAPS(0)),
    M(PAGE_MAP, FRAME, 12, WORDS(WORD_VADDR, WORD_RIGHTS, WORD_ATTRIBUTES), CAPS(CAP_VSPACE)),
    M(PAGE_UNMAP, FRAME, 4, WORDS(0), CAPS(0)),
    M(PAGE_CLEAN_DATA, FRAME, 1, WORDS(WORD_OFFSET, WORD_OFFSET_END), CAPS(0)),
    M(PAGE_INVALIDATE_DATA, FRAME, 1, WORDS(WORD_OFFSET, WORD_OFFSET_END), CAPS(0)),
    M(PAGE_CLEAN_INVALIDATE_DATA, FRAME, 1, WORDS(WORD_OFFSET, WORD_OFFSET_END), CAPS(0)),
    M(PAGE_UNIFY_INSTRUCTION, FRAME, 1, WORDS(WORD_OFFSET, WORD_OFFSET_END), CAPS(0)),
    M(PAGE_GET_ADDRESS, FRAME, 2, WORDS(0), CAPS(0)),
    M(ASID_CONTROL_MAKE_POOL, ASID_CONTROL, 4, WORDS(AT), CAPS(CAP_UNTYPED, CAP_CNODE)),
    M(ASID_POOL_ASSIGN, ASID_POOL, 4, WORDS(0), CAPS(CAP_VSPACE)),
};
enum {
    METHOD_COUNT = sizeof methods / sizeof methods[0]
};

const struct method *method_for(uint64_t type)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < METHOD_COUNT; i++) {
        total += methods[i].type == type ? methods[i].weight : 0;
    }
    uint64_t choice = total == 0 ? 0 : below(total);
    for (unsigned i = 0; i < METHOD_COUNT; i++) {
        if (methods[i].type != type) {
            continue;
        }
        if (choice < methods[i].weight) {
            return &methods[i];
        }
        choice -= methods[i].weight;
    }
    return NULL;
}
