/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Stands for lib/comp/layout.h on the host: the environment where sanitizers leave room for it.
 */
#pragma once
#include "../../../lib/comp/layout.h"

#undef LAYOUT_ENV
#define LAYOUT_ENV 0x300000000000u
