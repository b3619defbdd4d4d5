/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Linked into the release flavour of the hosted machine only.
 */
#include "load.h"

const char machine_flavour[] = "release";
