/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What the prover's C front end lacks or trips over. Included before every file that is proved.
 */
#define _Alignas(bytes)
#define warn_unused_result /* it takes the attribute for part of the result's type */
