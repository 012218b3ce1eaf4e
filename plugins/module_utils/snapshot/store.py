# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where in an S3-compatible store a snapshot is, and whether the inputs can name such a place."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote

_ENDPOINT = re.compile(r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?/?")
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9._=-]+(/[A-Za-z0-9._=-]+)*")


def check_store(options: Mapping[str, str]) -> None:
    """Refuse inputs that name no store; `options` as ampora_snapshot_s3."""
    prefix = options["prefix"].strip("/")
    rules = {
        "endpoint": (
            not options["endpoint"] or bool(_ENDPOINT.fullmatch(options["endpoint"])),
            "an address such as https://s3.example.com:9000",
        ),
        "bucket": (bool(_BUCKET.fullmatch(options["bucket"])), "a bucket's name"),
        "prefix": (not prefix or bool(_PREFIX.fullmatch(prefix) and ".." not in prefix.split("/")), "names with / between them"),
    }
    for name, (fits, form) in rules.items():
        if not fits:
            raise UpgradeError(f"ampora_snapshot_s3.{name} is {quote(options[name])} and must be {form}.")
    if bool(options["access_key"]) != bool(options["secret_key"]):
        raise UpgradeError(
            "ampora_snapshot_s3 has only one of access_key and secret_key.", next_step="Give both, or none to use the environment's."
        )


def location(options: Mapping[str, str], run: str) -> dict[str, str]:
    """The place of a run's snapshot, as its manifest has it: without the keys."""
    prefix = options["prefix"].strip("/")
    return {"endpoint": options["endpoint"].rstrip("/"), "bucket": options["bucket"], "prefix": f"{prefix}/{run}" if prefix else run}


def check_method(method: str, options: Mapping[str, str]) -> None:
    """Only what is on the controller can be uploaded from there: the Job's image has no program that speaks to such a store."""
    if options["bucket"] and method != "local":
        raise UpgradeError(
            f"ampora_snapshot_s3 goes with ampora_snapshot_method: local, and the method is {method}.",
            next_step="Use the method local, or leave ampora_snapshot_s3 out and let your backup of the claim go to the store.",
        )
