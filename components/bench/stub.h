/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Offsets in struct shot for the assembly; shot.h asserts each.
 */
#pragma once

#define SHOT_X      0 /* x0..x5 */
#define SHOT_NUMBER 48
#define SHOT_WORD   56
#define SHOT_BEFORE 64
#define SHOT_AFTER  72
