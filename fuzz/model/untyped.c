/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Untyped_Retype (abi/invocations.md §3, abi/objects.md §2).
 */
#include "model.h"

enum argument {
    TYPE,
    SIZE_BITS,
    INDEX,
    DEPTH,
    OFFSET,
    COUNT,
    ARGUMENTS
};

struct retype {
    uint64_t type;
    uint8_t bits; /* of one object */
    uint64_t count;
    uint16_t first; /* destination slot */
};

static bool object_bits(struct model *m, uint64_t type, uint64_t size, uint8_t *bits)
{
    static const uint8_t fixed[OBJECT_TYPE_COUNT] = {
        [OBJECT_TCB] = TCB_BITS,
        [OBJECT_ENDPOINT] = ENDPOINT_BITS,
        [OBJECT_NOTIFICATION] = NOTIFICATION_BITS,
        [OBJECT_HUGE_PAGE] = HUGE_PAGE_BITS,
        [OBJECT_VSPACE] = VSPACE_BITS,
        [OBJECT_SMALL_PAGE] = PAGE_BITS,
        [OBJECT_LARGE_PAGE] = LARGE_PAGE_BITS,
        [OBJECT_PAGE_TABLE] = PAGE_TABLE_BITS,
    };
    if (type >= OBJECT_TYPE_COUNT)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 0);
    if (size >= WORD_BITS)
        return m_fail_range(m, 0, MAX_UNTYPED_BITS);
    if (type == OBJECT_CNODE)
        size += SLOT_BITS;
    if (fixed[type])
        size = fixed[type];
    if (size > MAX_UNTYPED_BITS)
        return m_fail_range(m, 0, MAX_UNTYPED_BITS);
    if ((type == OBJECT_CNODE && size == SLOT_BITS) ||
        (type == OBJECT_UNTYPED && size < MIN_UNTYPED_BITS))
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 1);
    *bits = (uint8_t)size;
    return true;
}

static bool find_destination(struct model *m, struct retype *plan)
{
    uint64_t depth = m_arg(m, DEPTH), offset = m_arg(m, OFFSET);
    struct m_cap node = m_extra(m, 0);
    plan->count = m_arg(m, COUNT);
    if (depth != 0) {
        uint16_t slot = m_target(m, node, m_arg(m, INDEX), depth, false);
        if (!slot)
            return false;
        node = m_cap_of(m, slot);
    }
    if (node.type != CAP_CNODE)
        return m_fail_missing(m, false, depth);
    uint64_t slots = 1ull << node.bits;
    if (offset > slots - 1)
        return m_fail_range(m, 0, slots - 1);
    if (plan->count < 1 || plan->count > RETYPE_FAN_OUT_LIMIT)
        return m_fail_range(m, 1, RETYPE_FAN_OUT_LIMIT);
    if (plan->count > slots - offset)
        return m_fail_range(m, 1, slots - offset);
    plan->first = (uint16_t)(m_slot_at(m, node.object) + offset);
    for (unsigned i = 0; i < plan->count; i++)
        if (m->slot[plan->first + i].cap.type != CAP_NULL)
            return m_fail(m, ERROR_DELETE_FIRST);
    return true;
}

static bool check_space(struct model *m, const struct retype *plan)
{
    const struct m_slot *s = &m->slot[m->call.slot];
    uint64_t left = (1ull << s->cap.bits) - (s->child ? s->cap.data : 0);
    if (left >> plan->bits < plan->count)
        return m_fail1(m, ERROR_NOT_ENOUGH_MEMORY, left);
    bool plain = plan->type != OBJECT_UNTYPED && plan->type != OBJECT_SMALL_PAGE &&
                 plan->type != OBJECT_LARGE_PAGE && plan->type != OBJECT_HUGE_PAGE;
    if (s->cap.device && plain)
        return m_fail1(m, ERROR_INVALID_ARGUMENT, 1);
    return true;
}

