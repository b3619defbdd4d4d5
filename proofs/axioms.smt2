; SPDX-License-Identifier: Apache-2.0 OR MIT
;
; What the contracts take on trust about bits, over bit-vectors: for each claim the solver looks for
; values that break it, and must find none (unsat). A claim has its axiom's name; `make prove-axioms`
; (tools/prove-axioms.py) reads the answers and looks for axioms without a claim.
(set-logic BV)
(declare-const w (_ BitVec 64))
(declare-const i (_ BitVec 64))
(declare-const k (_ BitVec 64))
(declare-const l (_ BitVec 64))
(declare-const f (_ BitVec 64))
(declare-const low (_ BitVec 32))
(declare-const count (_ BitVec 32))
(define-fun one () (_ BitVec 64) (_ bv1 64))
(define-fun bit ((x (_ BitVec 64)) (n (_ BitVec 64))) (_ BitVec 64) (bvand (bvlshr x n) one))

(echo "bit_bool")
(push) (assert (not (or (= (bit w i) (_ bv0 64)) (= (bit w i) one)))) (check-sat) (pop)

(echo "bit_set")
(push)
(assert (bvult i (_ bv64 64))) (assert (bvult k (_ bv64 64)))
(assert (not (= (bit (bvor w (bvshl one k)) i) (ite (= i k) one (bit w i)))))
(check-sat) (pop)

(echo "bit_clear")
(push)
(assert (bvult i (_ bv64 64))) (assert (bvult k (_ bv64 64)))
(assert (not (= (bit (bvand w (bvnot (bvshl one k))) i) (ite (= i k) (_ bv0 64) (bit w i)))))
(check-sat) (pop)

(echo "bit_none")
(push)
(assert (not (= w (_ bv0 64))))
(assert (forall ((n (_ BitVec 64))) (=> (bvult n (_ bv64 64)) (= (bit w n) (_ bv0 64)))))
(check-sat) (pop)

(echo "bit_zero")
(push) (assert (not (= (bit (_ bv0 64) i) (_ bv0 64)))) (check-sat) (pop)

(echo "and_small")
(push)
(assert (bvult w (_ bv4 64))) (assert (not (bvult (bvand w (_ bv2 64)) (_ bv4 64))))
(check-sat) (pop)

; slot_add_flags (core/kernel.h): the pointer in the link stays, the flags are joined.
(echo "slot_add_flags")
(push)
(assert (bvult f (_ bv4 64)))
(assert (not (and
  (= (bvsub (bvor l f) (bvurem (bvor l f) (_ bv4 64))) (bvsub l (bvurem l (_ bv4 64))))
  (= (bvurem (bvor l f) (_ bv4 64)) (bvor (bvurem l (_ bv4 64)) f)))))
(check-sat) (pop)

; bits_of (core/cspace.c): word << (-(low + count) % 64) >> (~count % 64) >> 1 are the bits
; [low, low + count) of the word, for count < 64 and low + count <= 64.
(define-fun wide ((x (_ BitVec 32))) (_ BitVec 64) ((_ zero_extend 32) x))
(define-fun mod64 ((x (_ BitVec 32))) (_ BitVec 64) (wide (bvurem x (_ bv64 32))))
(echo "bits_of")
(push)
(assert (bvult count (_ bv64 32))) (assert (bvule low (_ bv64 32)))
(assert (bvule (bvadd low count) (_ bv64 32)))
(assert (not (=
  (bvlshr (bvlshr (bvshl w (mod64 (bvneg (bvadd low count)))) (mod64 (bvnot count))) one)
  (bvand (bvlshr w (wide low)) (bvsub (bvshl one (wide count)) one)))))
(check-sat) (pop)

; proofs/words.acsl: conversion to 32 bits.
(define-fun cut ((x (_ BitVec 64))) (_ BitVec 64) (bvurem x (_ bv4294967296 64)))
(echo "around")
(push)
(assert (bvsle (bvneg (_ bv4294967296 64)) w)) (assert (bvslt w (_ bv0 64)))
(assert (not (= (cut w) (bvadd w (_ bv4294967296 64)))))
(check-sat) (pop)

(echo "beyond")
(push)
(assert (bvuge w (_ bv4294967296 64))) (assert (bvult w (_ bv8589934592 64)))
(assert (not (= (cut w) (bvsub w (_ bv4294967296 64)))))
(check-sat) (pop)

; The place of an index x of 32 bits in a ring of n entries.
(declare-const x (_ BitVec 32))
(declare-const y (_ BitVec 32))
(declare-const n (_ BitVec 32))
(define-fun power () Bool (and (not (= n (_ bv0 32))) (bvule n (_ bv16777216 32))
  (= (bvand n (bvsub n (_ bv1 32))) (_ bv0 32))))
(define-fun place ((i (_ BitVec 32))) (_ BitVec 32) (bvand i (bvsub n (_ bv1 32))))
(echo "power_bound")
(push) (assert power)
(assert (not (and (bvuge n (_ bv1 32)) (bvule n (_ bv16777216 32))))) (check-sat) (pop)

(echo "place_is")
(push) (assert (not (= (place x) (bvand x (bvsub n (_ bv1 32)))))) (check-sat) (pop) ; its definition

(echo "place_below")
(push) (assert power) (assert (not (bvult (place x) n))) (check-sat) (pop)

; Where the entry `back` before x is.
(define-fun back () (_ BitVec 32) (bvsub x y))
(echo "place_back")
(push) (assert power) (assert (bvule back n))
(assert (not (= (place y) (ite (bvule back (place x))
  (bvsub (place x) back) (bvsub (bvadd (place x) n) back)))))
(check-sat) (pop)

