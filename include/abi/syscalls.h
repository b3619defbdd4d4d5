/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * System calls, message words, the IPC buffer and fault messages (abi/syscalls.md).
 */
#pragma once
#include <stdint.h>

/* Value of x7 at `svc` (abi/syscalls.md §1.1). Every other value is an unknown system call. */
enum syscall {
    SYS_CALL = -1,
    SYS_REPLY_RECV = -2,
    SYS_SEND = -3,
    SYS_NB_SEND = -4,
    SYS_RECV = -5,
    SYS_REPLY = -6,
    SYS_YIELD = -7,
    SYS_NB_RECV = -8,
    SYS_DEBUG_PUT_CHAR = -9,
    SYS_DEBUG_DUMP_SCHEDULER = -10,
    SYS_DEBUG_HALT = -11,
    SYS_DEBUG_CAP_IDENTIFY = -12,
    SYS_DEBUG_SNAPSHOT = -13,
    SYS_DEBUG_NAME_THREAD = -14,
    SYS_BENCHMARK_FLUSH_CACHES = -18,
    SYS_BENCHMARK_RESET_LOG = -19,
    SYS_BENCHMARK_FINALIZE_LOG = -20,
    SYS_BENCHMARK_SET_LOG_BUFFER = -21,
    SYS_BENCHMARK_NULL_SYSCALL = -22,
    SYS_BENCHMARK_GET_THREAD_UTILISATION = -23,
    SYS_BENCHMARK_RESET_THREAD_UTILISATION = -24,
    SYS_BENCHMARK_DUMP_ALL_UTILISATION = -25,
    SYS_BENCHMARK_RESET_ALL_UTILISATION = -26,
};

/* Message info word: length 0..6, extraCaps 7..8, capsUnwrapped 9..11, label 12..63 (§2.1). */
enum {
    MSG_REGISTERS = 4,    /* MR0..MR3 travel in x2..x5 */
    MSG_MAX_LENGTH = 120, /* words */
    MSG_MAX_EXTRA_CAPS = 3,
};

static inline uint64_t msginfo_new(uint64_t label, uint64_t unwrapped, uint64_t extra,
                                   uint64_t length)
{
    return label * 4096 + unwrapped % 8 * 512 + extra % 4 * 128 + length % 128;
}
static inline uint64_t msginfo_label(uint64_t info)
{
    return info / 4096;
}
static inline uint64_t msginfo_unwrapped(uint64_t info)
{
    return info / 512 % 8;
}
static inline uint64_t msginfo_extra_caps(uint64_t info)
{
    return info / 128 % 4;
}
/* The raw field, 0..127; the kernel treats more than 120 as 120. */
static inline uint64_t msginfo_length(uint64_t info)
{
    return info % 128;
}

/* IPC buffer, 1024 bytes, 1024-byte aligned (§2.2). */
struct ipc_buffer {
    uint64_t tag;                 /* not used by the kernel */
    uint64_t msg[MSG_MAX_LENGTH]; /* the kernel uses words from 4 on */
    uint64_t user_data;           /* never touched by the kernel */
    uint64_t caps_or_badges[MSG_MAX_EXTRA_CAPS];
    uint64_t receive_cnode; /* cptr */
    uint64_t receive_index;
    uint64_t receive_depth; /* bits */
};
_Static_assert(sizeof(struct ipc_buffer) == 1024, "abi/syscalls.md §2.2");

/* Capability rights word (§2.3). */
enum {
    RIGHT_WRITE = 1,
    RIGHT_READ = 2,
    RIGHT_GRANT = 4,
    RIGHT_GRANT_REPLY = 8,
    RIGHTS_ALL = 15,
};

/* Labels of fault messages (§7). */
enum fault_label {
    FAULT_NULL = 0,
    FAULT_CAP = 1,
    FAULT_UNKNOWN_SYSCALL = 2,
    FAULT_USER_EXCEPTION = 3,
    FAULT_DEBUG_EXCEPTION = 4,
    FAULT_VM = 5,
};

/* Lookup failure types, in CapFault messages and FailedLookup errors (§7, abi/invocations.md §1).
 */
enum lookup_failure {
    LOOKUP_NONE = 0,
    LOOKUP_INVALID_ROOT = 1,
    LOOKUP_MISSING_CAPABILITY = 2,
    LOOKUP_DEPTH_MISMATCH = 3,
    LOOKUP_GUARD_MISMATCH = 4,
};

/* Error codes: the label of an error reply (abi/invocations.md §1). */
enum error_code {
    ERROR_NONE = 0,
    ERROR_INVALID_ARGUMENT = 1,
    ERROR_INVALID_CAPABILITY = 2,
    ERROR_ILLEGAL_OPERATION = 3,
    ERROR_RANGE = 4,
    ERROR_ALIGNMENT = 5,
    ERROR_FAILED_LOOKUP = 6,
    ERROR_TRUNCATED_MESSAGE = 7,
    ERROR_DELETE_FIRST = 8,
    ERROR_REVOKE_FIRST = 9,
    ERROR_NOT_ENOUGH_MEMORY = 10,
    ERROR_COUNT = 11,
};

/* Registers of a user context, in the order of Read/WriteRegisters (abi/invocations.md §4). */
enum context_register {
    REG_PC, /* restart address */
    REG_SP,
    REG_SPSR,
    REG_X0,
    REG_X1,
    REG_X2,
    REG_X3,
    REG_X4,
    REG_X5,
    REG_X6,
    REG_X7,
    REG_X8,
    REG_X16,
    REG_X17,
    REG_X18,
    REG_X29,
    REG_X30,
    REG_X9,
    REG_X10,
    REG_X11,
    REG_X12,
    REG_X13,
    REG_X14,
    REG_X15,
    REG_X19,
    REG_X20,
    REG_X21,
    REG_X22,
    REG_X23,
    REG_X24,
    REG_X25,
    REG_X26,
    REG_X27,
    REG_X28,
    REG_TPIDR_EL0,
    REG_TPIDRRO_EL0,
    REG_COUNT,                /* 36 */
    REG_FRAME_COUNT = REG_X9, /* 0..16 are the "frame" registers, the rest "integer" */
};
_Static_assert(REG_COUNT == 36 && REG_FRAME_COUNT == 17, "abi/invocations.md §4");
