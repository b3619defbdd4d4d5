/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Direct map of physical memory: the bottom of the TTBR1 half, below the kernel image's window.
 */
#pragma once

#define HAL_WINDOW_BASE 0xffff000000000000ull
