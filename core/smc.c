/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * ARM_SMC_Call (abi/invocations.md §8).
 */
#include "objects.h"

enum {
    SMC_WORDS = 8
};

static enum outcome commit_smc(const struct invocation *call, const struct plan *plan,
                               struct reply *reply)
{
    uint64_t words[SMC_WORDS];
    words[0] = plan->arg[0];
    for (unsigned i = 1; i < SMC_WORDS; i++)
        words[i] = call_word(call, i);
    hal_smc(words);
    reply->length = SMC_WORDS;
    for (unsigned i = 0; i < SMC_WORDS; i++)
        reply->words[i] = words[i];
    return DONE;
}

enum error_code decode_smc_call(const struct invocation *call, struct plan *plan,
                                struct refusal *no)
{
    plan->commit = commit_smc;
    plan->arg[0] = call_word(call, 0);
    if (ipc_badge(call->cap) != 0 && ipc_badge(call->cap) != plan->arg[0])
        return refuse_illegal(no, "the SMC cap's badge does not allow this function");
    return ERROR_NONE;
}
