#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Kernel and root task boot in every format, at every exception level, with both interrupt
# controllers, compressed and signed or not, with one and four CPUs: every pair of those once.
exec "$(dirname "$0")/../boot/matrix.py" --tap
