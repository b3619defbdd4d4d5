/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The puppet's ELF file, as it was linked.
 */
    .section .rodata.puppet, "a"
    .balign 16
    .global puppet_elf
    .global puppet_elf_end
puppet_elf:
    .incbin PUPPET_ELF
puppet_elf_end:
