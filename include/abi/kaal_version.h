/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * The version of KaaL, kept in this one place: kernel, loader, builder and hosted machine print it.
 */
#ifndef ABI_KAAL_VERSION_H
#define ABI_KAAL_VERSION_H

#define KAAL_VERSION "0.1.0"

#endif
