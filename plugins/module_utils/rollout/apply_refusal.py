# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API server's refusal of an apply means, and what a person does about it."""

from __future__ import annotations

import re
from collections.abc import Callable

_LONGEST = 400
_INVALID = re.compile(r'The (?P<kind>\w+) "(?P<name>[^"]{1,253})" is invalid: (?P<rest>.*)', re.DOTALL)
_IMMUTABLE = re.compile(r"(?:^|[\s*:,])(?P<field>[a-zA-Z][\w.\[\]\"-]*): (?:Invalid value|Forbidden)\b[^\n]*?\b(?:immutable|updates to)\b")
_DENIED = re.compile(r'admission webhook "(?P<hook>[^"]{1,253})" denied the request: (?P<why>.*)')
_QUOTA = re.compile(r"exceeded quota: (?P<what>.*)")
_KIND = re.compile(r'no matches for kind "(?P<kind>\w+)" in version "(?P<version>[\w./-]+)"')
_CONFLICT = re.compile(r'conflicts? with "(?P<manager>[^"]{1,253})"')


def explain(stderr: str) -> tuple[str, str]:
    """(what it means, what to do) of kubectl's error; two empty texts for one that speaks for itself."""
    for reader in _READERS:
        if found := reader(stderr):
            return found[0][:_LONGEST], found[1]
    return "", ""


def _immutable(stderr: str) -> tuple[str, str] | None:
    invalid = _INVALID.search(stderr)
    fields = list(dict.fromkeys(match["field"] for match in _IMMUTABLE.finditer(invalid["rest"]))) if invalid else []
    if not (invalid and fields):
        return None
    return (
        f"the overlay changes {', '.join(fields)} of the {invalid['kind']} {invalid['name']}, which Kubernetes lets nobody change once the"
        " object is there",
        "Put the live value back into the overlay; to change it, delete the object and make it again at another time.",
    )


def _denied(stderr: str) -> tuple[str, str] | None:
    match = _DENIED.search(stderr)
    if not match:
        return None
    return (
        f"the admission webhook {match['hook']} denies it: {match['why'].strip()}",
        "Change the overlay so that the webhook's rule holds.",
    )


def _quota(stderr: str) -> tuple[str, str] | None:
    match = _QUOTA.search(stderr)
    return (f"a ResourceQuota refuses it: {match['what'].strip()}", "Raise the quota, or ask for less in the overlay.") if match else None


def _kind(stderr: str) -> tuple[str, str] | None:
    match = _KIND.search(stderr)
    if not match:
        return None
    return (
        f"the cluster knows no {match['kind']} of {match['version']}",
        "Install what brings that kind, or correct its apiVersion in the overlay.",
    )


def _conflict(stderr: str) -> tuple[str, str] | None:
    managers = list(dict.fromkeys(match["manager"] for match in _CONFLICT.finditer(stderr)))
    if not managers:
        return None
    return f"fields of it belong to {', '.join(managers)}", "Take these fields out of the overlay, or let that manager give them up."


_READERS: tuple[Callable[[str], tuple[str, str] | None], ...] = (_immutable, _denied, _quota, _kind, _conflict)
