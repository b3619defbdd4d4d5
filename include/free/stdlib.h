/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * libfdt's header asks for <stdlib.h> but uses nothing of it. Found by <stdlib.h> in builds without
 * a C library.
 */
#pragma once
#include <stddef.h>
