/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Entry point: each method that the entry points for single methods call with sound messages, with
 * messages that are too short and lookups that may fail. Included once, by core.c.
 */
#pragma once

#define FAILING(constant, slot, ...)                                                               \
    {                                                                                              \
        .label = LABEL_##constant, .waiting = CALLED, .invoked = (slot), .may_fail = true,         \
        ##__VA_ARGS__                                                                              \
    }
#define TWO_SLOTS .caps = 1, .extra = {S_ROOT}, .targets = 2, .target = {IN_INNER, S_BADGED}
#define ONE_SLOT  .targets = 1, .target = {IN_INNER}

void eva_may_fail(void)
{
    static const struct naming calls[] = {
        FAILING(CNODE_COPY, S_ROOT, TWO_SLOTS),
        FAILING(CNODE_MINT, S_ROOT, TWO_SLOTS),
        FAILING(CNODE_MOVE, S_ROOT, TWO_SLOTS),
        FAILING(CNODE_MUTATE, S_ROOT, TWO_SLOTS),
        FAILING(CNODE_ROTATE, S_ROOT, .caps = 2, .extra = {S_ROOT, S_INNER}, .targets = 3,
                .target = {IN_INNER, S_BADGED, S_ENDPOINT}),
        FAILING(CNODE_SAVE_CALLER, S_INNER, ONE_SLOT),
        FAILING(CNODE_DELETE, S_ROOT, .targets = 1, .target = {S_SIGNAL}),
        FAILING(CNODE_REVOKE, S_ROOT, .targets = 1, .target = {S_SIGNAL}),
        FAILING(CNODE_CANCEL_BADGED_SENDS, S_ROOT, .targets = 1, .target = {S_BADGED}),
        FAILING(UNTYPED_RETYPE, S_UNTYPED_PAGE, .caps = 1, .extra = {S_ROOT}, .targets = 1,
                .target = {S_INNER}),
        FAILING(TCB_CONFIGURE, S_TCB_B, .caps = 3, .extra = {S_ROOT, S_SPACE, S_BUFFER}),
        FAILING(TCB_SET_SPACE, S_TCB_B, .caps = 2, .extra = {S_ROOT, S_SPACE}),
        FAILING(TCB_SET_IPC_BUFFER, S_TCB_B, .caps = 1, .extra = {S_BUFFER}),
        FAILING(DOMAIN_SET_SET, S_DOMAIN, .caps = 1, .extra = {S_TCB_B}),
        FAILING(DOMAIN_SET_SCHEDULE_CONFIGURE, S_DOMAIN),
        FAILING(DOMAIN_SET_SCHEDULE_SET_START, S_DOMAIN),
        FAILING(IRQ_HANDLER_SET_NOTIFICATION, S_IRQ, .caps = 1, .extra = {S_NOTIFICATION}),
        FAILING(PAGE_TABLE_MAP, S_SPARE_TABLE, .caps = 1, .extra = {S_SPARE_SPACE}),
        FAILING(PAGE_MAP, S_BUFFER, .caps = 1, .extra = {S_SPARE_SPACE}),
        FAILING(PAGE_CLEAN_DATA, S_BUFFER),
        FAILING(VSPACE_CLEAN_DATA, S_SPARE_SPACE),
        FAILING(ASID_CONTROL_MAKE_POOL, S_ASID_CONTROL, .caps = 2,
                .extra = {S_UNTYPED_PAGE, S_ROOT}, ONE_SLOT),
        FAILING(ASID_POOL_ASSIGN, S_POOL, .caps = 1, .extra = {S_SPARE_SPACE}),
    };
    struct cpu *cpu = make_state(CALLED, false);
    interrupts_apart = true;
    failures_apart = true;
    int i = Frama_C_interval(0, sizeof calls / sizeof calls[0] - 1);
    //@ split i;
    give_badges();
    if (calls[i].label == LABEL_UNTYPED_RETYPE)
        one_endpoint(cpu);
    if (methods[calls[i].label].type == CAP_DOMAIN)
        set_word(cpu, 0, 0);
    enter_named(cpu, &calls[i]);
}
