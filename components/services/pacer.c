/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Lets the pauses before restarts pass, for the root task, which has no clock. Pauses are kept one
 * after the other. A pause that cannot be kept, since the timer itself is down, is no pause.
 */
#include "comp/system.h"
#include "service/timer.h"

static void pause_for(const struct env_entry *timer, uint64_t milliseconds)
{
    struct timer_now now;
    if (rpc_call(timer, TIMER_NOW, NULL, 0, &now, sizeof(now), NULL) == SYSTEM_OK) {
        struct timer_sleep q = {now.ns + milliseconds * 1000000};
        (void)!rpc_call(timer, TIMER_SLEEP, &q, sizeof(q), NULL, 0, NULL);
    }
}

int main(void)
{
    const struct env_entry *timer = comp_find("timer", ENV_CHANNEL);
    uint64_t id = 0;
    uint64_t milliseconds = 0;
    for (;;) {
        enum system_error error = system_backoff(&id, &milliseconds);
        if (error != SYSTEM_OK) {
            comp_fail(1, "pacer", error);
        }
        pause_for(timer, milliseconds);
    }
}
