# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security advisories from a directory, a file or an address: OSV, CSAF 2.0 or GitLab's form, in JSON or YAML (docs/advisories.md)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories import documents
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.advisory import Advisory
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.advisories.values import line
from ansible_collections.ampora.upgrades.plugins.plugin_utils.web import Http

MAX_BYTES = 4 * 1024 * 1024  # a file
MAX_TOTAL_BYTES = 64 * 1024 * 1024
MAX_FILES = 10_000
MAX_DEPTH = 100  # of lists and objects in one another
SUFFIXES = (".json", ".yml", ".yaml")
TIMEOUT = 10
DEADLINE_SECONDS = 60.0
NEXT_STEP = "Name a directory, a file or an address with advisories as in docs/advisories.md in ampora_advisories, or leave it empty."
# With libyaml ten times as fast, which counts with thousands of files. All scalars stay texts: "1.10" is no number here.
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_advisories(location: str, package: str) -> tuple[tuple[Advisory, ...], tuple[str, ...]]:
    """The advisories about the package, and what could not be read or evaluated, each as "FILE: why". Empty for no location.

    A document that cannot be read is no error, so that the others still count; a location that cannot be is one.
    """
    advisories: list[Advisory] = []
    unread: list[str] = []
    for name, text in _texts(location, unread):
        try:
            parts = _load(text)
        except UpgradeError as error:
            unread.append(f"{name}: {error.message}")
            continue
        for part in parts:
            found, problems = documents.read(part, name, package)
            advisories += found
            unread += problems
    merged, problems = documents.merge(advisories)
    return tuple(merged), tuple(sorted({*unread, *problems}))


def _texts(location: str, unread: list[str]) -> Iterator[tuple[str, str]]:
    """Each document's name and text; files that cannot be read are told in `unread`."""
    if not location:
        return
    if location.lower().startswith(("http://", "https://")):
        yield _fetch(location)
        return
    place = Path(location).expanduser()
    try:
        place.stat()
    except (OSError, ValueError) as error:
        raise UpgradeError(f"ampora_advisories is {quote(location, 300)}, which cannot be read: {error}.", next_step=NEXT_STEP) from error
    total = 0
    for path in _files(place, unread) if place.is_dir() else [place]:
        name = _name(path, place)
        try:
            text = _read(path)
        except UpgradeError as error:
            unread.append(f"{name}: {error.message}")
            continue
        total += len(text)
        if total > MAX_TOTAL_BYTES:
            raise UpgradeError(f"The advisories in {location} are larger than {MAX_TOTAL_BYTES} bytes in all.", next_step=NEXT_STEP)
        yield name, text


def _files(root: Path, unread: list[str]) -> Iterator[Path]:
    """The documents below a directory in order, without hidden ones and without what a link brings in from elsewhere."""
    home = os.path.realpath(root)
    count = 0
    for folder, folders, names in os.walk(root, onerror=lambda error: unread.append(_unlisted(error, root))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        documents_here = [name for name in names if name.lower().endswith(SUFFIXES) and not name.startswith(".")]
        for path in sorted(Path(folder, name) for name in (*documents_here, *folders)):
            why = _refusal(path, home)
            if why:
                unread.append(f"{_name(path, root)}: {why}")
            elif path.is_file():
                count += 1
                if count > MAX_FILES:
                    message = f"ampora_advisories is {root}, with more than {MAX_FILES} files: name the directory of the one package."
                    raise UpgradeError(message, next_step=NEXT_STEP)
                yield path


def _refusal(path: Path, home: str) -> str:
    try:
        path.stat()
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    inside = os.path.commonpath([home, os.path.realpath(path)]) == home
    return "" if inside else "it is a link to somewhere outside the directory"


def _name(path: Path, place: Path) -> str:
    """As the person knows it, and printable: anybody may have named a file."""
    return line(str(path.relative_to(place)) if path != place else place.name)


def _unlisted(error: OSError, root: Path) -> str:
    return f"{_name(Path(error.filename), root)}: it cannot be listed: {error.strerror}"


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UpgradeError(f"it cannot be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise UpgradeError(f"it is larger than {MAX_BYTES} bytes")
    return data.decode("utf-8-sig", errors="replace")


def _fetch(location: str) -> tuple[str, str]:
    """The document at an address; it is named without a password or a query."""
    try:
        parts = urlsplit(location)
    except ValueError as error:
        raise UpgradeError(f"ampora_advisories is an address that cannot be read: {error}.", next_step=NEXT_STEP) from error
    name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    what = f"The address of the advisories {name} (ampora_advisories)"
    response = Http(what, timeout=TIMEOUT, next_step=NEXT_STEP).get(location, deadline=time.monotonic() + DEADLINE_SECONDS)
    if response.status_code != 200:
        raise UpgradeError(f"{what} answers {response.status_code}.", next_step=NEXT_STEP)
    return name, bytes(response.content).decode("utf-8-sig", errors="replace")


def _load(text: str) -> list[object]:
    """The documents of a text: one in JSON, or any number in YAML."""
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return [json.loads(text)]
        except (ValueError, RecursionError):
            pass  # a flow of YAML begins like this too
    try:
        _check(text)
        found = [document for document in yaml.load_all(text, Loader=_LOADER) if document]
    except (yaml.YAMLError, RecursionError) as error:
        raise UpgradeError(f"it is neither JSON nor YAML: {quote(' '.join(str(error).split()), 200)}") from error
    if not found:
        raise UpgradeError("it holds no document")
    return found


def _check(text: str) -> None:
    """Refuse aliases, by which a small document becomes a huge one, and depths that no advisory has, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not taken")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise yaml.YAMLError(f"it is nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
