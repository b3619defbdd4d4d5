/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * What worker.S knows of struct step; step.c asserts it.
 */
#pragma once
#define STEP_NUMBER  48
#define STEP_ADDRESS 56
#define STEP_STORE   2
#define STEP_FP      3
