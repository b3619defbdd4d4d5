#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# a folder includes only from the folders that the design lets it know
. "$(dirname "$0")/common.sh"
violations < <(tracked '*.c' '*.h' '*.S' | python3 "$(dirname "$0")/includes.py")
verdict
