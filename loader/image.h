/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The KaaL image: header, then the bytes of kernel and root task. This parser is the only reader
 * of the format; boot loader, builder and hosted machine are linked with it.
 *
 * It keeps true: no allocation, no write outside its out-parameters, every offset and sum is
 * checked before it is used, and a struct image that image_parse() accepted can be loaded without
 * further checks of its own numbers. What depends on the machine (RAM, device tree) is checked by
 * image_check_place().
 *
 * Exit status of a loading machine when a check fails (LOADER_EXIT_*): 1 no payload attached,
 * 2 bad payload, 3 no or bad device tree, 4 does not fit memory, 5 crash in the loader,
 * 6 entered in a wrong CPU state, or a secondary CPU does not start. The kernel is never entered
 * after one of these.
 */
#ifndef LOADER_IMAGE_H
#define LOADER_IMAGE_H

#include "image_text.h"
#include "kernel_note.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * ---- Format, version 2 (docs/image-format.md). All numbers little endian. Bytes not named here
 * are zero, in the header and between the data, and are checked to be. ----
 */

#define IMAGE_MAGIC         "KaaLImg\x1a" /* 8 bytes, without the C string's NUL */
#define IMAGE_VERSION       2u
#define IMAGE_HEADER_SIZE   4096u
#define IMAGE_MAX_REGIONS   24u
#define IMAGE_BOOTARGS_SIZE 1024u /* with the terminating NUL */
#define IMAGE_DIGEST_SIZE   32u
#define IMAGE_KEY_SIZE      32u /* Ed25519 */
#define IMAGE_SIGN_SIZE     64u
#define IMAGE_PAGE          4096u
#define IMAGE_BLOCK         0x200000u /* 2 MiB: unit of the kernel window */

/* offsets in the header */
#define IMAGE_OFF_MAGIC        0u    /* 8 bytes */
#define IMAGE_OFF_VERSION      8u    /* u32 */
#define IMAGE_OFF_HEADER_SIZE  12u   /* u32 = IMAGE_HEADER_SIZE */
#define IMAGE_OFF_TOTAL_SIZE   16u   /* u64, header and data */
#define IMAGE_OFF_FLAGS        24u   /* u32, IMAGE_FLAG_* */
#define IMAGE_OFF_REGION_COUNT 28u   /* u32, 2 … IMAGE_MAX_REGIONS */
#define IMAGE_OFF_KERNEL_ENTRY 32u   /* u64, virtual */
#define IMAGE_OFF_KERNEL_START 40u   /* u64, physical, page aligned */
#define IMAGE_OFF_KERNEL_END   48u   /* u64, physical, exclusive, page aligned */
#define IMAGE_OFF_KERNEL_PV    56u   /* u64, physical − virtual, modulo 2^64 */
#define IMAGE_OFF_USER_ENTRY   64u   /* u64, virtual */
#define IMAGE_OFF_USER_START   72u   /* u64, physical, page aligned */
#define IMAGE_OFF_USER_END     80u   /* u64, physical, exclusive, page aligned */
#define IMAGE_OFF_USER_PV      88u   /* u64, physical − virtual, modulo 2^64 */
#define IMAGE_OFF_BOOTARGS_LEN 96u   /* u32, without the NUL; 0 = leave the DTB's own */
#define IMAGE_OFF_DTB_OFFSET   104u  /* u64, of the embedded device tree; 0 = none */
#define IMAGE_OFF_DTB_SIZE     112u  /* u64 */
#define IMAGE_OFF_NOTE         128u  /* struct kernel_note, when IMAGE_FLAG_NOTE, else zero */
#define IMAGE_OFF_BOOTARGS     512u  /* IMAGE_BOOTARGS_SIZE bytes */
#define IMAGE_OFF_REGIONS      1536u /* IMAGE_MAX_REGIONS × IMAGE_REGION_SIZE */
#define IMAGE_OFF_KEY          3840u /* public key of the signature, when IMAGE_FLAG_SIGNED */
#define IMAGE_OFF_DTB_DIGEST   3872u /* SHA-256 of the embedded device tree */
#define IMAGE_OFF_DIGEST       4000u /* SHA-256 of the 4000 bytes before it */
#define IMAGE_OFF_SIGNATURE    4032u /* Ed25519 over the 4032 bytes before it, else zero */

