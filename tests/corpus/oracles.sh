#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Each oracle of the fuzzer on what a trap changed fires when the state is damaged on purpose.
cd "$(dirname "$0")/../.." && exec build/san/oracle-test
