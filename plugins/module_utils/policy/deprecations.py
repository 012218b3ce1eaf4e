# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which deprecated features the logs show in use, and which of them this hop removes.

The product warns on every use, and its Upgrades page gives the search: category=Ampora.* level=Warning message=*deprecated*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy import wording
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.announcements import Announcement
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.log_record import LogRecord, named_places, read_record
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.subjects import Subject, covers, find

if TYPE_CHECKING:
    import semver

MOST_FEATURES = 500  # a product has a handful; more means that the messages are not what they seem
_MOST_EVIDENCE = 20
_WORDS = (b"eprecated", b"EPRECATED")  # a case-blind search costs five times as much on the lines without it
_CATEGORY = re.compile(r"Ampora(?:\..*)?", re.IGNORECASE | re.DOTALL)
_LEVELS = {"warning", "warn"}
_FEATURE = ("Feature", "feature", "Key", "key", "Endpoint", "endpoint", "Path", "Setting", "Option", "Name")
_VARYING = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b|(?<![\w.])\d+(?![\w.])", re.IGNORECASE)
_WINDOW = re.compile(r"(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", re.ASCII)
_LONGEST_WINDOW = 90 * 86400


@dataclass(frozen=True)
class Use:
    """A deprecated feature, how often its warning was seen, and when last (seconds since 1970; 0 is not known)."""

    feature: str
    message: str
    count: int
    last: float

    def and_again(self, other: Use) -> Use:
        later = max(self, other, key=lambda use: (use.last, use.message))
        return Use(self.feature, later.message, self.count + other.count, later.last)

    def described(self) -> str:
        """One line of evidence."""
        last = f", last at {datetime.fromtimestamp(self.last, UTC):%Y-%m-%dT%H:%M:%SZ}" if self.last else ""
        return f"{quote(self.feature)}: {self.count} times{last}: {quote(self.message, 160)}"


