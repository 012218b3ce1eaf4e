# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encrypted values as the product keeps them, and a connection to a database that has them and nothing else."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.keys.encrypted import SUFFIXES
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.unit.doubles.scene import MASTER_KEY
from tests.unit.doubles.sql import Rows

NONCE = bytes(12)
Value = tuple[Any, Any, Any, Any]


def seal(key: str = MASTER_KEY, scheme: str = "aes-gcm-256") -> Value:
    """encrypted, nonce, tag, scheme."""
    sealed = AESGCM(base64.b64decode(key)).encrypt(NONCE, b"a private key", None)
    return sealed[:-16], NONCE, sealed[-16:], scheme


@dataclass
class EncryptedValues:
    """table -> the value of its field `secret`; None when no row has one."""

    values: dict[str, Value | None] = field(default_factory=lambda: {"ca_signing_keys": seal()})

    def execute(self, statement: Any) -> Rows:
        text = statement if isinstance(statement, str) else statement.as_string(None)
        if "information_schema.columns" in text:
            return Rows([("public", table, f"secret{suffix}") for table in self.values for suffix in SUFFIXES])
        value = next(value for table, value in self.values.items() if f'"public"."{table}"' in text)
        return Rows([] if value is None else [value])
