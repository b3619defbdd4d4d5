#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# no tracked file names a directory of one particular machine
. "$(dirname "$0")/common.sh"
# Brackets keep this line from matching itself.
violations < <(git grep -nIE '(^|[^A-Za-z0-9_.$}/-])/([w]ork|[h]ome|[r]oot|[U]sers)/[A-Za-z0-9_.-]' -- . | cut -c1-160)
verdict
