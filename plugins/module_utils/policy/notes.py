# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Release notes: which ones a hop needs, what in them a person must read, and what they announce."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, need, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.version import bare, parse

try:
    import semver
except ImportError:
    semver = None  # type: ignore[assignment]
try:
    from markdown_it import MarkdownIt
except ImportError:
    MarkdownIt = None  # type: ignore[assignment, misc]

LARGEST_NOTE = 1024 * 1024  # characters; a release note is a page, and more than this is something else
_LARGEST_BLOCK = 20_000  # a longer paragraph is judged as it stands, without parsing its markup
_MOST_EVIDENCE = 20
_LONGEST_SENTENCE = 240
_HIDDEN = "\0"  # stands for text that is code or an address, so that no word is found in it


def _word(forms: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{forms})(?![^\W_])", re.IGNORECASE)


# The words for which the product's Upgrades page tells people to skim the notes, in all their forms.
_WORDS = {
    "breaking": _word(r"break|breaks|breaking|breakages?|broken?"),
    "remove": _word(r"remov(?:e|es|ed|al|als|ing)"),
    "rename": _word(r"re-?nam(?:e|es|ed|ing|ings)"),
    "policy": _word(r"polic(?:y|ies)"),
}
_STEMS = ("break", "broke", "remov", "renam", "polic")
_SUBJECT = r"(?:(?:known )?(?:breaking (?:api |config |configuration |schema )?changes?|removals?|renam(?:es?|ings?)|policy changes?))"
_DENIAL = re.compile(
    rf"(?:(?:there (?:are|is|were) |this (?:release|version) has )?no {_SUBJECT}(?:(?:, and |, or |, | and | or )(?:no )?{_SUBJECT})*"
    rf"(?: (?:in|with) this (?:release|version))?|{_SUBJECT}: none)[.!]?",
    re.IGNORECASE,
)
_NONE = re.compile(r"(?:none|nothing|n/a)(?: in this (?:release|version))?[.!]?", re.IGNORECASE)

# The first pattern that a heading matches names its section: the more serious one is asked first.
_SECTIONS = {
    "security": r"security|advisor(?:y|ies)|cves?|vulnerabilit(?:y|ies)",
    "removals": r"remov(?:e|ed|al|als)",
    "deprecations": r"deprecat(?:e|ed|ion|ions)",
    "migration": r"migrat(?:e|ion|ions|ing)|breaking|upgrad(?:e|ing)",
    "fixes": r"fix|fixe[sd]|bugs?|bug-?fixe?s?",
    "features": r"features?|new|add(?:ed|itions?)|enhancements?|improvements?",
}
_SECTION_PATTERNS = {section: _word(forms) for section, forms in _SECTIONS.items()}
_SECTION_ORDER = ("features", "fixes", "deprecations", "removals", "migration", "security", "other")

_VERSION = r"v?\d{1,9}\.\d{1,9}\.\d{1,9}(?:[-+][0-9A-Za-z.+-]{1,100})?"
_VERSION_HEADING = re.compile(rf"(?:ampora\s+)?(?:version\s+|release\s+)?\[?({_VERSION})\]?(?![^\W_])", re.IGNORECASE)
_DATE = re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{4}\b")
_ADDRESS = re.compile(r"\]\([^)\n]*\)|https?://[^\s<>()]+", re.IGNORECASE)

_INLINE_MARKUP = re.compile(r"[\\`*_\[!<&]")
_MARKUP = re.compile(r"<!--.*?-->|</?[a-z][^<>]*>", re.DOTALL | re.IGNORECASE)

