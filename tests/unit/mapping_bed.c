/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "mapping_bed.h"

uint64_t frame, large, huge, table[4], tcb, empty_space;

int mapping_setup(void **state)
{
    fx_setup(state);
    frame = fx_new(OBJECT_SMALL_PAGE, 0);
    large = fx_new_from(fx_device(21), OBJECT_LARGE_PAGE, 0);
    huge = fx_new_from(fx_device(30), OBJECT_HUGE_PAGE, 0);
    for (unsigned i = 0; i < 4; i++)
        table[i] = fx_new(OBJECT_PAGE_TABLE, 0);
    tcb = SLOT_INIT_TCB;
    empty_space = fx_new(OBJECT_VSPACE, 0);
    return 0;
}
