/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Linked into the release flavour of the kernel only.
 */
#include "note.h"

extern const struct kernel_note_section kernel_note;

KERNEL_FLAVOUR("release");