_UNIT_SECONDS = {"h": 3600, "m": 60, "s": 1}
_UNIT = r"(h(?:(?:ou)?rs?)?|min(?:ute)?s?|s(?:ec(?:ond)?s?)?)"
_NUMBER = r"(\d{1,6}(?:[.,]\d{1,3})?)"
_DURATION = re.compile(
    r"(?P<about>(?<![^\W_])(?:about|around|approximately|approx\.?|roughly|circa|up to|between|takes?|[~≈])\s{0,2})?"
    rf"(?<![\w.,])(?:{_NUMBER}\s?(?:-|–|to|and)\s?)?{_NUMBER}[\s-]?{_UNIT}(?![^\W\d_])"
    rf"(?:\s?(?:and\s)?{_NUMBER}\s?(m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)\b)?",
    re.IGNORECASE,
)
_RUNTIME = _word(r"run-?\s?times?")


@dataclass(frozen=True)
class ReleaseNote:
    """What was published about one version; `first_line` is where its text begins in the source."""

    version: str
    text: str
    source: str
    first_line: int = 1


@dataclass(frozen=True)
class _Block:
    """A heading, paragraph, list item or table cell: `shown` is what a person reads, `open` the same with code and addresses hidden."""

    line: int
    section: str
    category: str
    shown: str
    open: str
    is_heading: bool

    def sentences(self) -> Iterator[tuple[int, str, str]]:
        """(offset, shown, open) of each sentence."""
        start = 0
        for end in [*(m.end() for m in re.finditer(r"[.!?][)\"'\u201d]?\s+", self.open)), len(self.open)]:
            if end > start:
                yield start, self.shown[start:end], self.open[start:end]
            start = end


def split(text: str, source: str) -> list[ReleaseNote]:
    """Take a changelog apart at its headings that begin with a version; what stands before the first of them is nobody's note."""
    need(MarkdownIt, "markdown-it-py")
    lines = _lines(text)
    tokens = _block_parser().parse(text)
    starts = []
    for heading, inline in itertools.pairwise(tokens):
        if heading.type == "heading_open" and heading.level == 0 and heading.map:
            version = _heading_version(inline.content)
            if version:
                starts.append((heading.map[0], version))
    ends = [line for line, _version in starts[1:]] + [len(lines)]
    return [ReleaseNote(name, "\n".join(lines[start:end]), source, start + 1) for (start, name), end in zip(starts, ends, strict=False)]


def scan(note: ReleaseNote) -> list[Finding]:
    """One finding to acknowledge for each of the page's words that the note uses, with every place as evidence."""
    if len(note.text) > LARGEST_NOTE:
        return [Finding("note-too-large", "block", _too_large(note), note.version)]
    if not _may_hold_words(note.text):
        return []  # parsing is what costs, and many notes need none
    places: dict[str, list[str]] = {word: [] for word in _WORDS}
    blocks = _blocks(note)
    for number, block in enumerate(blocks):
        if block.is_heading and _says_none(blocks, number):
            continue
        for offset, shown, visible in block.sentences():
            if _DENIAL.fullmatch(_one_line(visible)):
                continue
            for word, pattern in _WORDS.items():
                hit = pattern.search(visible)
                if hit:
                    line = block.line + block.open.count("\n", 0, offset + hit.start())
                    places[word].append(f"{note.source}:{line} [{block.section}] {_short(shown)}")
    return [_word_finding(note, word, found) for word, found in places.items() if found]


def between(
    notes: Sequence[ReleaseNote], current: semver.Version, target: semver.Version, available: Sequence[semver.Version]
) -> tuple[list[ReleaseNote], list[Finding]]:
    """The notes after current up to target, in the order of their versions, and a block for each released version without one.

    Pre-releases do not count, except the target: their notes come again with the release that they lead to.
    """
    if target <= current:
        return [], []
    wanted = {bare(v) for v in available if current < v <= target and not v.prerelease} | {bare(target)}
    chosen = []
    for note in notes:
        version = parse(note.version, f"the version of the release note {quote(note.source)}")
        if current < version <= target and (not version.prerelease or version == target) and note.text.strip():
            chosen.append((version, note))
    chosen.sort(key=lambda pair: pair[0])
    missing = wanted - {bare(version) for version, _note in chosen}
    findings = [
        Finding(
            "missing-notes",
            "block",
            f"ampora_release_notes has no note for {version}, and every version after {bare(current)} up to {bare(target)} must be read: "
            f"add {version}.md or a heading for {version}.",
            version,
        )
        for version in sorted(missing, key=lambda text: parse(text, "available"))
    ]
    return [note for _version, note in chosen], findings