/* No children: what was handed out is zero again. */
static void reset(struct model *m, struct m_cap *untyped)
{
    uint64_t end = untyped->object + untyped->data;
    for (uint64_t at = untyped->object & ~7ull; !untyped->device && at < end; at += 8)
        if (*m_word(m, at))
            m_set_word(m, at, 0);
    untyped->data = 0;
}

static void make_thread(struct model *m, uint64_t addr)
{
    unsigned i = 1;
    while (i < m->s.threads && m->s.thread[i].addr)
        i++;
    if (i == M_THREADS) {
        m->s.gave_up = true;
        return;
    }
    if (i >= m->s.threads)
        m->s.threads = (uint8_t)(i + 1);
    m->s.thread[i] = (struct m_thread){.addr = addr,
                                       .domain = m->s.domain,
                                       .slice = m->config.slice,
                                       .reg[REG_SPSR] = m->config.initial_spsr};
}

static struct m_cap new_cap(const struct m_cap *from, const struct retype *plan, uint64_t addr)
{
    static const uint8_t types[OBJECT_TYPE_COUNT] = {
        [OBJECT_UNTYPED] = CAP_UNTYPED,   [OBJECT_TCB] = CAP_TCB,
        [OBJECT_ENDPOINT] = CAP_ENDPOINT, [OBJECT_NOTIFICATION] = CAP_NOTIFICATION,
        [OBJECT_CNODE] = CAP_CNODE,       [OBJECT_HUGE_PAGE] = CAP_FRAME,
        [OBJECT_VSPACE] = CAP_VSPACE,     [OBJECT_SMALL_PAGE] = CAP_FRAME,
        [OBJECT_LARGE_PAGE] = CAP_FRAME,  [OBJECT_PAGE_TABLE] = CAP_PAGE_TABLE,
    };
    struct m_cap cap = {
        .object = addr, .type = types[plan->type], .revocable = true, .first_badged = true};
    switch (cap.type) {
    case CAP_ENDPOINT: cap.rights = RIGHTS_ALL; break;
    case CAP_NOTIFICATION: cap.rights = RIGHT_READ | RIGHT_WRITE; break;
    case CAP_CNODE: cap.bits = (uint8_t)(plan->bits - SLOT_BITS); break;
    case CAP_FRAME:
        cap.rights = RIGHT_READ | RIGHT_WRITE;
        cap.bits = plan->bits;
        cap.device = from->device;
        break;
    case CAP_UNTYPED:
        cap.bits = plan->bits;
        cap.device = from->device;
        break;
    default: break;
    }
    return cap;
}

bool m_invoke_untyped(struct model *m)
{
    struct retype plan = {0};
    if (m->call.label != LABEL_UNTYPED_RETYPE)
        return m_fail(m, ERROR_ILLEGAL_OPERATION);
    if (m->call.length < ARGUMENTS || m->call.cap_count < 1)
        return m_fail(m, ERROR_TRUNCATED_MESSAGE);
    plan.type = m_arg(m, TYPE);
    if (!object_bits(m, plan.type, m_arg(m, SIZE_BITS), &plan.bits) ||
        !find_destination(m, &plan) || !check_space(m, &plan))
        return false;
    struct m_slot *s = m_touch(m, m->call.slot);
    if (!s->child)
        reset(m, &s->cap);
    uint64_t size = 1ull << plan.bits;
    uint64_t at = (s->cap.object + s->cap.data + size - 1) & ~(size - 1);
    for (unsigned i = 0; i < plan.count; i++, at += size) {
        if (plan.type == OBJECT_TCB)
            make_thread(m, at);
        if (plan.type == OBJECT_CNODE)
            m_add_node(m, at, (uint8_t)(plan.bits - SLOT_BITS));
        m_insert(m, (uint16_t)(plan.first + i), new_cap(&s->cap, &plan, at), m->call.slot);
    }
    s->cap.data = at - s->cap.object;
    return true;
}
