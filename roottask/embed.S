/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What kaal-system compiled, as bytes of the root task: the file names come from the Makefile.
 */
    .section .rodata.system, "a"
    .balign 8
    .global system_description
system_description:
    .incbin SYSTEM_DESCRIPTION
    .global system_description_end
system_description_end:
    .balign 8
    .global system_archive
system_archive:
    .incbin SYSTEM_ARCHIVE
    .global system_archive_end
system_archive_end:
