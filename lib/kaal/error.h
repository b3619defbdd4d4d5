/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Names of the error codes (abi/invocations.md §1) and of the cap type numbers (abi/syscalls.md
 * §8).
 */
#pragma once
#include <stdint.h>

/* "NoError", "InvalidArgument", …; "unknown error" for a number that is none. */
const char *kaal_strerror(uint64_t error);

/* "frame", "untyped", …; "unknown" for a number that is none. */
const char *kaal_cap_name(uint64_t type_number);
