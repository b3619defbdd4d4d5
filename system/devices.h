/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Devices of a manifest against each other and against a device tree.
 */
#pragma once
#include "manifest.h"

/* Reports devices with two owners; with a device tree (`dtb` not NULL) also devices that it does
 * not have, that the kernel keeps, and owners whose registers share a page. */
void devices_check(struct manifest *m, const char *dtb);
