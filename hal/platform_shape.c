/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The shape of a flattened device tree (Devicetree Specification v0.4, chapter 5), checked before
 * the library sees it: every offset, length and string lies inside the blob, nodes nest and end.
 * Keeps true: a blob that passes lets no walk of libfdt leave it or run in a circle (the library's
 * own complete check does not end on some damaged blobs).
 */
#include "platform_internal.h"

enum {
    HEADER_BYTES = 40,
    VERSION = 17,
    MAX_DEPTH = 32,
    TOKEN_BEGIN_NODE = 1,
    TOKEN_END_NODE = 2,
    TOKEN_PROP = 3,
    TOKEN_NOP = 4,
    TOKEN_END = 9,
};

/* Header words, by index. */
enum {
    MAGIC,
    TOTAL_SIZE,
    OFF_STRUCT,
    OFF_STRINGS,
    OFF_RESERVE,
    HEADER_VERSION,
    LAST_COMPATIBLE,
    BOOT_CPU,
    SIZE_STRINGS,
    SIZE_STRUCT,
};

/* Big-endian word at byte `offset`, which the caller has checked. */
static uint32_t word(const uint8_t *blob, uint64_t offset)
{
    const uint8_t *p = blob + offset;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t header(const uint8_t *blob, unsigned index)
{
    return word(blob, index * 4);
}

static const char *check_header(const uint8_t *blob, uint64_t bytes)
{
    if (blob == NULL || (uintptr_t)blob % 8 != 0 || bytes < HEADER_BYTES || bytes > 0x7fffffff) {
        return refuse_hex("header", "an 8-byte aligned blob of at least 40 bytes", bytes);
    }
    uint64_t total = header(blob, TOTAL_SIZE);
    if (header(blob, MAGIC) != 0xd00dfeed) {
        return refuse_hex("magic", "0xd00dfeed", header(blob, MAGIC));
    }
    if (total > bytes || total < HEADER_BYTES) {
        return refuse_hex("totalsize", "at least 40 and no more than the blob's size", total);
    }
    if (header(blob, HEADER_VERSION) < VERSION || header(blob, LAST_COMPATIBLE) > VERSION) {
        return refuse_hex("version", "one compatible with 17", header(blob, HEADER_VERSION));
    }
    if (header(blob, OFF_STRUCT) % 4 != 0 || header(blob, OFF_RESERVE) % 8 != 0) {
        return platform_refuse("header", "aligned offsets of its blocks", "unaligned ones");
    }
    if ((uint64_t)header(blob, OFF_STRUCT) + header(blob, SIZE_STRUCT) > total) {
        return refuse_hex("structure block", "an end inside the blob",
                          (uint64_t)header(blob, OFF_STRUCT) + header(blob, SIZE_STRUCT));
    }
    uint64_t strings_end = (uint64_t)header(blob, OFF_STRINGS) + header(blob, SIZE_STRINGS);
    if (strings_end > total) {
        return refuse_hex("strings block", "an end inside the blob", strings_end);
    }
    if (header(blob, SIZE_STRINGS) != 0 && blob[strings_end - 1] != 0) {
        return platform_refuse("strings block", "a terminated last string",
                               "another byte than 0 at its end");
    }
    return NULL;
}

/* Pairs of 64-bit words up to a pair of zeros. */
static const char *check_reserve(const uint8_t *blob)
{
    uint64_t total = header(blob, TOTAL_SIZE);
    uint64_t at = header(blob, OFF_RESERVE);
    for (bool more = true; more; at += 16) {
        if (at + 16 > total) {
            return refuse_hex("memory reservation block", "an end inside the blob", at);
        }
        more =
            (word(blob, at) | word(blob, at + 4) | word(blob, at + 8) | word(blob, at + 12)) != 0;
    }
    return NULL;
}

/* Bytes of a node's name with its end, rounded up to words; 0 if it does not end before `end`. */
static uint64_t name_bytes(const uint8_t *blob, uint64_t at, uint64_t end)
{
    for (uint64_t i = at; i < end; i++) {
        if (blob[i] == 0) {
            return (i + 1 - at + 3) / 4 * 4;
        }
    }
    return 0;
}

/* Bytes of a property behind its token; 0 if its value or its name lies outside. */
static uint64_t property_bytes(const uint8_t *blob, uint64_t at, uint64_t end)
{
    if (end - at < 8 || word(blob, at + 4) >= header(blob, SIZE_STRINGS) ||
        word(blob, at) > end - at - 8) {
        return 0;
    }
    return 8 + ((uint64_t)word(blob, at) + 3) / 4 * 4;
}

/* One tree of nested nodes, then the end token. */
static const char *check_structure(const uint8_t *blob)
{
    uint64_t start = header(blob, OFF_STRUCT);
    uint64_t end = start + header(blob, SIZE_STRUCT) / 4 * 4;
    uint64_t at = start;
    unsigned depth = 0;
    bool seen_root = false;
    while (at < end) {
        uint32_t token = word(blob, at);
        uint64_t bytes = 1; /* behind the token; 0 = bad */
        at += 4;
        if (token == TOKEN_END && depth == 0 && seen_root) {
            return NULL;
        }
        if (token == TOKEN_BEGIN_NODE && depth < MAX_DEPTH && (depth > 0 || !seen_root)) {
            bytes = name_bytes(blob, at, end);
            at += bytes;
            depth++;
            seen_root = true;
        } else if (token == TOKEN_PROP && depth > 0) {
            bytes = property_bytes(blob, at, end);
            at += bytes;
        } else if (token == TOKEN_END_NODE && depth > 0) {
            depth--;
        } else if (token != TOKEN_NOP) {
            bytes = 0;
        }
        if (bytes == 0) {
            platform_refuse("structure block", "whole nodes and properties",
                            "a bad one at offset ");
            sentence_hex(at - 4);
            return sentence_get();
        }
    }
    return platform_refuse("structure block", "an end token after the root node", "none");
}

const char *tree_check(const void *dtb, uint64_t bytes)
{
    const char *error = check_header(dtb, bytes);
    if (error == NULL) {
        error = check_reserve(dtb);
    }
    return error == NULL ? check_structure(dtb) : error;
}
