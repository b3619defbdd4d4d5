/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The chosen alphabets: what the start state is for, few enough to go deep.
 */
#include "abi/bootinfo.h"
#include "abi/labels.h"
#include "abi/objects.h"
#include "explore.h"
#include "world.h"

enum {
    FREE = WORLD_SLOT_END,
    INNER_DEPTH = 2, /* of the CNodes of the tree state */
};

#define INVOKE(CPTR, LABEL, ...)                                                                   \
    alphabet_call(a, (struct call){.op = STEP_CALL, .cptr = (CPTR), .label = (LABEL), __VA_ARGS__})

/* Clients A and B can change places. */
static void choose_exchange(struct alphabet *a)
{
    static const enum step_op sends[] = {STEP_CALL, STEP_SEND, STEP_NB_SEND, STEP_REPLY_RECV};
    a->symmetry =
        (struct canon_symmetry){2, {{WORLD_TCB_A, WORLD_TCB_B}, {WORLD_FRAME_A, WORLD_FRAME_B}}};
    for (unsigned i = 0; i < sizeof sends / sizeof sends[0]; i++)
        alphabet_call(
            a, (struct call){
                   .op = sends[i], .cptr = WORLD_ENDPOINT, .label = 1, .length = 1, .words = {7}});
    alphabet_call(a, (struct call){.op = STEP_CALL,
                                   .cptr = WORLD_BADGED_5,
                                   .label = 2,
                                   .cap_count = 1,
                                   .caps = {WORLD_NOTIFICATION}});
    alphabet_receive(a, STEP_RECV, WORLD_ENDPOINT);
    alphabet_receive(a, STEP_RECV, WORLD_FAULT_ENDPOINT);
    alphabet_receive(a, STEP_RECV, WORLD_NOTIFICATION);
    alphabet_call(a, (struct call){.op = STEP_REPLY, .label = 3});
    alphabet_call(a, (struct call){.op = STEP_SEND, .cptr = WORLD_NOTIFICATION});
    alphabet_step(a, STEP_YIELD, 0, NULL);
    alphabet_step(a, STEP_FAULT, 3, (const uint8_t[]){FAULT_KIND_EXCEPTION, 0, 0});
    INVOKE(SLOT_INIT_CNODE, LABEL_CNODE_SAVE_CALLER, .length = 2, .words = {FREE + 1, WORD_BITS});
    alphabet_call(a, (struct call){.op = STEP_SEND, .cptr = FREE + 1});
    INVOKE(SLOT_INIT_CNODE, LABEL_CNODE_DELETE, .length = 2, .words = {FREE + 1, WORD_BITS});
    INVOKE(SLOT_INIT_CNODE, LABEL_CNODE_CANCEL_BADGED_SENDS, .length = 2,
           .words = {WORLD_BADGED_5, WORD_BITS});
    INVOKE(WORLD_TCB_C, LABEL_TCB_SUSPEND, .length = 0);
    INVOKE(WORLD_TCB_C, LABEL_TCB_RESUME, .length = 0);
    INVOKE(WORLD_TCB_C, LABEL_TCB_BIND_NOTIFICATION, .cap_count = 1, .caps = {WORLD_NOTIFICATION});
}

static void on_slot(struct alphabet *a, uint64_t node, uint64_t label, uint64_t slot,
                    uint64_t depth)
{
    INVOKE(node, label, .length = 2, .words = {slot, depth});
}

/* Copy, or mint when `data` is not 0, from a slot of the root CNode. */
static void mint(struct alphabet *a, uint64_t node, uint64_t slot, uint64_t depth, uint64_t source,
                 uint64_t data)
{
    INVOKE(node, data ? LABEL_CNODE_MINT : LABEL_CNODE_COPY, .cap_count = 1,
           .caps = {SLOT_INIT_CNODE}, .length = data ? 6 : 5,
           .words = {slot, depth, source, WORD_BITS, RIGHTS_ALL, data});
}

static void move(struct alphabet *a, uint64_t node, uint64_t slot, uint64_t depth, uint64_t source)
{
    INVOKE(node, LABEL_CNODE_MOVE, .cap_count = 1, .caps = {SLOT_INIT_CNODE}, .length = 4,
           .words = {slot, depth, source, WORD_BITS});
}