def sections(note: ReleaseNote) -> dict[str, list[str]]:
    """The items of the note by the kinds of the Upgrades page; a heading below another belongs to it unless it names a kind itself."""
    items: dict[str, list[str]] = {name: [] for name in _SECTION_ORDER}
    for block in _blocks(note):
        text = _one_line(block.shown)
        if text and not block.is_heading:
            items[block.category].append(text)
    return items


def runtime_seconds(note: ReleaseNote) -> int:
    """The sum of the runtimes that the note estimates: durations said to be about so much, or in a sentence about a runtime."""
    total = 0.0
    for block in _blocks(note):
        for _offset, _shown, visible in block.sentences():
            about_runtime = _RUNTIME.search(visible) is not None
            total += sum(_seconds(m) for m in _DURATION.finditer(visible) if m["about"] or about_runtime)
    return round(total)


def _seconds(match: re.Match[str]) -> float:
    """The upper end of a range, and both parts of "1 h 30 min"."""
    _about, _low, high, unit, more, small = match.groups()
    return _amount(high) * _UNIT_SECONDS[unit[0].lower()] + (_amount(more) * _UNIT_SECONDS[small[0].lower()] if more else 0)


def _amount(number: str) -> float:
    """1.5 and 1,5 are one and a half; 1,200 is twelve hundred."""
    return float(number.replace(",", "" if re.search(r",\d{3}$", number) else "."))


def _word_finding(note: ReleaseNote, word: str, places: list[str]) -> Finding:
    finding_id = f"word-{word}"
    key = Finding(finding_id, "ack", "", note.version).ack_key
    count = "one place" if len(places) == 1 else f"{len(places)} places"
    text = f'The release notes of {note.version} use the word "{word}" in {count}: read them, then set {key}: "true" in ampora_acks.'
    rest = len(places) - _MOST_EVIDENCE
    evidence = tuple(places[:_MOST_EVIDENCE]) + ((f"{note.source}: and {rest} more places",) if rest > 0 else ())
    return Finding(finding_id, "ack", text, note.version, evidence)


def _says_none(blocks: list[_Block], heading: int) -> bool:
    """Whether all that stands under a heading is "None.": the kinds of the page are listed even when they are empty."""
    body = list(itertools.takewhile(lambda block: not block.is_heading, blocks[heading + 1 :]))
    text = _one_line(body[0].open) if len(body) == 1 else ""
    return bool(_NONE.fullmatch(text) or _DENIAL.fullmatch(text))


def _too_large(note: ReleaseNote) -> str:
    return (
        f"The release note {quote(note.source)} of {note.version} has {len(note.text)} characters, more than the limit of {LARGEST_NOTE}: "
        "give the note itself, not a bundle."
    )


def _heading_version(raw: str) -> str:
    """The version that a heading is about; one that names two ("From 1.4 to 1.5") is about neither."""
    text = _DATE.sub(" ", _ADDRESS.sub(" ", raw)).strip("*_ ")
    match = _VERSION_HEADING.match(text)
    if not match or re.search(_VERSION, text[match.end() :]):
        return ""
    try:
        return bare(parse(match[1].lower() if match[1].startswith("V") else match[1], "heading"))
    except UpgradeError:
        return ""


@functools.cache
def _block_parser() -> MarkdownIt:
    """Blocks only: inline markup is parsed where it matters, which keeps a changelog of a thousand versions cheap."""
    return MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable("inline")


@functools.cache
def _inline_parser() -> MarkdownIt:
    return MarkdownIt("commonmark")


