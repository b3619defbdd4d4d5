/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * C11 atomics for the prover: plain accesses, instead of the compiler's header and the prover's
 * own. What another side does to the memory between two of them is in the contracts of the
 * functions that look at it (proofs/ring.acsl).
 */
#pragma once
#define _STDATOMIC_H
#define __FC_STDATOMIC
#define _Atomic
enum memory_order {
    memory_order_relaxed,
    memory_order_acquire,
    memory_order_release,
    memory_order_seq_cst
};
#define atomic_load_explicit(object, order)         (*(object))
#define atomic_store_explicit(object, value, order) ((void)(*(object) = (value)))