@dataclass
class Tally:
    """The uses by feature; it stays small however long the logs are."""

    uses: dict[str, Use] = field(default_factory=dict)
    others: int = 0  # uses of features beyond the most that are kept apart
    unread: int = 0  # lines that speak of something deprecated, in a form that is not recognised
    example: str = ""  # the first of those

    def add(self, line: bytes, at: float = 0.0) -> None:
        """Count a line of a log, if it warns of a deprecated feature; most lines are told by one look at their bytes.

        `at` is when it was written, as far as its keeper knows: for a line that does not say so itself.
        """
        if not any(map(line.__contains__, _WORDS)):
            return
        record = read_record(line)
        if record is None or not (record.category and record.level and record.template):
            self.unread += 1
            self.example = self.example or line[:200].decode(errors="replace")
        elif _warns(record):
            self._count(Use(_feature(record), record.message, 1, record.time or at))

    def add_all(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self.add(line)

    def _count(self, use: Use) -> None:
        known = self.uses.get(use.feature)
        if known:
            self.uses[use.feature] = known.and_again(use)
        elif len(self.uses) < MOST_FEATURES:
            self.uses[use.feature] = use
        else:
            self.others += use.count


@dataclass(frozen=True)
class LogFacts:
    """What the logs say of the last `window` seconds; `short` names each log that does not reach back so far."""

    tally: Tally
    window: int
    short: tuple[str, ...] = ()


def window_seconds(text: str) -> int:
    """How far back the logs are read; 0 is not at all."""
    match = _WINDOW.fullmatch(text.replace(" ", ""))
    days, hours, minutes, seconds = (int(number or 0) for number in match.groups()) if match else (0, 0, 0, 0)
    found = 86400 * days + 3600 * hours + 60 * minutes + seconds
    if text.strip() == "0" or 0 < found <= _LONGEST_WINDOW:
        return found
    raise UpgradeError(
        f"ampora_log_window is {quote(text)}, which is nothing such as 90m, 24h, 7d or 1d12h, up to 90d.",
        next_step='Set ampora_log_window, e.g. "24h", or "0" to leave the logs out.',
    )


def judge(facts: LogFacts) -> list[Finding]:
    """What is in use, whatever the hop."""
    findings = []
    if facts.short:
        text = (
            f"{'A log does' if len(facts.short) == 1 else f'{len(facts.short)} logs do'} not reach back as far as ampora_log_window asks:"
            " what was used before is not seen; name Loki in ampora_loki_url, or plan again later."
        )
        findings.append(Finding("log-window-short", "info", text, evidence=facts.short[:_MOST_EVIDENCE]))
    if facts.tally.unread:
        text = (
            f"Lines of the logs speak of something deprecated and are not in a form that is recognised ({facts.tally.unread} of them):"
            " what they warn of is not counted; read them yourself, or let the product log as JSON."
        )
        findings.append(Finding("log-unreadable", "info", text, evidence=(quote(facts.tally.example, 160),)))
    uses = _by_count(facts.tally.uses)
    if uses:
        more = facts.tally.others + sum(use.count for use in uses[_MOST_EVIDENCE:])
        names = ", ".join(quote(use.feature) for use in uses[:3]) + (f" and {len(uses) - 3} more" if len(uses) > 3 else "")
        text = f"The logs warn of deprecated features in use: {names}. Plan to leave them before the release that removes them."
        rest = (f"and {more} more warnings",) if more else ()
        findings.append(Finding("deprecated-in-use", "info", text, evidence=(*(use.described() for use in uses[:_MOST_EVIDENCE]), *rest)))
    return findings


def judge_removals(facts: LogFacts, said: Sequence[Announcement], current: semver.Version, target: semver.Version) -> list[Finding]:
    """What is in use and gone after this hop, by its notes or by the warning's own words."""
    gone = [announced for announced in said if announced.what in {"removed", "renamed"}]
    findings = []
    for use in _by_count(facts.tally.uses):
        told = next((announced for announced in gone if _is_about(announced, use)), None)
        named = "" if told else _named_removal(use.message, current, target)
        if told or named:
            what = f"is {told.what} in {told.version}" if told else f"is removed in {named}, as the warning itself says"
            instead = f" Use {told.replacement} instead." if told and told.replacement else ""
            text = f"{quote(use.feature)} {what}, and the logs show it in use ({use.count} times).{instead} Stop using it, then plan again."
            evidence = (use.described(), *((told.item.place(),) if told else ()))
            findings.append(Finding("deprecated-in-use-removed", "block", text, evidence=evidence))
    return findings


def _warns(record: LogRecord) -> bool:
    level, category = record.level.strip().lower(), record.category.strip()
    return level in _LEVELS and _CATEGORY.fullmatch(category) is not None and "deprecated" in record.message.lower()


def _feature(record: LogRecord) -> str:
    """What the uses are grouped by: the name that the warning gives, the thing nearest to "deprecated", or its words without numbers."""
    named = _named(record) or _nearest(record.message)
    if named.startswith("/") or " /" in named:  # an endpoint: one, whatever values its parameters have
        named = _VARYING.sub("{}", named)
    return (named or _VARYING.sub("#", record.template if "{" in record.template else record.message))[:200]


def _named(record: LogRecord) -> str:
    """What the properties name: those of the template, where it has any; others are about the request or the user."""
    places = named_places(record.template) or set(record.properties)
    return next((record.properties[name] for name in _FEATURE if name in places and record.properties.get(name)), "")


def _nearest(message: str) -> str:
    """ "Use X instead of the deprecated Y" is about Y; "Y is deprecated, use X" as well."""
    word = message.lower().find("deprecated")
    subjects = find(message, message)
    return min(subjects, key=lambda subject: max(word - subject.end, subject.start - word)).name if subjects else ""


def _is_about(announced: Announcement, use: Use) -> bool:
    """Whether a note speaks of the feature: as the same key or endpoint, or by its name anywhere in the warning's own feature."""
    subject = announced.about()
    if any(covers(subject, _at(subject, other)) or covers(other, subject) for other in _subjects(use)):
        return True
    return bool(announced.name) and re.search(rf"(?<!\w){re.escape(announced.name)}(?!\w)", use.feature, re.IGNORECASE) is not None


def _at(named: Subject, used: Subject) -> Subject:
    """An endpoint as it was called, with the note's parameters in place of their values."""
    wanted, present = named.key.split("/"), used.key.split("/")
    if len(wanted) != len(present):
        return used
    return used._replace(key="/".join("{}" if a == "{}" else b for a, b in zip(wanted, present, strict=True)))


def _subjects(use: Use) -> Iterator[Subject]:
    """The things in the feature's name, which is read as if it stood in code; where there are none, those of the warning."""
    found = find(use.feature, "")
    yield from found or find(use.message, use.message)


def _named_removal(message: str, current: semver.Version, target: semver.Version) -> str:
    """The version on this hop in which a warning says that the feature goes."""
    named = wording.removal_version(message)
    first = tuple(int(part) for part in named.split(".") if part)  # 1.7 comes before 1.7.0 and after each 1.6
    ends = [(version.major, version.minor, version.patch) for version in (current, target)]
    return named if ends[0] < first <= ends[1] else ""


def _by_count(uses: Mapping[str, Use]) -> list[Use]:
    return sorted(uses.values(), key=lambda use: (-use.count, use.feature))
