/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * A set of digests with open addressing, at most half full.
 */
#include <stdio.h>
#include <stdlib.h>

#include "explore.h"

enum {
    FIRST_ROOM = 1 << 16
};

static bool put(struct digest_set *set, struct canon_digest digest)
{
    size_t at = digest.w[1] & (set->room - 1);
    while (set->entry[at].w[0] != 0 || set->entry[at].w[1] != 0) {
        if (set->entry[at].w[0] == digest.w[0] && set->entry[at].w[1] == digest.w[1])
            return false;
        at = (at + 1) & (set->room - 1);
    }
    set->entry[at] = digest;
    set->count++;
    return true;
}

static void grow(struct digest_set *set)
{
    struct digest_set larger = {.room = set->room ? 2 * set->room : FIRST_ROOM};
    larger.entry = calloc(larger.room, sizeof *larger.entry);
    if (!larger.entry) {
        fprintf(stderr, "explore: %zu states: expected memory for more, found none\n", set->count);
        exit(2);
    }
    for (size_t i = 0; i < set->room; i++)
        if (set->entry[i].w[0] != 0 || set->entry[i].w[1] != 0)
            put(&larger, set->entry[i]);
    free(set->entry);
    *set = larger;
}

bool digest_set_add(struct digest_set *set, struct canon_digest digest)
{
    if (2 * (set->count + 1) > set->room)
        grow(set);
    return put(set, digest);
}

void digest_set_clear(struct digest_set *set)
{
    free(set->entry);
    *set = (struct digest_set){0};
}
