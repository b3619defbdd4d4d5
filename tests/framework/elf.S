/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The ELF files of the components, as they were linked.
 */
    .section .rodata.puppet, "a"
    .balign 16
    .global puppet_elf
    .global puppet_elf_end
puppet_elf:
    .incbin PUPPET_ELF
puppet_elf_end:

    .balign 16
    .global hostile_elf
    .global hostile_elf_end
hostile_elf:
    .incbin HOSTILE_ELF
hostile_elf_end:
