# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# To be sourced by the checks. A check looks at the tree in the current directory, prints one line
# for each violation ("file:line: what") and ends through `verdict`.
# Keeps true: only tracked files count, so that a file in the making bothers nobody.
export LC_ALL=C
found=0

# Tracked files that exist and match the patterns, one a line.
tracked() {
    git ls-files --cached -- "$@" | while IFS= read -r f; do [ -f "$f" ] && printf '%s\n' "$f"; done
}

# Reads violations, prints them and remembers that there were some.
violations() {
    local line
    while IFS= read -r line; do
        printf '%s\n' "$line"
        found=1
    done
}

verdict() {
    exit "$found"
}
