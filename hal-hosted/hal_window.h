/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The arena: physical address p lives at this fixed host address plus p, so that state, hashes and
 * replays are the same in every run. Clear of the host's heap, stacks and sanitizer shadow for
 * physical addresses below 2^44.
 */
#pragma once

#define HAL_WINDOW_BASE 0x200000000000ull
