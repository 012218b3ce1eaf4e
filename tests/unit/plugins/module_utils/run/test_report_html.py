# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run import report_html
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report import build
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
EVIL = "<script>alert(1)</script>\"'&{{ 7 * 7 }}{% raw %}"


def report(text: str = "plain", **watch: Any) -> dict[str, Any]:
    finding = {"id": text, "severity": text, "text": text, "version": text, "evidence": [text], "acknowledged": False}
    signal = {"name": text, "verdict": text, "text": text, "reference": 2.0, "low": 1.0, "samples": [[0, 1], [15, 2]]}
    plan = {"current": {"version": text, "digest": text}, "target": {"version": text}, "change": text, "findings": [finding]}
    journal = Journal.new(
        run=text, deployment={"namespace": text, "name": text}, kind=text, started_at=NOW, actor={f"key {text}": text}, plan=plan
    )
    journal = journal.begin("snapshot", NOW).end("snapshot", NOW, {"id": text, f"key {text}": text})
    journal = journal.begin("watch", NOW).end("watch", NOW, {"verdict": text, "signals": [signal], "next_command": text} | watch)
    return build(journal.begin("apply", NOW).fail("apply", NOW, text), now=NOW)


class Tags(HTMLParser):
    """What a browser would see: elements with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def shape(self) -> list[tuple[str, list[str]]]:
        return [(tag, sorted(attributes)) for tag, attributes in self.tags]


# Rendering takes as long as the machine is busy; what is tested here is not its time.
@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30) | st.just(EVIL))
def test_no_text_can_add_an_element_or_an_attribute(text: str) -> None:
    assert Tags(report_html.render(report(text), {text: PNG})).shape() == Tags(report_html.render(report(), {"plain": PNG})).shape()


def test_text_arrives_as_it_is_and_is_no_template() -> None:
    page = report_html.render(report(EVIL), {})
    assert "<script" not in page
    # kind, place (2), outcome is ours; the rest: at least versions, finding, message, command.
    assert Tags(page).words.count(EVIL) >= 10


def test_the_page_needs_nothing_else_and_forbids_scripts() -> None:
    page = Tags(report_html.render(report(), {"dashboard.png": PNG}))
    policies = [attributes["content"] for unused, attributes in page.tags if attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    links = [value for unused, attributes in page.tags for name, value in attributes.items() if name in ("src", "href")]
    assert links == ["data:image/png;base64," + base64.b64encode(PNG).decode()]
    assert not {"script", "link", "iframe", "object"} & {tag for tag, unused in page.tags}
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page.tags
    assert "prefers-color-scheme: dark" in page.words


def test_charts_steps_and_screenshots_are_there() -> None:
    page = report_html.render(report("upgrade"), {"b.jpg": b"\xff\xd8\xffx", "a.png": PNG})
    assert '<polyline class="after" points="6.0,48.0 314.0,6.0"/>' in page
    assert '<rect class="band" x="0" y="0.0" width="320" height="48.0"/>' in page
    assert '<li class="bad"><h3>apply: failed</h3>' in page
    assert page.index('alt="a.png"') < page.index('alt="b.jpg"')
    assert "data:image/jpeg;base64," in page


def test_a_file_that_is_no_picture_is_left_out() -> None:
    assert "data:image/" not in report_html.render(report(), {"evil.png": b"<svg onload=alert(1)>"})


def test_a_report_with_nothing_in_it() -> None:
    journal = Journal.new(run="r", deployment={}, kind="upgrade", started_at=NOW, actor={}, plan={})
    page = report_html.render(build(journal, now=NOW), {})
    assert "No step has begun." in page
    for heading in ("Next", "Findings", "Snapshot", "Signals", "Spot check"):
        assert f"<h2>{heading}" not in page


def test_a_signal_without_samples_says_so() -> None:
    assert "no samples" in report_html.render(report(signals=[{"name": "up", "verdict": "error", "samples": []}]), {})


def test_without_jinja2_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_html, "jinja2", None)
    with pytest.raises(UpgradeError, match="jinja2"):
        report_html.render(report(), {})