static void choose_tree(struct alphabet *a)
{
    static const uint8_t victims[] = {WORLD_ENDPOINT, WORLD_BADGED_5, WORLD_CNODE, WORLD_CNODE_C,
                                      WORLD_TCB_A,    FREE,           FREE + 1};
    for (unsigned i = 0; i < sizeof victims; i++) {
        on_slot(a, SLOT_INIT_CNODE, LABEL_CNODE_DELETE, victims[i], WORD_BITS);
        on_slot(a, SLOT_INIT_CNODE, LABEL_CNODE_REVOKE, victims[i], WORD_BITS);
    }
    for (uint64_t slot = FREE; slot < FREE + 2; slot++) {
        mint(a, SLOT_INIT_CNODE, slot, WORD_BITS, WORLD_ENDPOINT, 0);
        mint(a, SLOT_INIT_CNODE, slot, WORD_BITS, WORLD_ENDPOINT, 5);
        mint(a, SLOT_INIT_CNODE, slot, WORD_BITS, WORLD_BADGED_5, 0);
        mint(a, SLOT_INIT_CNODE, slot, WORD_BITS, FREE + FREE + 1 - slot, 0);
    }
    for (uint64_t slot = 0; slot < 2; slot++) {
        mint(a, WORLD_CNODE, slot, INNER_DEPTH, WORLD_CNODE, 0);
        mint(a, WORLD_CNODE, slot, INNER_DEPTH, FREE, 0);
        move(a, WORLD_CNODE, slot, INNER_DEPTH, WORLD_CNODE_C);
        move(a, WORLD_CNODE_C, slot, INNER_DEPTH, WORLD_CNODE);
        move(a, WORLD_CNODE_C, slot, INNER_DEPTH, WORLD_TCB_A);
        on_slot(a, WORLD_CNODE, LABEL_CNODE_DELETE, slot, INNER_DEPTH);
        on_slot(a, WORLD_CNODE_C, LABEL_CNODE_DELETE, slot, INNER_DEPTH);
        on_slot(a, WORLD_CNODE, LABEL_CNODE_REVOKE, slot, INNER_DEPTH);
    }
    move(a, SLOT_INIT_CNODE, FREE, WORD_BITS, WORLD_ENDPOINT);
    INVOKE(SLOT_INIT_CNODE, LABEL_CNODE_ROTATE, .cap_count = 2,
           .caps = {SLOT_INIT_CNODE, SLOT_INIT_CNODE}, .length = 8,
           .words = {FREE + 2, WORD_BITS, 0, FREE, WORD_BITS, 0, FREE + 1, WORD_BITS});
    alphabet_step(a, STEP_YIELD, 0, NULL);
    alphabet_receive(a, STEP_RECV, WORLD_ENDPOINT);
    alphabet_call(a, (struct call){.op = STEP_SEND, .cptr = WORLD_BADGED_5});
}

static void retype(struct alphabet *a, uint64_t untyped, uint64_t type, uint64_t bits,
                   uint64_t slot, uint64_t count)
{
    INVOKE(untyped, LABEL_UNTYPED_RETYPE, .cap_count = 1, .caps = {SLOT_INIT_CNODE}, .length = 6,
           .words = {type, bits, 0, 0, slot, count});
}

static void choose_pool(struct alphabet *a)
{
    static const uint8_t untypeds[] = {WORLD_UNTYPED_PAGE, WORLD_UNTYPED_SMALL, FREE};
    static const uint8_t victims[] = {WORLD_UNTYPED_PAGE, WORLD_UNTYPED_SMALL, FREE, FREE + 1};
    for (unsigned i = 0; i < sizeof untypeds; i++)
        for (uint64_t slot = FREE; slot < FREE + 2; slot++) {
            retype(a, untypeds[i], OBJECT_UNTYPED, 9, slot, 1);
            retype(a, untypeds[i], OBJECT_ENDPOINT, 0, slot, 1);
            retype(a, untypeds[i], OBJECT_CNODE, 1, slot, 1);
        }
    retype(a, WORLD_UNTYPED_PAGE, OBJECT_TCB, 0, FREE, 2);
    retype(a, WORLD_UNTYPED_PAGE, OBJECT_SMALL_PAGE, 0, FREE, 1);
    retype(a, WORLD_UNTYPED_PAGE, OBJECT_PAGE_TABLE, 0, FREE + 1, 1);
    for (unsigned i = 0; i < sizeof victims; i++) {
        on_slot(a, SLOT_INIT_CNODE, LABEL_CNODE_DELETE, victims[i], WORD_BITS);
        on_slot(a, SLOT_INIT_CNODE, LABEL_CNODE_REVOKE, victims[i], WORD_BITS);
    }
    mint(a, SLOT_INIT_CNODE, FREE + 1, WORD_BITS, WORLD_UNTYPED_PAGE, 0);
    mint(a, SLOT_INIT_CNODE, FREE + 1, WORD_BITS, WORLD_UNTYPED_SMALL, 0);
    mint(a, SLOT_INIT_CNODE, FREE + 1, WORD_BITS, FREE, 0);
    move(a, SLOT_INIT_CNODE, FREE + 1, WORD_BITS, WORLD_UNTYPED_SMALL);
    move(a, SLOT_INIT_CNODE, FREE, WORD_BITS, FREE + 1);
    alphabet_step(a, STEP_YIELD, 0, NULL);
}

