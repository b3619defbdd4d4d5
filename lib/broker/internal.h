/* SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Shared by the broker's own files.
 */
#pragma once
#include "broker/broker.h"

/* Adds a CNode unless `count` slots and what splitting any block takes are free. */
void broker_reserve(struct broker *b, uint32_t count);

enum broker_code broker_refuse_slots(struct broker *b, uint16_t client, uint32_t count);
