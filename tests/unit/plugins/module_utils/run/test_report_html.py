# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError
from ansible_collections.ampora.upgrades.plugins.module_utils.run import report_html
from ansible_collections.ampora.upgrades.plugins.module_utils.run.journal import Journal
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report import build
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report_page import STYLE
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime(2026, 11, 22, 21, 40, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
EVIL = "<script>alert(1)</script>\"'&{{ 7 * 7 }}{% raw %}"


def report(text: str = "plain", **watch: Any) -> dict[str, Any]:
    """A report with the text in every place that something from outside can reach."""
    override = {"rule": text, "reason": text, "until": text}
    finding = {"id": text, "severity": text, "text": text, "version": text, "evidence": [text], "acknowledged": False, "ack_key": text}
    signal = {"name": text, "verdict": text, "text": text, "promql": text, "reference": 2.0, "low": 1.0, "samples": [[0, 1], [15, 2]]}
    plan = {
        "current": {"version": text, "digest": text},
        "target": {"version": text},
        "change": text,
        "findings": [finding, {**finding, "overridden": override}, {**finding, "acknowledged": True}],
        "answers": {"by": {"user": text}},
        "notes": [{"version": text, "source": text}],
        "hops": [{"agents": {"count": 1, "outside": [{"id": text, "name": text, "version": text}]}}],
    }
    journal = Journal.new(
        run=text, deployment={"namespace": text, "name": text}, kind=text, started_at=NOW, actor={f"key {text}": text}, plan=plan
    )
    spot = {
        "mode": text,
        "left_out": ["browser"],
        "problems": [text],
        "pages": [{"name": text, "status": text, "version": text, "errors": [text], "failed_requests": [text]}],
        "pods": {"way": text, "text": text, "each": [{"pod": text, "status": text, "version": text}]},
        "api": [{"pod": text, "path": text, "error": text}],
        "settings_page": {"page": text, "readable": True, "banners": [{"text": text, "logged": 3}], "only_in_logs": {text: 3}},
    }
    steps: list[tuple[str, dict[str, Any]]] = [
        ("snapshot", {"id": text, "proof": text, f"key {text}": {text: [text, {text: text}]}}),
        ("watch", {"verdict": text, "signals": [signal], "next_command": text} | watch),
        ("spot_check", spot),
        ("restore", {"kept_database": text, "lost_rows": {text: 3}}),
        ("configuration_rollouts", {"paused": {text: text}}),
    ]
    for name, result in steps:
        journal = journal.begin(name, NOW).end(name, NOW, result)
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
    assert Tags(page).words.count(EVIL) >= 60


def test_the_page_needs_nothing_else_and_forbids_scripts() -> None:
    page = Tags(report_html.render(report(), {"dashboard.png": PNG}))
    policies = [attributes["content"] for unused, attributes in page.tags if attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    images = [attributes["src"] for tag, attributes in page.tags if tag == "img"]
    assert images == ["data:image/png;base64," + base64.b64encode(PNG).decode()]
    assert all(
        str(attributes["href"]).startswith("#") or str(attributes["href"]) == "../history.html"
        for tag, attributes in page.tags
        if tag == "a"
    )
    assert not {"script", "link", "iframe", "object"} & {tag for tag, unused in page.tags}
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page.tags
    assert "prefers-color-scheme: dark" in page.words


def test_charts_steps_and_screenshots_are_there() -> None:
    page = report_html.render(report("upgrade"), {"2-b.jpg": b"\xff\xd8\xffx", "1-a.png": PNG})
    shapes = [attributes.get("class") for tag, attributes in Tags(page).tags if tag in ("rect", "polyline")]
    assert {"band", "line after"} <= set(shapes)
    assert "<h3>Apply: failed</h3>" in page
    assert page.index('alt="Screenshot: A.png"') < page.index('alt="Screenshot: B.jpg"')
    assert "data:image/jpeg;base64," in page


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("https://doc.example/a?b=c#d", 1),
        ("javascript:alert(1)", 0),
        ("data:text/html,x", 0),
        ("//evil.example", 0),
        ("see https://doc.example", 0),
        ('https://a.example/"onclick="x', 0),
    ],
)
def test_only_an_address_by_http_is_a_link(text: str, links: int) -> None:
    found = {**report(), "notes": [{"version": "1.5.0", "source": text}]}
    page = Tags(report_html.render(found, {}))
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a" and not str(attributes["href"]).startswith(("#", ".."))] == [
        text
    ] * links


def test_every_colour_is_there_in_the_light_and_in_the_dark() -> None:
    """A colour that only one of them sets is black on black in the other."""
    light, dark, printed = (set(re.findall(r"--([a-z]+): ", part)) for part in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)[:3])
    used = set(re.findall(r"var\(--([a-z]+)\)", STYLE))
    assert used <= light == dark == printed


def test_what_cannot_be_seen_is_shown() -> None:
    """A text that is turned around reads as another one."""
    page = report_html.render({**report(), "reason": "safe\u202egnp.exe \x1b[2J\x00"}, {})
    assert "safe\ufffdgnp.exe \ufffd[2J\ufffd" in page
    assert "\ufffd" not in report_html.render(report(), {}), "and the page's own text has none"


def test_findings_come_first_where_nothing_was_done() -> None:
    done = report_html.render(report(), {})
    assert done.index('id="steps"') < done.index('id="findings"')
    refused = report_html.render({**report(), "steps": []}, {})
    assert 'id="steps"' not in refused
    assert refused.index('id="findings"') < refused.index('id="signals"')


def test_a_long_list_ends_and_says_so() -> None:
    found = report()
    found["steps"][0]["result"]["rows"] = {f"table_{number:04}": number for number in range(5000)}
    page = report_html.render(found, {})
    assert f"{5000 - report_html.MOST} in report.json" in page
    assert len(page) < 200_000


def test_a_file_that_is_no_picture_is_left_out() -> None:
    assert "data:image/" not in report_html.render(report(), {"evil.png": b"<svg onload=alert(1)>"})


def test_a_report_with_nothing_in_it() -> None:
    journal = Journal.new(run="r", deployment={}, kind="upgrade", started_at=NOW, actor={}, plan={})
    page = report_html.render(build(journal, now=NOW), {})
    assert "None." in page
    for place in ("next", "steps", "signals", "look", "snapshot", "back", "agents", "rollouts"):
        assert f'id="{place}"' not in page
    assert "Next command" not in page and "To go back" not in page


def test_a_signal_without_samples_says_so() -> None:
    assert "No value in 0 samples." in report_html.render(report(signals=[{"name": "up", "verdict": "error", "samples": []}]), {})


def test_without_jinja2_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_html, "jinja2", None)
    with pytest.raises(UpgradeError, match="jinja2"):
        report_html.render(report(), {})
