/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Making a failing case short.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Leaves out steps, then bytes, and makes bytes zero, as long as the case still fails (each try in
 * a process of its own, so that crashes count). Returns false when it does not fail at all. */
bool shorten_case(uint8_t *bytes, size_t *size);
