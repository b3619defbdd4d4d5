/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Service of names: who offers an endpoint under a name, who asks for it. Caps travel with the
 * messages, so every channel to this service needs `grant` in the system's description.
 */
#pragma once
#include "rpc/rpc.h"

enum names_label {
    NAMES_OFFER = 1, /* struct names_name, one cap: the endpoint */
    NAMES_FIND,      /* struct names_name -> one cap */
    NAMES_WITHDRAW,  /* struct names_name: only who offered it */
    NAMES_LIST,      /* struct names_index -> struct names_name */
    NAMES_LABELS,
};

enum {
    NAMES_BYTES = 48, /* of a name, with the closing zero */
    NAMES_MOST = 32,  /* names that the service holds */
};

enum names_error {
    NAMES_TAKEN = 96, /* somebody offers that name */
    NAMES_FULL,
    NAMES_NO_CAP, /* the message brought none, or the channel may not carry caps */
};

struct names_name {
    char name[NAMES_BYTES];
    char owner[ENV_NAME_BYTES]; /* of NAMES_LIST */
};

struct names_index {
    uint64_t index;
};

/* Offers the endpoint in `slot` under a name, for all who may ask. Offered again by the same
 * component, it takes the place of the earlier one. */
COMP_MUST_CHECK int names_offer(const struct env_entry *channel, const char *name, uint32_t slot);
/* Gets a cap into the free slot `slot`. SYSTEM_NOT_FOUND: nobody offers that name. */
COMP_MUST_CHECK int names_find(const struct env_entry *channel, const char *name, uint32_t slot);
COMP_MUST_CHECK int names_withdraw(const struct env_entry *channel, const char *name);
/* The `index`-th name in the order of the offers; SYSTEM_NOT_FOUND behind the last. */
COMP_MUST_CHECK int names_list(const struct env_entry *channel, uint64_t index,
                               struct names_name *out);
