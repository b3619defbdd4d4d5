/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What memory a cap names.
 */
#include "cap.h"

/* Where the object's address sits in a cap, and how large the object is. */
enum {
    PLACE_NONE,
    PLACE_WORD_1,
    PLACE_IPC,
    PLACE_CNODE
};

struct cap_layout {
    uint8_t place;
    uint8_t bits;  /* size exponent, 0 = in the cap */
    char name[14]; /* in the table itself: smaller than a pointer and a string */
};

static const struct cap_layout layouts[CAP_TYPE_COUNT] = {
    [CAP_NULL] = {PLACE_NONE, 0, "Null"},
    [CAP_FRAME] = {PLACE_WORD_1, 0, "Frame"},
    [CAP_UNTYPED] = {PLACE_WORD_1, 0, "Untyped"},
    [CAP_PAGE_TABLE] = {PLACE_WORD_1, PAGE_TABLE_BITS, "PageTable"},
    [CAP_ENDPOINT] = {PLACE_IPC, ENDPOINT_BITS, "Endpoint"},
    [CAP_NOTIFICATION] = {PLACE_IPC, NOTIFICATION_BITS, "Notification"},
    [CAP_REPLY] = {PLACE_NONE, 0, "Reply"},
    [CAP_VSPACE] = {PLACE_WORD_1, VSPACE_BITS, "VSpace"},
    [CAP_CNODE] = {PLACE_CNODE, 0, "CNode"},
    [CAP_ASID_CONTROL] = {PLACE_NONE, 0, "ASIDControl"},
    [CAP_TCB] = {PLACE_WORD_1, TCB_BITS, "TCB"},
    [CAP_ASID_POOL] = {PLACE_WORD_1, ASID_POOL_BITS, "ASIDPool"},
    [CAP_IRQ_CONTROL] = {PLACE_NONE, 0, "IRQControl"},
    [CAP_IRQ_HANDLER] = {PLACE_NONE, 0, "IRQHandler"},
    [CAP_ZOMBIE] = {PLACE_CNODE, 0, "Zombie"},
    [CAP_DOMAIN] = {PLACE_NONE, 0, "DomainSet"},
    [CAP_SMC] = {PLACE_NONE, 0, "SMC"},
    [CAP_SGI_SIGNAL] = {PLACE_NONE, 0, "SGISignal"},
};

uint64_t cap_object(struct cap cap)
{
    uint8_t place = layouts[cap_type(cap)].place;
    if (place == PLACE_WORD_1)
        return cap.w[1];
    if (place == PLACE_IPC)
        return field(cap.w[0], 16, 44) * 16;
    if (place == PLACE_CNODE)
        return field(cap.w[0], 17, 43) * 32;
    return 0;
}

unsigned cap_object_bits(struct cap cap)
{
    enum cap_type_number type = cap_type(cap);
    if (type == CAP_UNTYPED)
        return untyped_bits(cap);
    if (type == CAP_FRAME)
        return frame_bits(cap);
    if (type == CAP_CNODE)
        return cnode_radix(cap) + SLOT_BITS;
    if (type == CAP_ZOMBIE)
        return zombie_is_tcb(cap) ? TCB_BITS : cnode_radix(cap) + SLOT_BITS;
    return layouts[type].bits;
}

const char *cap_type_name(enum cap_type_number type)
{
    return type < CAP_TYPE_COUNT && layouts[type].name[0] ? layouts[type].name : "?";
}