; proofs/shifts.acsl: a shift by a constant is a product.
(define-fun product ((bits (_ BitVec 64)) (limit (_ BitVec 64)) (by (_ BitVec 64))) Bool
  (=> (bvult w limit) (= (bvshl w bits) (bvmul w by))))
(echo "shift_8")
(push) (assert (not (product (_ bv8 64) (_ bv256 64) (_ bv256 64)))) (check-sat) (pop)

(echo "shift_16")
(push) (assert (not (product (_ bv16 64) (_ bv65536 64) (_ bv65536 64)))) (check-sat) (pop)

(echo "shift_32")
(push) (assert (not (product (_ bv32 64) (_ bv4294967296 64) (_ bv4294967296 64)))) (check-sat) (pop)

; proofs/powers.acsl: power_of(n) is a name for this word, n < 64.
(define-fun power_of ((e (_ BitVec 64))) (_ BitVec 64) (bvshl one e))
(echo "shift_is")
(push) (assert (bvult i (_ bv64 64)))
(assert (not (and (= (power_of i) (bvshl one i)) (bvuge (power_of i) one)))) (check-sat) (pop)

; A quotient is what leaves a remainder below the divisor, without overflow.
(echo "right_is")
(push) (assert (bvult i (_ bv64 64)))
(assert (not (and
  (= (bvlshr (bvshl (bvlshr w i) i) i) (bvlshr w i))
  (bvule (bvshl (bvlshr w i) i) w)
  (bvult (bvsub w (bvshl (bvlshr w i) i)) (power_of i)))))
(check-sat) (pop)

(echo "span_0")
(push) (assert (not (= (power_of (_ bv39 64)) (_ bv549755813888 64)))) (check-sat) (pop)
(echo "span_1")
(push) (assert (not (= (power_of (_ bv30 64)) (_ bv1073741824 64)))) (check-sat) (pop)
(echo "span_2")
(push) (assert (not (= (power_of (_ bv21 64)) (_ bv2097152 64)))) (check-sat) (pop)
(echo "span_3")
(push) (assert (not (= (power_of (_ bv12 64)) (_ bv4096 64)))) (check-sat) (pop)

; proofs/untyped.acsl: sizes.
(echo "power_range")
(push) (assert (bvule i (_ bv47 64)))
(assert (not (and (bvule one (power_of i)) (bvule (power_of i) (_ bv140737488355328 64)))))
(check-sat) (pop)

(echo "power_below")
(push) (assert (bvult i k)) (assert (bvult k (_ bv64 64)))
(assert (not (bvult (power_of i) (power_of k)))) (check-sat) (pop)
(echo "power_4")
(push) (assert (not (= (power_of (_ bv4 64)) (_ bv16 64)))) (check-sat) (pop)
; A product that overflows has more than 64 bits.
(echo "power_divides")
(push) (assert (bvule i k)) (assert (bvult k (_ bv64 64)))
(define-fun wider ((x (_ BitVec 64))) (_ BitVec 128) ((_ zero_extend 64) x))
(assert (not (= (wider (power_of k)) (bvmul (wider (power_of (bvsub k i))) (wider (power_of i))))))
(check-sat) (pop)

; proofs/rights.acsl: single bits, and two rights under a mask.
(define-fun bit_at ((x (_ BitVec 64)) (v (_ BitVec 64))) (_ BitVec 64)
  (bvurem (bvudiv x v) (_ bv2 64)))
(echo "and_1")
(push) (assert (not (= (bvand w one) (bit_at w one)))) (check-sat) (pop)
(echo "and_2")
(push) (assert (not (= (bvand w (_ bv2 64)) (bvmul (bit_at w (_ bv2 64)) (_ bv2 64)))))
(check-sat) (pop)
(echo "and_4")
(push) (assert (not (= (bvand w (_ bv4 64)) (bvmul (bit_at w (_ bv4 64)) (_ bv4 64)))))
(check-sat) (pop)
(define-fun both ((v (_ BitVec 64))) Bool (and (= (bit_at w v) one) (= (bit_at l v) one)))
(echo "and_rights")
(push) (assert (or (bvult w (_ bv4 64)) (bvult l (_ bv4 64))))
(assert (not (= (bvand w l) (bvadd (ite (both (_ bv2 64)) (_ bv2 64) (_ bv0 64))
  (ite (both one) one (_ bv0 64))))))
(check-sat) (pop)

; proofs/wait.acsl, notification.acsl, cdt.acsl: the low two bits of a word.
(define-fun low_two ((x (_ BitVec 64))) (_ BitVec 64) (bvurem x (_ bv4 64)))
(echo "state_fits")
(push) (assert (not (bvult (low_two w) (_ bv4 64)))) (check-sat) (pop)
(echo "flags_fit")
(push) (assert (not (bvult (low_two w) (_ bv4 64)))) (check-sat) (pop)
; A link of zero: no pointer, no flags (slot_next, slot_flags of core/kernel.h).
(echo "link_of_empty")
(push)
(assert (not (and (= (bvsub (_ bv0 64) (low_two (_ bv0 64))) (_ bv0 64))
  (= (low_two (_ bv0 64)) (_ bv0 64)))))
(check-sat) (pop)

; proofs/untyped.acsl: names for product and quotient.
(reset)
(declare-const a Int)
(declare-const b Int)
(define-fun times ((m Int) (n Int)) Int (* m n))
(define-fun over ((m Int) (n Int)) Int (div m n))
(echo "times_is")
(push) (assert (not (= (times a b) (* a b)))) (check-sat) (pop)
(echo "over_is")
(push) (assert (<= 0 a)) (assert (< 0 b)) (assert (not (= (over a b) (div a b)))) (check-sat) (pop)
