# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a master key is the one that the data was encrypted under: told by decrypting a value and throwing it away.

Sources: the product's schema page (an encrypted field is four columns that end in _encrypted, _nonce, _tag, _scheme) and
its secrets page (AES-GCM-256). What stands in the scheme column is not documented, so it is an input.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

SUFFIXES = ("_encrypted", "_nonce", "_tag", "_scheme")

Outcome = Literal["fits", "wrong", "empty", "unknown scheme"]


@dataclass(frozen=True)
class EncryptedField:
    """The four columns of one field, named without their endings."""

    schema: str
    table: str
    field: str

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"{self.field}{suffix}" for suffix in SUFFIXES)

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}.{self.field}"


@dataclass(frozen=True)
class Trial:
    """What came of one field; `scheme` is what its scheme column holds."""

    field: EncryptedField
    outcome: Outcome
    scheme: str = ""


@dataclass(frozen=True)
class Proof:
    """proven: a value was decrypted. wrong: one was not. nothing: there is no value to try. unknown: none that can be tried."""

    state: Literal["proven", "wrong", "nothing", "unknown"]
    text: str


def find_fields(columns: Iterable[tuple[str, str, str]], table: str = "", field: str = "") -> list[EncryptedField]:
    """The fields among (schema, table, column); only those of the table and of the name that are given."""
    known = set(columns)
    stems = sorted({(schema, name, column.removesuffix(SUFFIXES[0])) for schema, name, column in known if column.endswith(SUFFIXES[0])})
    found = [EncryptedField(*stem) for stem in stems if all((stem[0], stem[1], stem[2] + suffix) in known for suffix in SUFFIXES)]
    return [
        one for one in found if table in {"", one.table, f"{one.schema}.{one.table}"} and field.removesuffix(SUFFIXES[0]) in {"", one.field}
    ]


def judge(trials: Sequence[Trial], source: str) -> Proof:
    """One value that does not decrypt outweighs all that do: a part of the data would stay unreadable."""
    wrong = [trial for trial in trials if trial.outcome == "wrong"]
    if wrong:
        return Proof(
            "wrong",
            f"The master key from {source} does not decrypt {', '.join(str(trial.field) for trial in wrong)}: the data was encrypted"
            " under another key, or in another way (ampora_key_canary)",
        )
    fitting = [trial for trial in trials if trial.outcome == "fits"]
    if fitting:
        return Proof("proven", f"The master key from {source} decrypts {', '.join(str(trial.field) for trial in fitting)}")
    unknown = [trial for trial in trials if trial.outcome == "unknown scheme"]
    if unknown:
        named = ", ".join(f"{trial.field} has the scheme {trial.scheme}" for trial in unknown)
        return Proof("unknown", f"Whether the master key from {source} fits the data is not proven: {named}, which ampora_key_canary lacks")
    return Proof("nothing", f"No encrypted value was found that the master key from {source} could be tried on")
