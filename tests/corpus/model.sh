#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The model in lockstep with the kernel sees each thing it compares.
cd "$(dirname "$0")/../.." && exec build/san/model-test