#define IMAGE_FLAG_NOTE   1u
#define IMAGE_FLAG_SIGNED 2u

/* offsets in a region's entry */
#define IMAGE_REGION_SIZE     96u
#define IMAGE_REG_KIND        0u  /* u32, IMAGE_KERNEL or IMAGE_USER; kernel regions come first */
#define IMAGE_REG_FLAGS       4u  /* u32, IMAGE_READ | IMAGE_WRITE | IMAGE_EXEC */
#define IMAGE_REG_PADDR       8u  /* u64; ascending within a kind */
#define IMAGE_REG_VADDR       16u /* u64 */
#define IMAGE_REG_FILESZ      24u /* u64, bytes loaded */
#define IMAGE_REG_MEMSZ       32u /* u64, ≥ filesz, > 0; the rest is zeroed */
#define IMAGE_REG_OFFSET      40u /* u64, from the image's start; see IMAGE_GAP */
#define IMAGE_REG_STORED      48u /* u64, bytes stored; = filesz when not compressed */
#define IMAGE_REG_COMPRESSION 56u /* u32, enum image_compression */
#define IMAGE_REG_DIGEST      64u /* SHA-256 of the stored bytes */

/*
 * Data lie in the order of the regions, then the device tree, each less than IMAGE_GAP bytes of
 * zero after what is before it. The offset is, modulo 16, that of the physical address when the
 * region is not compressed, else 0. The image ends with less than 16 bytes of zero.
 */
#define IMAGE_GAP 32u

enum image_compression {
    IMAGE_STORED = 0,
    IMAGE_LZ4 = 1,  /* one block of the LZ4 block format */
    IMAGE_ZSTD = 2, /* Zstandard frames (RFC 8878) */
};

#define IMAGE_KERNEL 1u
#define IMAGE_USER   2u

#define IMAGE_EXEC  1u /* as ELF's p_flags */
#define IMAGE_WRITE 2u
#define IMAGE_READ  4u

/* Physical addresses end here (48 bits, the most the loader's tables reach). */
#define IMAGE_PADDR_END (UINT64_C(1) << 48)
/* User virtual addresses end here (abi/vspace.md: USER_TOP is below 2^47). */
#define IMAGE_USER_VADDR_END (UINT64_C(1) << 47)

/* ---- The slot in the loader through which the builder attaches a payload ---- */

#define LOADER_SLOT_OFFSET             64u                /* from the loader's first byte */
#define LOADER_SLOT_MAGIC              "KaaL loader slot" /* 16 bytes, without the NUL */
#define LOADER_SLOT_VERSION            2u
#define LOADER_SLOT_OFF_VERSION        16u /* u32 */
#define LOADER_SLOT_OFF_LEVEL          20u /* u32, enum loader_level */
#define LOADER_SLOT_OFF_LINK_BASE      24u /* u64, address that the loader is linked at */
#define LOADER_SLOT_OFF_MEMORY_SIZE    32u /* u64, bytes that the loader occupies */
#define LOADER_SLOT_OFF_PAYLOAD_OFFSET 40u /* u64, from the loader's first byte; 0 = no payload */
#define LOADER_SLOT_OFF_PAYLOAD_SIZE   48u /* u64 */
#define LOADER_SLOT_OFF_MOVED          56u /* u64, in a copy that the loader made: the first's place */
#define LOADER_SLOT_OFF_HAS_KEY        64u /* u32, 1 = only images signed with the key are loaded */
#define LOADER_SLOT_OFF_KEY            72u /* IMAGE_KEY_SIZE bytes */
#define LOADER_SLOT_OFF_EFI_ENTRY      104u /* u64, UEFI's entry, from the loader's first byte */
#define LOADER_SLOT_OFF_ENTERED        112u /* u32, with MOVED: exception level of the first entry */
#define LOADER_SLOT_SIZE               128u

/* Room in the loader for the headers that a flat image has: all before this offset but the slot. */
#define LOADER_FLAT_HEADERS 512u

/* U-Boot's legacy header before a flat image. */
#define IMAGE_UBOOT_HEADER 64u

enum loader_level {
    LOADER_QUIET = 0, /* failures only */
    LOADER_NORMAL = 1,
    LOADER_DEBUG = 2,
};

/* Most bytes that a compressed region becomes. */
#define IMAGE_UNPACKED_MAX 0x40000000u

