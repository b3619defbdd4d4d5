/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The derivation list (abi/objects.md §3): all caps in slots, in pre-order of the derivation tree.
 * Every function keeps the list doubly linked and every other entry's position and flags.
 */
#pragma once
#include "kernel.h"

/* A covers B (§3.2). */
bool cap_covers(struct cap a, struct cap b);
/* A and B name one object for the question "is this the last cap?" (§3.5). */
bool cap_same_object(struct cap a, struct cap b);
/* Is `a`, standing before `b` in the list, its ancestor (§3.3)? */
bool cdt_is_ancestor(const struct slot *a, const struct slot *b);
bool cdt_has_children(const struct slot *slot);
/* No other cap to the same object. */
bool cdt_is_final(const struct slot *slot);
/* Deleting it would be long: the last cap of a CNode or TCB, or a zombie (§3.5). */
bool cdt_is_long_deletion(const struct slot *slot);

/* Boot caps: an entry of its own. */
void cdt_insert_boot(struct slot *slot, struct cap cap);
/* A derived cap directly after its source. A childless Untyped copied this way becomes full. */
void cdt_insert_copy(struct slot *source, struct slot *dest, struct cap cap);
/* A new object's cap directly after its Untyped. */
void cdt_insert_object(struct slot *untyped, struct slot *dest, struct cap cap);
/* Entry of `source` goes to the empty slot `dest`, holding `cap` from now on. */
void cdt_move(struct slot *source, struct slot *dest, struct cap cap);
/* Entries of `a` and `b` change places; a's entry then holds cap_a, b's cap_b. */
void cdt_swap(struct slot *a, struct cap cap_a, struct slot *b, struct cap cap_b);
/* Takes the entry out and empties the slot. */
void cdt_remove(struct slot *slot);
