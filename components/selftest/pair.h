/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The second thread: the same program in an address space of its own.
 */
#pragma once
#include "store.h"

/* A 64-bit word that the image builder may replace (`kaal-builder --patch kaal_random_word=…`).
 * What the tour prints depends on it by way of both threads. */
extern volatile uint64_t kaal_random_word;

/* Starts the second thread, exchanges messages with it, waits for its last signal; the result is
 * the word that both have worked on. */
uint64_t pair_tour(struct store *store);
