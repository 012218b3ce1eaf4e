#!/bin/sh
# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
# As the official image does: `postgres` makes its data directory at the first start; any other command is run as it is.
set -eu
if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
    initdb --username="${POSTGRES_USER:-postgres}" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync
    rm /tmp/password
    # From outside only over TLS.
    echo 'hostssl all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
fi
exec "$@"
