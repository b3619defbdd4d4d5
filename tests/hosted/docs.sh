#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The runner of the documentation's commands runs marked blocks only, and sees bad ones fail.
. "$(dirname "$0")/../tap.sh"

page() {
    { printf 'Text.\n\n' && cat && printf '\nMore.\n'; } >"$T/page.md"
}
run() {
    tools/doc-commands.sh "${1:-short}" "$T/page.md"
}

page <<'P'
```sh ci
echo hello; test -f README.md
```
<!-- expect: ^hel+o$ -->

```sh
false
```

```sh ci-long
echo long
```
P
status_is "good blocks pass, unmarked ones are not run" 0 run
equals "one block was run" "1..1" "$(tail -n 1 "$T/out")"
status_is "long blocks run on their own" 0 run long
contains "the long block was the one" '^ok 1 - .*echo long' "$T/out"

printf '```sh ci\ntrue\nfalse\ntrue\n```\n' | page
status_is "a block whose middle command fails is a failure" 1 run
printf '```sh ci\necho bye\n```\n<!-- expect: ^hello -->\n' | page
status_is "a block without the expected line is a failure" 1 run
contains "it says what was missing" 'expected-line' "$T/out"
printf '```sh ci\ntrue\n```\n```sh ci\nfalse\n```\n' | page
status_is "the second of two blocks counts too" 1 run
contains "both are named" '^not ok 2 - .*page.md:[0-9]+: false' "$T/out"
done_testing
