/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The suites, one per file of cases.
 */
#pragma once
#include "harness.h"

extern const struct suite suite_untyped;
extern const struct suite suite_cnode;
extern const struct suite suite_cspace;
extern const struct suite suite_tcb;
extern const struct suite suite_vspace;
extern const struct suite suite_asid;
extern const struct suite suite_registers;
extern const struct suite suite_ipc;
extern const struct suite suite_fault;
extern const struct suite suite_sched;
extern const struct suite suite_cdt;
extern const struct suite suite_notification;
extern const struct suite suite_irq;
extern const struct suite suite_boot;
extern const struct suite suite_domain;
extern const struct suite suite_memory;
extern const struct suite suite_debug;
extern const struct suite suite_edges;
extern const struct suite suite_fault_reply;
extern const struct suite suite_transfer;
extern const struct suite suite_wakeup;
