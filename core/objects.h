/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Decode functions of all methods, by file. Each checks in the order of abi/invocations.md and
 * changes nothing.
 */
#pragma once
#include "invoke.h"

/* untyped.c */
decode_fn decode_untyped_retype;
/* tcb_registers.c */
decode_fn decode_tcb_read_registers, decode_tcb_write_registers, decode_tcb_copy_registers;
/* tcb_space.c */
decode_fn decode_tcb_configure, decode_tcb_set_ipc_buffer, decode_tcb_set_space;
/* tcb_control.c */
decode_fn decode_tcb_set_priority, decode_tcb_set_mc_priority, decode_tcb_set_sched_params;
decode_fn decode_tcb_suspend, decode_tcb_resume, decode_tcb_bind_notification;
decode_fn decode_tcb_unbind_notification, decode_tcb_set_tls_base, decode_tcb_set_flags;
/* cnode.c */
decode_fn decode_cnode_revoke, decode_cnode_delete, decode_cnode_cancel_badged_sends;
decode_fn decode_cnode_copy, decode_cnode_mint, decode_cnode_move, decode_cnode_mutate;
decode_fn decode_cnode_rotate, decode_cnode_save_caller;
/* irq_invoke.c */
decode_fn decode_irq_control_get, decode_irq_control_get_trigger, decode_irq_control_issue_sgi;
decode_fn decode_irq_handler_ack, decode_irq_handler_set_notification, decode_irq_handler_clear;
/* domain_invoke.c */
decode_fn decode_domain_set, decode_domain_schedule_configure, decode_domain_schedule_set_start;
/* page_table.c */
decode_fn decode_page_table_map, decode_page_table_unmap;
/* frame.c */
decode_fn decode_page_map, decode_page_unmap, decode_page_get_address;
/* cache.c */
decode_fn decode_page_cache, decode_vspace_cache;
/* asid_invoke.c */
decode_fn decode_asid_control_make_pool, decode_asid_pool_assign;
/* smc.c */
decode_fn decode_smc_call;