/* Largest device tree, packed, that a loading machine passes on. */
#define IMAGE_DTB_MAX 0x40000u

enum loader_exit {
    LOADER_EXIT_NO_PAYLOAD = 1,
    LOADER_EXIT_BAD_PAYLOAD = 2,
    LOADER_EXIT_BAD_DTB = 3,
    LOADER_EXIT_MEMORY = 4,
    LOADER_EXIT_CRASH = 5,
    LOADER_EXIT_CPU_STATE = 6,
};

/* ---- Errors ---- */

enum image_code {
    IMAGE_OK,
    IMAGE_NO_PAYLOAD, /* a loader that was never given one */
    IMAGE_TRUNCATED,
    IMAGE_BAD_MAGIC,
    IMAGE_BAD_VERSION,
    IMAGE_BAD_HEADER,
    IMAGE_BAD_REGION,
    IMAGE_BAD_DIGEST,
    IMAGE_BAD_SIGNATURE,
    IMAGE_BAD_DATA, /* compressed bytes that do not become the region's */
    IMAGE_BAD_ELF,
    IMAGE_BAD_DTB,
    IMAGE_NO_ROOM, /* RAM, or the places of two parts, do not allow it */
};

/* One failed check in the words of its sentence. The strings are constants. */
struct image_error {
    enum image_code code;
    int index;         /* of the region or segment, -1 = none */
    bool has_expected; /* `expected` belongs to the sentence */
    bool has_found;
    const char *where; /* "image header", "region", … */
    const char *field;
    const char *rule; /* words between "expected" and the number; may stand alone; may be NULL */
    const char *hint; /* appended after a semicolon, or NULL */
    uint64_t expected;
    uint64_t found;
};

#define IMAGE_MUST_CHECK __attribute__((warn_unused_result))

/* Writes the error as one sentence without a newline, at most cap bytes with the NUL. */
void image_error_text(const struct image_error *err, char *buf, size_t cap);

/* The exit status of a loading machine for this error. */
int image_exit_status(enum image_code code);

/* Fills *err and returns code; for the format's other readers (elf.c, image_dtb.c, builder). */
enum image_code image_fail(struct image_error *err, enum image_code code, const char *where,
                           int index, const char *field, const char *rule);
/* The same with the two numbers of the sentence. */
enum image_code image_fail_numbers(struct image_error *err, enum image_code code, const char *where,
                                   int index, const char *field, const char *rule,
                                   uint64_t expected, uint64_t found);

/* ---- Parsing ---- */

struct image_region {
    uint32_t kind;
    uint32_t flags;
    uint64_t paddr;
    uint64_t vaddr;
    uint64_t filesz;
    uint64_t memsz;
    uint64_t stored;
    uint32_t compression;
    const uint8_t *data;   /* stored bytes inside the image */
    const uint8_t *digest; /* IMAGE_DIGEST_SIZE bytes inside the header */
};

struct image {
    const uint8_t *base;
    uint64_t total_size;
    uint32_t region_count;
    bool has_note; /* false: a foreign kernel */
    bool is_signed;
    const uint8_t *dtb; /* the embedded device tree, NULL = none */
    uint64_t dtb_size;
    struct image_region regions[IMAGE_MAX_REGIONS];
    uint64_t kernel_entry;
    uint64_t kernel_start; /* physical */
    uint64_t kernel_end;
    uint64_t kernel_pv; /* physical − virtual, modulo 2^64 */
    uint64_t user_entry;
    uint64_t user_start; /* physical: x0, x1 of abi/boot.md §1 */
    uint64_t user_end;
    uint64_t user_pv;     /* x2 of abi/boot.md §1 */
    const char *bootargs; /* NUL-terminated, may be empty */
    uint32_t bootargs_len;
    struct kernel_note note; /* valid when has_note */
};

/* The note's fields from its KERNEL_NOTE_SIZE bytes, and whether its texts end: they are printed.
 */
void image_read_note(const uint8_t *from, struct kernel_note *n);
bool image_note_ends(const struct kernel_note *n);

/*
 * Reads the header at `base`, of which `size` bytes may be read (size ≥ total size). Checks magic,
 * version, sizes, header digest, bounds and the agreement of all fields, but not the regions'
 * digests. On failure *err holds the sentence and *img is unspecified.
 */
IMAGE_MUST_CHECK enum image_code image_parse(const uint8_t *base, uint64_t size, struct image *img,
                                             struct image_error *err);

