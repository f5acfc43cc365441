#!/bin/bash
# Runs pip and shows a dot for every package; all that it wrote, if it fails.
# Usage: tools/quietly.sh COMMAND…
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf '   '
"$@" 2>&1 | tee "$log" | awk '/^ *(Collecting|Processing|Installing) / { printf "."; fflush() }'
status=${PIPESTATUS[0]}
installed=$(awk '/^Successfully installed/ { n = NF - 2 } END { print n + 0 }' "$log")
printf ' %s new\n' "$installed"
if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    printf '\nmake: the installation failed; what pip said is above.\n' >&2
    printf '  Cure: is there a network, and space on the disk? Then run make again.\n' >&2
fi
exit "$status"