static void choose_spaces(struct alphabet *a)
{
    static const uint8_t tables[] = {WORLD_TABLE_1, WORLD_TABLE_3, WORLD_SPARE_TABLE};
    static const uint8_t spaces[] = {WORLD_VSPACE_C, WORLD_SPARE_VSPACE};
    static const uint8_t frames[] = {WORLD_FRAME, WORLD_FRAME_COPY};
    static const uint8_t victims[] = {WORLD_TABLE_3,      WORLD_FRAME,         WORLD_VSPACE_C,
                                      WORLD_SPARE_VSPACE, SLOT_INIT_ASID_POOL, FREE};
    for (unsigned i = 0; i < sizeof tables; i++) {
        INVOKE(tables[i], LABEL_PAGE_TABLE_UNMAP, .length = 0);
        for (unsigned j = 0; j < 2; j++)
            INVOKE(tables[i], LABEL_PAGE_TABLE_MAP, .cap_count = 1, .caps = {spaces[j]},
                   .length = 2, .words = {0x10000, ATTR_DEFAULT});
    }
    for (unsigned i = 0; i < sizeof frames; i++) {
        INVOKE(frames[i], LABEL_PAGE_UNMAP, .length = 0);
        for (uint64_t j = 0; j < 2; j++)
            INVOKE(frames[i], LABEL_PAGE_MAP, .cap_count = 1, .caps = {WORLD_VSPACE_C}, .length = 3,
                   .words = {0x10000 + j * 0x1000, RIGHTS_ALL - j, ATTR_DEFAULT});
    }
    INVOKE(WORLD_LARGE_PAGE, LABEL_PAGE_MAP, .cap_count = 1, .caps = {WORLD_VSPACE_C}, .length = 3,
           .words = {0x200000, RIGHTS_ALL, 0});
    INVOKE(WORLD_LARGE_PAGE, LABEL_PAGE_UNMAP, .length = 0);
    for (unsigned i = 0; i < 2; i++)
        INVOKE(SLOT_INIT_ASID_POOL, LABEL_ASID_POOL_ASSIGN, .cap_count = 1, .caps = {spaces[i]});
    INVOKE(FREE, LABEL_ASID_POOL_ASSIGN, .cap_count = 1, .caps = {WORLD_SPARE_VSPACE});
    INVOKE(SLOT_ASID_CONTROL, LABEL_ASID_CONTROL_MAKE_POOL, .cap_count = 2,
           .caps = {WORLD_UNTYPED_PAGE, SLOT_INIT_CNODE}, .length = 2, .words = {FREE, WORD_BITS});
    for (unsigned i = 0; i < sizeof victims; i++)
        on_slot(a, SLOT_INIT_CNODE, LABEL_CNODE_DELETE, victims[i], WORD_BITS);
    on_slot(a, SLOT_INIT_CNODE, LABEL_CNODE_REVOKE, WORLD_UNTYPED_PAGE, WORD_BITS);
    for (unsigned i = 0; i < 2; i++)
        INVOKE(WORLD_TCB_A, LABEL_TCB_SET_SPACE, .cap_count = 2,
               .caps = {SLOT_INIT_CNODE, spaces[i]}, .length = 3, .words = {0, 0, 0});
    mint(a, SLOT_INIT_CNODE, FREE + 1, WORD_BITS, WORLD_VSPACE_C, 0);
    mint(a, SLOT_INIT_CNODE, FREE + 1, WORD_BITS, WORLD_TABLE_3, 0);
    alphabet_step(a, STEP_YIELD, 0, NULL);
}

void alphabet_chosen(struct alphabet *a, unsigned world)
{
    static void (*const choose[WORLD_COUNT])(struct alphabet *) = {
        [WORLD_EXCHANGE] = choose_exchange,
        [WORLD_TREE] = choose_tree,
        [WORLD_POOL] = choose_pool,
        [WORLD_SPACES] = choose_spaces,
    };
    *a = (struct alphabet){.world = world};
    choose[world](a);
}