def _may_hold_words(text: str) -> bool:
    """Whether the letters of a word stand anywhere, be there markup between them; an entity may be any letter."""
    joined = re.sub(r"<[^<>]*>|\]\([^()]*\)", "", text)
    letters = re.sub(r"[\W\d_]+", "", f"{text} {joined}").lower()
    return "&" in text or any(stem in letters for stem in _STEMS)


def _lines(text: str) -> list[str]:
    """Lines as Markdown and editors count them, not as str.splitlines() does."""
    return re.split(r"\r\n|\r|\n", text)


@functools.lru_cache(maxsize=1)  # a note is scanned, sorted into sections and searched for runtimes one after another
def _blocks(note: ReleaseNote) -> list[_Block]:
    need(MarkdownIt, "markdown-it-py")
    if len(note.text) > LARGEST_NOTE:
        raise UpgradeError(_too_large(note))
    lines = _lines(note.text)
    environment: dict[str, Any] = {}
    blocks: list[_Block] = []
    section, heading_level, outline = "top", 0, _Outline()
    for token in _block_parser().parse(note.text, environment):
        if token.type == "heading_open":
            heading_level = int(token.tag[1:])
        elif token.type in ("inline", "html_block", "fence"):
            shown, visible = _text(token, lines, environment)
            if heading_level:
                section = _short(shown)
                outline.enter(heading_level, visible)
            line = note.first_line + (token.map[0] if token.map else 0) + (token.type == "fence")
            blocks.append(_Block(line, section, outline.category, shown, visible, heading_level > 0))
            heading_level = 0
    return [block for block in blocks if block.shown.strip()]


class _Outline:
    """Which kind of section the headings so far lead to."""

    def __init__(self) -> None:
        self._entries = [(0, "other")]

    @property
    def category(self) -> str:
        return self._entries[-1][1]

    def enter(self, level: int, heading: str) -> None:
        self._entries = [entry for entry in self._entries if entry[0] < level]
        named = (section for section, pattern in _SECTION_PATTERNS.items() if pattern.search(heading))
        self._entries.append((level, next(named, self.category)))


def _text(token: Any, lines: list[str], environment: dict[str, Any]) -> tuple[str, str]:
    """(shown, open) of a block, equally long."""
    content: str = token.content
    if token.type == "fence":
        # A fence that nobody closed hides the rest of the note by mistake: its text is judged.
        return (content, content) if _unclosed(token, lines) else ("", "")
    if token.type == "html_block":
        text = _MARKUP.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), content)
        return text, _without_addresses(text)
    if len(content) > _LARGEST_BLOCK or not _INLINE_MARKUP.search(content):
        return content, _without_addresses(content)
    shown, visible = [], []
    in_autolink = False
    for child in _inline_parser().parseInline(content, environment)[0].children or []:
        if child.type in ("link_open", "link_close"):
            in_autolink = child.type == "link_open" and child.markup == "autolink"
        text = "\n" if child.type in ("softbreak", "hardbreak") else child.content
        if child.type == "html_inline":
            text = "\n" * text.count("\n")
        shown.append(text)
        visible.append(_HIDDEN * len(text) if child.type == "code_inline" or in_autolink else text)
    return "".join(shown), _without_addresses("".join(visible))


def _without_addresses(text: str) -> str:
    return re.sub(r"https?://[^\s<>()]+", lambda match: _HIDDEN * len(match[0]), text, flags=re.IGNORECASE)


def _unclosed(token: Any, lines: list[str]) -> bool:
    last = lines[min(token.map[1], len(lines)) - 1].strip("> \t") if token.map else ""
    return token.map is not None and (token.map[1] - token.map[0] < 2 or len(last) < len(token.markup) or bool(last.strip(token.markup[0])))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _short(text: str) -> str:
    """One printable line for evidence."""
    return quote(_one_line(text), _LONGEST_SENTENCE).removeprefix('"').removesuffix('"')
