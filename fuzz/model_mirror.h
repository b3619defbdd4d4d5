/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * The kernel's state as the model sees it: inside of model_check.h.
 */
#pragma once
#include "kernel.h"
#include "model/model.h"

/* Without its place in the derivation tree. */
struct m_cap mirror_cap(struct cap cap);
/* Number of a slot in the model, 0 for NULL. */
uint16_t mirror_slot(const struct cpu *cpu, const struct slot *slot);
/* The kernel's slot of that number, of a CNode or an interrupt. */
const struct slot *mirror_kernel_slot(const struct model *m, const struct cpu *cpu, uint16_t slot);
/* A descriptor in the model's words. */
uint64_t mirror_entry(uint64_t pte, unsigned level);
void mirror_thread(struct m_thread *t, const struct cpu *cpu, const struct tcb *tcb);
/* Fills a zeroed model. */
void mirror_fill(struct model *m, const struct cpu *cpu, const struct slot *root, uint64_t slots);

/* First difference, in words, or NULL. */
const char *compare_changed(struct model *m, const struct cpu *cpu);
const char *compare_all(struct model *m, const struct cpu *cpu);
