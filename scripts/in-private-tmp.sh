#!/usr/bin/env bash
# Runs a command with a temporary folder of its own, then looks for servers and
# browsers that it left running: they hold that folder in their command line.
# Leftovers are ended and make the run fail. Usage: in-private-tmp.sh COMMAND...
set -uo pipefail

grace=15 # seconds for what is on its way out

# Short: the path of a Unix socket has 107 bytes at most. Others may enter:
# root's PostgreSQL runs as the user postgres.
TMPDIR=$(mktemp -d /tmp/gd.XXXXXX) || exit 1
export TMPDIR
chmod 755 "$TMPDIR"

leftovers() {
  local pid
  for pid in $(pgrep -f "$TMPDIR/" || true); do
    [ "$pid" = "$$" ] || printf '%s ' "$pid"
  done
}

"$@"
status=$?

end=$((SECONDS + grace))
while [ -n "$(leftovers)" ] && [ "$SECONDS" -lt "$end" ]; do sleep 0.5; done
for pid in $(leftovers); do
  printf 'left running by the tests: %s %s\n' "$pid" "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)" >&2
  kill -9 "$pid" 2>/dev/null
  [ "$status" -ne 0 ] || status=1
done
rm -rf "$TMPDIR"
exit "$status"
