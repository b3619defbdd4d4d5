/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The smallest component: greets, and says what it was told at its start.
 */
#include <stdio.h>

#include "comp/comp.h"

int main(int argc, char **argv)
{
    printf("hello from %s, life %u", comp_env()->name, comp_env()->generation + 1);
    for (int i = 1; i < argc; i++) {
        printf(" %s", argv[i]);
    }
    printf("\n");
    return 0;
}
