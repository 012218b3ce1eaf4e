# Copyright: (c) 2026, the ampora.upgrades authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and keys of this one sandbox: random, made at the first `up`, gone after `down`."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass

from tests.sandbox import paths
from tests.sandbox.files import write


@dataclass(frozen=True)
class Credentials:
    postgres_password: str
    ampora_password: str
    master_key: str  # base64 of 32 bytes, as the product wants it
    oidc_client_secret: str


def load() -> Credentials:
    if not paths.SECRETS.exists():
        words = [secrets.token_urlsafe(18) for _unused in range(3)]
        fresh = Credentials(words[0], words[1], base64.b64encode(secrets.token_bytes(32)).decode(), words[2])
        write(paths.SECRETS, json.dumps(asdict(fresh)).encode())
    return Credentials(**json.loads(paths.SECRETS.read_text()))
