/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * SHA-256 blocks by the SHA-2 instructions (Arm ARM C7.2): v0 and v1 hold the state, v4…v7 the
 * message schedule, v16…v31 the constants.
 */
    .arch   armv8-a+crypto
    .text

    /* Four rounds on the words in \w0, and the next four words of the schedule in their place. */
    .macro  round w0, w1, w2, w3, k, more
    add     v8.4s, \w0\().4s, \k\().4s
    .if     \more
    sha256su0 \w0\().4s, \w1\().4s
    .endif
    mov     v9.16b, v0.16b
    sha256h q0, q1, v8.4s
    sha256h2 q1, q9, v8.4s
    .if     \more
    sha256su1 \w0\().4s, \w2\().4s, \w3\().4s
    .endif
    .endm

/* void sha256_blocks_a64(uint32_t state[8], const void *data, uint64_t count) */
    .global sha256_blocks_a64
sha256_blocks_a64:
    cbz     x2, 2f
    stp     d8, d9, [sp, #-16]!
    adrp    x3, sha256_constants
    add     x3, x3, :lo12:sha256_constants
    ld1     {v16.4s-v19.4s}, [x3], #64
    ld1     {v20.4s-v23.4s}, [x3], #64
    ld1     {v24.4s-v27.4s}, [x3], #64
    ld1     {v28.4s-v31.4s}, [x3]
    ld1     {v0.4s, v1.4s}, [x0]
1:  ld1     {v4.16b-v7.16b}, [x1], #64
    rev32   v4.16b, v4.16b
    rev32   v5.16b, v5.16b
    rev32   v6.16b, v6.16b
    rev32   v7.16b, v7.16b
    mov     v2.16b, v0.16b
    mov     v3.16b, v1.16b
    round   v4, v5, v6, v7, v16, 1
    round   v5, v6, v7, v4, v17, 1
    round   v6, v7, v4, v5, v18, 1
    round   v7, v4, v5, v6, v19, 1
    round   v4, v5, v6, v7, v20, 1
    round   v5, v6, v7, v4, v21, 1
    round   v6, v7, v4, v5, v22, 1
    round   v7, v4, v5, v6, v23, 1
    round   v4, v5, v6, v7, v24, 1
    round   v5, v6, v7, v4, v25, 1
    round   v6, v7, v4, v5, v26, 1
    round   v7, v4, v5, v6, v27, 1
    round   v4, v5, v6, v7, v28, 0
    round   v5, v6, v7, v4, v29, 0
    round   v6, v7, v4, v5, v30, 0
    round   v7, v4, v5, v6, v31, 0
    add     v0.4s, v0.4s, v2.4s
    add     v1.4s, v1.4s, v3.4s
    subs    x2, x2, #1
    b.ne    1b
    st1     {v0.4s, v1.4s}, [x0]
    ldp     d8, d9, [sp], #16
2:  ret
