/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The scheduler of the value analysis: the production code. States in which a thread was woken are
 * kept apart from those in which none was, because a candidate is there exactly then. Included
 * once, by core.c.
 */
#pragma once
#define sched_wake whole_wake
#include "core/sched.c"
#undef sched_wake

static enum sched_action kept_action;

void sched_wake(struct cpu *cpu, struct tcb *tcb)
{
    whole_wake(cpu, tcb);
    kept_action = cpu->action;
    //@ split kept_action;
    kept_action = cpu->action;
}
