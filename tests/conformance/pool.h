/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Where a case's objects and slots come from; only the frame opens and closes it.
 */
#pragma once

/* Takes the Untyped for all cases. */
void pool_init(void);
/* Start and end of one case. */
void pool_open(void);
void pool_close(void);
