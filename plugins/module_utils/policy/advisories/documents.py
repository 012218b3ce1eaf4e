# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of any of the three forms, told apart by what they hold; and several about the same vulnerability made one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories import csaf, gitlab, osv
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import Advisory
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.cvss import worst
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.values import shown

_FORMS = ((csaf.is_csaf, csaf.read), (osv.is_osv, osv.read), (gitlab.is_gitlab, gitlab.read))
_LONGEST_REASON = 300


def read(document: object, source: str, package: str) -> tuple[list[Advisory], list[str]]:
    """The advisories about the package in a document or a list of them, and what could not be read, each with its source."""
    advisories: list[Advisory] = []
    unread: list[str] = []
    for part in _parts(document):
        try:
            found = _read_one(part, package)
        except UpgradeError as error:
            unread.append(_reason(source, error.message.rstrip(".")))
        else:
            advisories += [replace(one, problems=tuple(_reason(f"{source}: {one.id}", why) for why in one.problems)) for one in found]
    return advisories, unread


def merge(advisories: Iterable[Advisory]) -> tuple[list[Advisory], list[str]]:
    """One advisory for each vulnerability, and what of them could not be evaluated; the order that is given does not matter.

    Of the same document only the last one modified counts, and a withdrawn one is left out, as OSV says of both. Documents
    with an id in common are about the same vulnerability (aliases are symmetric and transitive): what any of them says is
    affected is.
    """
    newest: dict[str, float] = {}
    given = list(advisories)
    for one in given:
        newest[one.document] = max(newest.get(one.document, one.modified), one.modified)
    valid = [one for one in given if not one.withdrawn and (not one.document or one.modified == newest[one.document])]
    found = [_as_one(group) for group in _groups(valid)]
    problems = sorted({problem for one in found for problem in one.problems})
    return sorted(found, key=lambda one: one.id), problems


def _parts(document: object) -> Sequence[object]:
    if isinstance(document, list):
        return document
    if isinstance(document, Mapping) and isinstance(document.get("vulns"), list):
        return list(document["vulns"])  # the answer of a query to osv.dev
    if isinstance(document, Mapping) and (document.keys() >= {"canonical_url", "publisher"} or "feed" in document):
        return ()  # a CSAF provider's metadata and feed, which lie beside its advisories
    return (document,)


def _read_one(document: object, package: str) -> list[Advisory]:
    if isinstance(document, Mapping):
        for is_form, reader in _FORMS:
            if is_form(document):
                return reader(document, package)
    has = f"it has {quote(', '.join(map(str, document)))}" if isinstance(document, Mapping) else f"it is {shown(document)}"
    raise UpgradeError(f"it is neither OSV nor CSAF 2.0 nor GitLab's form: {has}")


def _reason(source: str, why: str) -> str:
    return f"{source}: {why}"[:_LONGEST_REASON]


def _groups(advisories: Sequence[Advisory]) -> list[list[Advisory]]:
    """Those that are joined by a name, also by way of others."""
    groups: dict[str, list[Advisory]] = {}
    for one in advisories:
        joined = {id(groups[name]): groups[name] for name in one.names if name in groups}
        members = [one, *(member for group in joined.values() for member in group)]
        groups |= {name: members for member in members for name in member.names}
    return list({id(members): members for members in groups.values()}.values())


def _as_one(group: Sequence[Advisory]) -> Advisory:
    """Its id is the CVE where it has one, since that is the name by which a person finds it everywhere."""
    ordered = sorted(group, key=lambda one: (one.document, one.id, one.summary, one.url))
    names = sorted(
        {name for one in ordered for name in (one.id, *one.aliases)}, key=lambda name: (not name.upper().startswith("CVE-"), name)
    )
    return Advisory(
        id=names[0],
        document=ordered[0].document,
        modified=max(one.modified for one in ordered),
        aliases=tuple(names[1:]),
        summary=next((one.summary for one in ordered if one.summary), ""),
        severity=worst(one.severity for one in ordered),
        url=next((one.url for one in ordered if one.url), ""),
        affected=tuple(sorted({part for one in ordered for part in one.affected}, key=str)),
        investigated=tuple(sorted({part for one in ordered for part in one.investigated}, key=str)),
        problems=tuple(sorted({problem for one in ordered for problem in one.problems})),
    )
