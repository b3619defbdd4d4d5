/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Where the value analysis has RAM: at an absolute address, so that the analyser sees a pointer
 * into it, a physical address and a word with both a pointer and flags as what they are, integers.
 */
#pragma once

#define HAL_WINDOW_BASE 0x200000000000ull
