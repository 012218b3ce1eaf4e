# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The things that notes speak about and a deployment uses: configuration keys, endpoints and metrics, recognised by their form.

A key is written in three ways (`Section:Key`, `SECTION__KEY` and, for what is read from the environment only, `AMPORA_NAME`), and
.NET does not look at its case; so each has one comparable form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["key", "endpoint", "metric", "other"]

LONGEST = 20_000  # characters of one item in which subjects are looked for
_METHOD = r"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)"
_ENDPOINT = re.compile(rf"(?<![\w:/.)>-])(?:({_METHOD}(?:[|/]{_METHOD}){{0,6}})\s{{1,2}})?(/[\w{{}}:.*/<>-]{{1,200}})")
# A path without a method is one only where the product serves paths; others are files.
_SERVED = re.compile(r"/(?:api|v\d{1,3}|health|metrics|signin-oidc)(?![\w-])", re.IGNORECASE)
_SEGMENT = r"[A-Za-z](?:[A-Za-z0-9_.-]{0,99}[A-Za-z0-9])?"
_PLACE = r"\d{1,4}(?=:)|\*|\{\w{0,40}\}|<\w{0,40}>"
_COLON_KEY = re.compile(rf"[A-Z](?<![\w:/.@-].)[A-Za-z0-9.]{{0,99}}(?::(?:{_SEGMENT}|{_PLACE})){{1,20}}(?![\w/@])")
_SHORT_KEY = re.compile(rf":(?<![\w:/.@-].)[A-Z](?:[A-Za-z0-9_.-]{{0,99}}[A-Za-z0-9])?(?::{_SEGMENT}){{0,10}}(?![\w/@:])")
_WORD = re.compile(r"[A-Za-z](?<![\w$./:-].)[A-Za-z0-9_]{2,200}(?![\w/])")
_ENVIRONMENT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_OWN = ("AMPORA_", "ASPNETCORE_", "DOTNET_")
_CAMEL = r"[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+"
_HUMP = re.compile(r"[A-Z][a-z0-9]+[A-Z]")  # what every name of that form has
_THINGS = ("key", "setting", "option", "variable", "parameter")
_THING = rf"(?:{'|'.join(_THINGS)})s?"
_CALLED_KEY = re.compile(rf"\b{_THING}\s{{1,2}}({_CAMEL})\b|(?<![\w:./])({_CAMEL})(?=\s{{1,2}}(?:configuration\s|config\s)?{_THING}\b)")
_PARAMETER = re.compile(r"\{[^{}/]*\}|<[^<>/]*>|(?<=/):\w+|(?<=/)\*+")
_ANY = re.compile(r"\*|\{[^{}]*\}|<[^<>]*>")


class Subject(NamedTuple):
    """A thing named in a text: `name` as it is written, `key` as it is compared."""

    kind: Kind
    name: str
    key: str
    start: int = 0
    end: int = 0

    def after(self, place: int) -> Subject:
        """The same, in the text that begins at this place."""
        return Subject(self.kind, self.name, self.key, self.start - place, self.end - place) if place else self


def normal_key(name: str) -> str:
    """The comparable form of a configuration key: no case, and `:` between the segments."""
    segments = (segment.strip() for segment in name.lower().replace("__", ":").split(":"))
    return ":".join(segment for segment in segments if segment)


def normal_endpoint(name: str) -> str:
    """The comparable form of an endpoint: its methods in order and its path, with every parameter as `{}`."""
    methods, path = _taken_apart(name)
    path = _PARAMETER.sub("{}", "".join(path.split("?", 1)[0].split())).rstrip("/.:") or "/"
    return f"{'|'.join(methods)} {path}".lower().strip()


def covers(named: Subject, other: Subject) -> bool:
    """Whether what is said of `named` is said of `other`: the same, a key of the named section, or one method of the named path."""
    if named.kind != other.kind:
        return False
    if named.kind == "key":
        return covers_key(named.key, other.key)
    if named.kind == "endpoint":
        (methods, path), (others, other_path) = _taken_apart(named.key), _taken_apart(other.key)
        return path == other_path and (not methods or not others or bool(set(methods) & set(others)))
    return named.key == other.key


def covers_key(named: str, other: str) -> bool:
    """Whether a key in its comparable form is another, or the section that the other stands in; `*` and `{name}` are any segment."""
    wanted, present = named.split(":"), other.split(":")
    pairs = zip(wanted, present, strict=False)
    return bool(named) and len(wanted) <= len(present) and all(a == b or _ANY.fullmatch(a) is not None for a, b in pairs)


def find(text: str, visible: str) -> list[Subject]:
    """The subjects of a text in their order; `visible` is the same text without what stands in code."""
    found: list[Subject] = []
    end = 0
    for subject in sorted(_candidates(text[:LONGEST], visible), key=lambda item: (item.start, -item.end)):
        if subject.start >= end:
            found.append(subject)
            end = subject.end
    return found


def _candidates(text: str, visible: str) -> Iterator[Subject]:
    for match in _ENDPOINT.finditer(text) if "/" in text else ():
        if match[1] or _SERVED.match(match[2]):
            name = match[0].rstrip("/.:")
            yield Subject("endpoint", name, normal_endpoint(name), match.start(), match.start() + len(name))
    if ":" in text:
        yield from _colon_keys(text, visible)
    for match in _WORD.finditer(text) if "_" in text else ():  # none of the kinds is without
        kind = _kind_of_word(match[0], in_code=match[0] not in visible)
        if kind:
            yield Subject(kind, match[0], normal_key(match[0]), match.start(), match.end())
    for match in _CALLED_KEY.finditer(text) if any(map(text.__contains__, _THINGS)) and _HUMP.search(text) else ():
        group = 1 if match[1] else 2
        if match[group] not in visible:
            yield Subject("key", match[group], normal_key(match[group]), match.start(group), match.end(group))


def _colon_keys(text: str, visible: str) -> Iterator[Subject]:
    """Keys with colons; ":Name" after one is its neighbour, as in `Dispatch:Backplane` / `:RedisConnectionString`."""
    whole = [match for match in _COLON_KEY.finditer(text) if match[0] not in visible or _is_spelt_as_key(match[0])]
    for match in whole:
        yield Subject("key", match[0], normal_key(match[0]), match.start(), match.end())
    for match in _SHORT_KEY.finditer(text):
        before = [item for item in whole if item.end() <= match.start()]
        if before:
            name = before[-1][0].rpartition(":")[0] + match[0]
            yield Subject("key", name, normal_key(name), match.start(), match.end())


def _is_spelt_as_key(name: str) -> bool:
    """In prose every segment begins with a capital; "Note:this" does not."""
    return all(not segment[0].islower() for segment in name.split(":"))


def _kind_of_word(word: str, *, in_code: bool) -> Kind | None:
    if word.endswith("_"):
        return None
    if "__" in word:
        return "key"
    if word.startswith("ampora_") and word.islower():
        return "metric"
    if _ENVIRONMENT.fullmatch(word) and (in_code or word.startswith(_OWN)):
        return "key"
    return None


def _taken_apart(name: str) -> tuple[list[str], str]:
    """(methods in order, path)."""
    first, _space, rest = name.strip().partition(" ")
    if not rest.strip() or first.startswith("/"):
        return [], name.strip()
    return sorted(set(first.upper().replace("|", "/").split("/")) - {""}), rest.strip()
