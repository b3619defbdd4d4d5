/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The headers by which firmware knows a flat image: Linux arm64 Image (Documentation/arch/arm64/
 * booting.rst of Linux), PE32+ of a UEFI application (PE format, revision 11; UEFI §2.1), U-Boot's
 * legacy header (include/image.h of U-Boot describes it). The loader leaves room for the first two.
 */
#include <string.h>

#include "builder.h"

#include "image_bytes.h"

#define LINUX_IMAGE_SIZE  16u  /* u64 */
#define LINUX_FLAGS       24u  /* u64 */
#define LINUX_FLAGS_VALUE 0xau /* little endian, 4 KiB pages, anywhere in memory */
#define LINUX_MAGIC       56u
#define LINUX_PE_OFFSET   60u

#define PE_OFFSET  (LOADER_SLOT_OFFSET + LOADER_SLOT_SIZE)
#define PE_SECTION 0x1000u /* alignment, and end of the headers */

static void put_u16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

void headers_linux(uint8_t *flat, uint64_t size)
{
    put_u64(flat + LINUX_IMAGE_SIZE, size);
    put_u64(flat + LINUX_FLAGS, LINUX_FLAGS_VALUE);
    memcpy(flat + LINUX_MAGIC, "ARM\x64", 4);
}

void headers_efi(uint8_t *flat, uint64_t size, uint64_t entry)
{
    uint8_t *coff = flat + PE_OFFSET + 4;
    uint8_t *optional = coff + 20;
    uint8_t *section = optional + 112 + 6 * 8;
    uint32_t rest = (uint32_t)size - PE_SECTION;

    put_u32(flat + LINUX_PE_OFFSET, PE_OFFSET);
    memcpy(flat + PE_OFFSET, "PE\0\0", 4);
    put_u16(coff, 0xaa64);                   /* Machine: ARM64 */
    put_u16(coff + 2, 1);                    /* NumberOfSections */
    put_u16(coff + 16, 112 + 6 * 8);         /* SizeOfOptionalHeader */
    put_u16(coff + 18, 0x206);               /* executable, no line numbers, no debug data */
    put_u16(optional, 0x20b);                /* PE32+ */
    put_u32(optional + 4, rest);             /* SizeOfCode */
    put_u32(optional + 16, (uint32_t)entry); /* AddressOfEntryPoint */
    put_u32(optional + 20, PE_SECTION);      /* BaseOfCode */
    put_u32(optional + 32, PE_SECTION);      /* SectionAlignment */
    put_u32(optional + 36, 512);             /* FileAlignment */
    put_u32(optional + 56, (uint32_t)round_up(size, PE_SECTION)); /* SizeOfImage */
    put_u32(optional + 60, PE_SECTION);                           /* SizeOfHeaders */
    put_u16(optional + 68, 10);                                   /* Subsystem: EFI application */
    put_u32(optional + 108, 6);                                   /* NumberOfRvaAndSizes */
    memcpy(section, ".kaal\0\0\0", 8);
    put_u32(section + 8, rest);        /* VirtualSize */
    put_u32(section + 12, PE_SECTION); /* VirtualAddress */
    put_u32(section + 16, rest);       /* SizeOfRawData */
    put_u32(section + 20, PE_SECTION); /* PointerToRawData */
    put_u32(section + 36, 0xe0000020); /* code; execute, read, write */
}

static void put_be32(uint8_t *p, uint32_t value)
{
    put_u32(p, __builtin_bswap32(value));
}

/* CRC-32 of IEEE 802.3, as zlib computes it. */
static uint32_t crc32(const uint8_t *p, uint64_t size)
{
    uint32_t crc = UINT32_MAX;

    for (; size > 0; size--) {
        crc ^= *p++;
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1)));
        }
    }
    return ~crc;
}

void headers_uboot(uint8_t *to, const uint8_t *flat, uint64_t size, uint64_t address)
{
    memset(to, 0, IMAGE_UBOOT_HEADER);
    put_be32(to, 0x27051956);
    put_be32(to + 12, (uint32_t)size);
    put_be32(to + 16, (uint32_t)address); /* load address */
    put_be32(to + 20, (uint32_t)address); /* entry */
    put_be32(to + 24, crc32(flat, size));
    to[28] = 5;  /* operating system: Linux, whose way of entry it is */
    to[29] = 22; /* AArch64 */
    to[30] = 2;  /* kernel */
    to[31] = 0;  /* not compressed */
    memcpy(to + 32, "KaaL", 4);
    put_be32(to + 4, crc32(to, IMAGE_UBOOT_HEADER));
}