/* Compares every region's stored bytes, and the embedded device tree's, with their SHA-256. */
IMAGE_MUST_CHECK enum image_code image_check_digests(const struct image *img,
                                                     struct image_error *err);

/* The embedded device tree alone, which a loading machine reads before the rest. */
IMAGE_MUST_CHECK enum image_code image_check_dtb_digest(const struct image *img,
                                                        struct image_error *err);

/*
 * Checks the signature. With a key, the image must be signed with that key; without one (NULL), a
 * signature that is there must be good by the key in the header, which shows that the image is
 * whole but not whose it is.
 */
IMAGE_MUST_CHECK enum image_code image_check_signature(const struct image *img, const uint8_t *key,
                                                       struct image_error *err);

/* The key in a loader's slot (LOADER_SLOT_SIZE bytes), NULL = it takes unsigned images. */
const uint8_t *image_slot_key(const uint8_t *slot);

/*
 * Finds the payload in `size` bytes of a file: a bootable ELF made by kaal-builder, or an image by
 * itself. *payload and *payload_size describe bytes inside the file; they still go to
 * image_parse().
 */
IMAGE_MUST_CHECK enum image_code image_find(const uint8_t *file, uint64_t size,
                                            const uint8_t **payload, uint64_t *payload_size,
                                            struct image_error *err);

/* The slot of the loader in such a file; NULL when it has none. */
const uint8_t *image_find_slot(const uint8_t *file, uint64_t size);

/* ---- Placing and loading ---- */

struct image_range {
    uint64_t base;
    uint64_t size;
};

/* What the machine has: RAM ranges and ranges in it that must not be touched. */
struct image_memory {
    const struct image_range *ram;
    unsigned ram_count;
    const struct image_range *reserved;
    unsigned reserved_count;
};

/* Physical address of the device tree for the kernel: the page after the kernel's last. */
uint64_t image_dtb_address(const struct image *img);

/* Checks that [start, end) lies in RAM and outside reserved memory; `what` names it. */
IMAGE_MUST_CHECK enum image_code image_check_range(const char *what, uint64_t start, uint64_t end,
                                                   const struct image_memory *mem,
                                                   struct image_error *err);

/*
 * Checks kernel, device tree (dtb_size bytes at image_dtb_address()) and root task against the
 * machine, and that the device tree ends before the root task.
 */
IMAGE_MUST_CHECK enum image_code image_check_place(const struct image *img, uint64_t dtb_size,
                                                   const struct image_memory *mem,
                                                   struct image_error *err);

/*
 * A loading machine. All act on physical memory that image_check_place() accepted: copy and zero
 * write it, window is where `size` bytes of it can be read and written. line prints one line of the
 * report (no newline in `text`).
 */
struct image_machine {
    void *ctx;
    void (*copy)(void *ctx, uint64_t paddr, const void *src, uint64_t size);
    void (*zero)(void *ctx, uint64_t paddr, uint64_t size);
    void *(*window)(void *ctx, uint64_t paddr, uint64_t size);
    void (*line)(void *ctx, const char *text);
};

/* The report's lines before loading: what the payload holds. */
void image_report(const struct image *img, const struct image_machine *machine);

/*
 * Loads kernel and root task: every byte of [kernel_start, kernel_end) and [user_start, user_end)
 * is written, those that no region covers with zero, so that memory is the same on every machine.
 * Fails on compressed bytes that do not become exactly the region's.
 */
IMAGE_MUST_CHECK enum image_code
image_load(const struct image *img, const struct image_machine *machine, struct image_error *err);

/* ---- Decompression: `to_size` bytes are written exactly, or it is false. No allocation. ---- */

IMAGE_MUST_CHECK bool image_unpack_lz4(uint8_t *to, uint64_t to_size, const uint8_t *from,
                                       uint64_t from_size);
IMAGE_MUST_CHECK bool image_unpack_zstd(uint8_t *to, uint64_t to_size, const uint8_t *from,
                                        uint64_t from_size);

/* Unpacks region i to `to`, which has room for its filesz bytes. */
IMAGE_MUST_CHECK enum image_code image_unpack(const struct image *img, unsigned i, uint8_t *to,
                                              struct image_error *err);

/* "none", "lz4", "zstd" */
const char *image_compression_name(uint32_t compression);

#endif
