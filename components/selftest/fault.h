/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The third thread: in the initial address space, with a page missing.
 */
#pragma once
#include "store.h"

/* Starts a thread that reads an address where nothing is mapped, receives its fault, maps a page
 * that holds `value`, lets it continue and checks what it makes of the value. */
uint64_t fault_tour(struct store *store, uint64_t value);
