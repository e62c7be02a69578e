#!/usr/bin/env bash
# Fuzzes every target for a time each. Usage: fuzz.sh TIME (30s)
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}

# shellcheck disable=SC2016
targets() { # lines of "package target"
  go list -f '{{$p := .}}{{range .TestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}{{"\n"}}{{end}}{{range .XTestGoFiles}}{{$p.ImportPath}} {{$p.Dir}}/{{.}}{{"\n"}}{{end}}' ./... |
    while read -r package file; do
      [ -n "$file" ] || continue
      sed -n "s/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p" "$file" | sed "s|^|$package |"
    done
}

n=0
while read -r package target; do
  printf '== %s %s\n' "$package" "$target"
  go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 1s "$package" </dev/null
  n=$((n + 1))
done < <(targets)
printf '%d targets fuzzed for %s each\n' "$n" "$time"
