/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Tables of names; every number of the interface has exactly one.
 */
#include "kaal/error.h"

#include "abi/objects.h"
#include "abi/syscalls.h"

const char *kaal_strerror(uint64_t error)
{
    static const char *const names[ERROR_COUNT] = {
        [ERROR_NONE] = "NoError",
        [ERROR_INVALID_ARGUMENT] = "InvalidArgument",
        [ERROR_INVALID_CAPABILITY] = "InvalidCapability",
        [ERROR_ILLEGAL_OPERATION] = "IllegalOperation",
        [ERROR_RANGE] = "RangeError",
        [ERROR_ALIGNMENT] = "AlignmentError",
        [ERROR_FAILED_LOOKUP] = "FailedLookup",
        [ERROR_TRUNCATED_MESSAGE] = "TruncatedMessage",
        [ERROR_DELETE_FIRST] = "DeleteFirst",
        [ERROR_REVOKE_FIRST] = "RevokeFirst",
        [ERROR_NOT_ENOUGH_MEMORY] = "NotEnoughMemory",
    };
    return error < ERROR_COUNT ? names[error] : "unknown error";
}

const char *kaal_cap_name(uint64_t type_number)
{
    static const char *const names[CAP_TYPE_COUNT] = {
        [CAP_NULL] = "null",
        [CAP_FRAME] = "frame",
        [CAP_UNTYPED] = "untyped",
        [CAP_PAGE_TABLE] = "page table",
        [CAP_ENDPOINT] = "endpoint",
        [CAP_NOTIFICATION] = "notification",
        [CAP_REPLY] = "reply",
        [CAP_VSPACE] = "VSpace",
        [CAP_CNODE] = "CNode",
        [CAP_ASID_CONTROL] = "ASID control",
        [CAP_TCB] = "TCB",
        [CAP_ASID_POOL] = "ASID pool",
        [CAP_IRQ_CONTROL] = "IRQ control",
        [CAP_IRQ_HANDLER] = "IRQ handler",
        [CAP_ZOMBIE] = "zombie",
        [CAP_DOMAIN] = "domain",
        [CAP_SMC] = "SMC",
        [CAP_SGI_SIGNAL] = "SGI signal",
    };
    if (type_number >= CAP_TYPE_COUNT || names[type_number] == 0) {
        return "unknown";
    }
    return names[type_number];
}
