#!/bin/sh
# Generates the secrets of compose.yaml once: a folder per program, readable only by its user.
set -eu
umask 077

secret() {
  od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

# Writes a file atomically, so that the next start completes an interrupted one.
write() {
  cat >"$1.new"
  chown "$2" "$1.new" "$(dirname "$1")"
  mv "$1.new" "$1"
}

cd "${1:-/secrets}"
if [ ! -e database/password ]; then
  secret | write database/password postgres
fi
if [ ! -e conduit/conduit.yaml ]; then
  write conduit/conduit.yaml 65532:65532 <<SETTINGS
database_url: postgres://conduit:$(cat database/password)@database/conduit
jwt_secret: $(secret)
SETTINGS
fi
if [ ! -e grafana/password ]; then
  secret | write grafana/password 472:0
fi
