/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Object types and sizes, cap type numbers, mapping attributes (abi/objects.md §1, abi/vspace.md).
 */
#pragma once

enum object_type {
    OBJECT_UNTYPED = 0,
    OBJECT_TCB = 1,
    OBJECT_ENDPOINT = 2,
    OBJECT_NOTIFICATION = 3,
    OBJECT_CNODE = 4,
    OBJECT_HUGE_PAGE = 5, /* 1 GiB */
    OBJECT_VSPACE = 6,
    OBJECT_SMALL_PAGE = 7, /* 4 KiB */
    OBJECT_LARGE_PAGE = 8, /* 2 MiB */
    OBJECT_PAGE_TABLE = 9,
    OBJECT_TYPE_COUNT = 10,
};

/* Sizes are exponents of two, in bytes. */
enum {
    TCB_BITS = 11,
    ENDPOINT_BITS = 4,
    NOTIFICATION_BITS = 5,
    SLOT_BITS = 5, /* one CNode slot; a CNode of radix r has 2^(r + 5) bytes */
    HUGE_PAGE_BITS = 30,
    LARGE_PAGE_BITS = 21,
    PAGE_BITS = 12,
    VSPACE_BITS = 12,
    PAGE_TABLE_BITS = 12,
    ASID_POOL_BITS = 12,
    MIN_UNTYPED_BITS = 4,
    MAX_UNTYPED_BITS = 47,
    WORD_BITS = 64,
    GUARD_SIZE_BITS = 6, /* CNode cap data: guard << 6 | guard size */
    RETYPE_FAN_OUT_LIMIT = 256,
    RESET_CHUNK_BITS = 8,
    WORK_UNITS_PER_PREEMPTION = 100,
    ASID_POOL_COUNT = 128,
    ASIDS_PER_POOL = 512,
    PRIORITY_COUNT = 256,
    MAX_BOOTINFO_UNTYPEDS = 230,
};

/* DebugCapIdentify (abi/syscalls.md §8). */
enum cap_type_number {
    CAP_NULL = 0,
    CAP_FRAME = 1,
    CAP_UNTYPED = 2,
    CAP_PAGE_TABLE = 3,
    CAP_ENDPOINT = 4,
    CAP_NOTIFICATION = 6,
    CAP_REPLY = 8,
    CAP_VSPACE = 9,
    CAP_CNODE = 10,
    CAP_ASID_CONTROL = 11,
    CAP_TCB = 12,
    CAP_ASID_POOL = 13,
    CAP_IRQ_CONTROL = 14,
    CAP_IRQ_HANDLER = 16,
    CAP_ZOMBIE = 18,
    CAP_DOMAIN = 20,
    CAP_SMC = 25,
    CAP_SGI_SIGNAL = 27,
    CAP_TYPE_COUNT = 28,
};

/* Page_Map attributes (abi/vspace.md §4). */
enum {
    ATTR_CACHEABLE = 1,
    ATTR_PARITY = 2, /* ignored */
    ATTR_EXECUTE_NEVER = 4,
    ATTR_DEFAULT = 3,
};

/* TCB flags (abi/invocations.md §4). */
enum {
    TCB_FLAG_FPU_DISABLED = 1
};

#define USER_TOP 0x00007fffffffffffull /* last user address (abi/vspace.md §1) */
