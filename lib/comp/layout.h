/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The address space and the CSpace of a component: where everything is, the same in every
 * component. Addresses below 2^40 belong to identity-mapped DMA memory alone: no physical address
 * of a machine of 40 bits can meet anything else. Who makes a component (lib/spawn) and who runs in
 * it (lib/comp) both read this.
 *
 * A component starts at its ELF entry with sp = LAYOUT_STACK_TOP and every other register 0, its
 * environment, control page (zero-filled) and IPC buffer mapped. It sets TPIDR_EL0 itself, to a
 * block in its own image.
 */
#pragma once

/* Virtual addresses. Every region is 2^36 bytes (64 GiB) but the first. */
#define LAYOUT_IDENTITY_END 0x10000000000u /* [0, 2^40): DMA memory, virtual = physical address */
#define LAYOUT_IMAGE        0x10000000000u /* components are linked here (components/component.ld) */
#define LAYOUT_ENV          0x11000000000u /* the environment page (comp/env.h), read-only */
#define LAYOUT_CONTROL      0x11000010000u /* the control page, writable, shared with the root task */
#define LAYOUT_IPC_BUFFER   0x11000020000u /* the thread's IPC buffer, one page */
#define LAYOUT_STACK_TOP    0x12fffff0000u /* grows down on demand; below its limit a guard page */
#define LAYOUT_HEAP         0x13000000000u /* grows up on demand */
#define LAYOUT_MMIO         0x14000000000u /* device registers */
#define LAYOUT_SHARED       0x15000000000u /* channel buffers, rings */
#define LAYOUT_MAPPED       0x16000000000u /* what SYSTEM_MAP gives */
#define LAYOUT_END          0x17000000000u

/* Slots of a component's CNode. */
enum layout_slot {
    SLOT_SYSTEM = 1,       /* badged endpoint of the root task: Send, GrantReply */
    SLOT_CNODE = 2,        /* the CNode itself, for receive paths and deletion of own slots; guarded
                              as the thread's root is: index = slot, depth = 64 */
    SLOT_NOTIFICATION = 3, /* the component's notification, bound to its thread: Receive */
    SLOT_SERVICE = 4,      /* its service endpoint, when it serves a channel: Receive */
    SLOT_FAULT = 5,        /* the kernel sends the thread's faults to it; of no use to the thread */
    SLOT_ENV = 8,          /* from here on: caps of environment entries */
};

enum {
    LAYOUT_CNODE_BITS = 8, /* slots of a component's CNode unless its description says more */
    LAYOUT_STACK_BYTES = 64 * 1024,
};
