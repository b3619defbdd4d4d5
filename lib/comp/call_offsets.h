/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Numbers of comp/call.S; comp/comp.c asserts that they are the C ones.
 */
#pragma once
#define LAYOUT_CONTROL_ADDRESS 0x11000010000
#define CONTROL_CHANNEL        0
#define CONTROL_CALL_START     8
#define MESSAGE_BADGE          0
#define MESSAGE_INFO           8
#define MESSAGE_MR             16
#define CALL_BROKEN            0xdead000
#define SYSTEM_BROKEN_NUMBER   9
