# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.html and history.html: files without scripts and without anything from elsewhere, so that they can be mailed and kept.

Everything in a report may come from a cluster, release notes or a registry: the template escapes all of it, links only
what is an address by http or https and nothing else, and the page's own content policy forbids scripts and loads.
"""

from __future__ import annotations

import base64
import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import need
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.plan_text import ORDER
from ansible_collections.ampora.upgrades.plugins.module_utils.run import chart, words
from ansible_collections.ampora.upgrades.plugins.module_utils.run.report_page import HISTORY, REPORT, STYLE

try:
    import jinja2
    import markupsafe
except ImportError:
    jinja2 = None  # type: ignore[assignment]

MOST = 100  # items of one list or mapping; the rest is in report.json
_IMAGE_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_GOOD = ("upgraded", "unchanged", "rolled back", "swapped back", "ended", "pass", "acknowledged")
_BAD = ("failed", "fail", "error", "refused", "BLOCKS")
_QUIET = ("note", "planned", "overridden")
_SIGNS = {"good": "✓", "bad": "✕", "warn": "!", "none": "·"}  # noqa: RUF001
_LINK = re.compile(r"https?://[^\s<>\"'\\^`{|}]{1,2000}")
# Controls, and the marks by which a text can be shown in another order than it is written.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FIELD = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_GROUPS = (
    ("outside", "More than one MINOR away from a version of this hop"),
    ("already", "More than one MINOR away from what runs now"),
    ("too_old", "Older than the release notes allow"),
    ("unknown", "Of a version that cannot be read"),
    ("stale", "Not seen for long"),
)
_SECTIONS = (
    ("steps", "Steps", "steps"),
    ("signals", "Signals", "signals"),
    ("again", "Signals after going back", "after_going_back"),
    ("look", "Spot check", "spot_check"),
    ("findings", "Findings", ""),
    ("snapshot", "Snapshot", "snapshot"),
    ("back", "Way back", "way_back"),
    ("agents", "Agents", "agents"),
    ("rollouts", "Configuration rollouts", "configuration_rollouts"),
)
# What has a place of its own on the page; everything else of a step's result is shown under the step, as it is.
_SHOWN_ELSEWHERE = {"watch": {"signals", "verdict"}, "spot_check": {"pages", "pods", "settings_page", "problems", "api"}}


def render(report: Mapping[str, Any], screenshots: Mapping[str, bytes]) -> str:
    """report.html; a screenshot that is neither PNG nor JPEG is left out."""
    shots = [{"name": _name(name), "uri": uri} for name, data in sorted(screenshots.items()) if (uri := _data_uri(data))]
    there = {**report, "spot_check": report["spot_check"] or shots}
    steps = [{**step, "line": words.line(step["name"], step["result"]), "shown": _rest(step)} for step in report["steps"]]
    again = report["after_going_back"].get("signals")
    page = {
        **report,
        "steps": steps,
        "findings": [{**finding, "evidence": _list(finding.get("evidence"))} for finding in report["findings"]],
        "signals": _signals(report["signals"]),
        "after_going_back": {**report["after_going_back"], "signals": _signals(again)} if again else {},
        "agents": _agents(report["agents"]),
    }
    return _page(
        REPORT,
        report=page,
        spot=_spot(report["spot_check"]),
        title=f"{report['outcome']}: {report['kind']} {report['to']['version']}",
        screenshots=shots,
        sections=[(anchor, name) for anchor, name, key in _SECTIONS if not key or there[key]],
        findings_first=not report["steps"],
        groups=_GROUPS,
        by=_by(report),
    )


def render_history(title: str, runs: Sequence[Mapping[str, Any]], count: int) -> str:
    """history.html of these runs, the newest first, of `count` that there are."""
    return _page(HISTORY, title=title, runs=runs, count=count)


def _page(text: str, **values: Any) -> str:
    need(jinja2, "jinja2")
    sides = {"width": chart.WIDTH, "height": chart.HEIGHT, "left": chart.LEFT, "right": chart.RIGHT}
    # The style is this collection's own text, the one thing that is not escaped.
    return _template(text).render(style=markupsafe.Markup(STYLE), most=MOST, **sides, **values)


@functools.cache
def _template(text: str) -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.ChainableUndefined, trim_blocks=True, finalize=_visible)
    environment.filters.update(
        chart=chart.chart,
        duration=words.duration,
        in_order=_in_order,
        joined=_joined,
        mark=_mark,
        offset=_offset,
        pretty=_pretty,
        proof=words.proof,
        share=_share,
        short=_short,
        sign=_SIGNS.get,
        sized=_sized,
        span=_span,
        step_tone=_step_tone,
        spaced=_spaced,
        tone_of=lambda run: _outcome_tone(run["kind"], run["outcome"]),
        title=words.title,
        tone=_tone,
        when=_when,
        yes_no=_yes_no,
    )
    environment.tests["link"] = lambda value: isinstance(value, str) and _LINK.fullmatch(value) is not None
    return environment.from_string(text)


def _outcome_tone(kind: str, outcome: str) -> str:
    """An upgrade that went back by itself is no success, a rollback is."""
    return "warn" if outcome == "rolled back" and kind != "rollback" else _tone(outcome)


def _step_tone(step: Mapping[str, Any]) -> str:
    """A watch ends well whatever it has seen; its verdict is what counts."""
    verdict = step["result"].get("verdict")
    return _tone(verdict) if step["state"] == "ended" and verdict else _tone(step["state"])


# --- what the page asks of a value


def _visible(value: object) -> object:
    """What would turn the text around it, or is no character of HTML, as the sign for "something was here"."""
    return _UNSEEN.sub("\ufffd", value) if isinstance(value, str) and not isinstance(value, markupsafe.Markup) else value


def _tone(word: object) -> str:
    """The colour of a word; never the word itself, which may be anything."""
    return "good" if word in _GOOD else "bad" if word in _BAD else "none" if word in _QUIET else "warn"


def _mark(finding: Mapping[str, Any]) -> str:
    """What a finding means for this run, as the plan says it."""
    if finding.get("acknowledged"):
        return "acknowledged"
    if finding.get("overridden"):
        return "overridden"
    return {"block": "BLOCKS", "ack": "needs an answer", "info": "note"}.get(str(finding.get("severity")), "note")


def _in_order(findings: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What stands in the way first."""
    return sorted(findings, key=lambda finding: ORDER[_mark(finding)])


def _offset(step: Mapping[str, Any], report: Mapping[str, Any]) -> int:
    """Where a step begins in the run, of 1000."""
    return int(1000 * min(float(step["offset"]) / (report["seconds"] or 1.0), 0.995))


def _share(step: Mapping[str, Any], report: Mapping[str, Any]) -> int:
    """How long it took, of 1000; never so little that it is not seen."""
    return max(5, int(1000 * min(float(step["seconds"]) / (report["seconds"] or 1.0), 1.0)))


def _signals(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**signal, "samples": _list(signal.get("samples"))} for signal in found]


def _agents(found: Mapping[str, Any]) -> dict[str, Any]:
    return {**found, **{name: _list(found.get(name)) for name, _told in _GROUPS}} if found else {}


def _spot(result: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of a spot check, in the form that it expects, whatever a journal has there."""
    pods, settings = _map(result.get("pods")), _map(result.get("settings_page"))
    banners = {"banners": _maps(settings.get("banners")), "only_in_logs": _map(settings.get("only_in_logs"))}
    return {
        "mode": result.get("mode"),
        "left_out": _list(result.get("left_out")),
        "problems": _list(result.get("problems")),
        "pages": [
            {**page, "errors": [*_list(page.get("errors")), *_list(page.get("failed_requests"))]} for page in _maps(result.get("pages"))
        ],
        "pods": {**pods, "each": _maps(pods.get("each"))},
        "api": _maps(result.get("api")),
        "settings_page": {**settings, **banners} if settings else {},
    }


def _rest(step: Mapping[str, Any]) -> dict[str, Any]:
    hidden = _SHOWN_ELSEWHERE.get(step["name"], set())
    return {name: value for name, value in step["result"].items() if name not in hidden}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _map(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _maps(value: object) -> list[dict[str, Any]]:
    return [dict(item) for item in _list(value) if isinstance(item, Mapping)]


def _by(report: Mapping[str, Any]) -> str:
    """Who gave the answers."""
    by = report["answers"]["by"]
    job = f"AWX job {by['awx_job']}" if by.get("awx_job") else ""
    return ", ".join(part for part in (str(by.get("user") or ""), job) if part)


def _joined(value: object) -> str:
    """An agent in a line."""
    if not isinstance(value, Mapping):
        return str(value)
    named = (value.get(key) for key in ("name", "version", "id"))
    return ", ".join(str(part) for part in [*named, value.get("last_seen") and f"last seen {value['last_seen']}"] if part)


def _sized(result: Mapping[str, Any]) -> dict[str, Any]:
    """Bytes as people read them."""
    units = {"size": "", "database_size": "", "throughput": "/s"}
    return {name: f"{words.size(value)}{units[name]}" if name in units else value for name, value in result.items()}


def _name(stem: str) -> str:
    """ "1-dashboard" is the first page."""
    return re.sub(r"^\d+-", "", stem).replace("-", " ").capitalize()


def _when(text: object) -> str:
    """2026-11-22T21:46:50.000000Z as 2026-11-22 21:46:50."""
    return str(text)[:19].replace("T", " ")


def _spaced(name: object) -> str:
    """A field's name in words; the name of a table, a key or a pod stays as it is."""
    return str(name).replace("_", " ") if _FIELD.fullmatch(str(name)) else str(name)


def _span(report: Mapping[str, Any]) -> str:
    """From when to when, and how long; a plan is made in a moment."""
    start = _when(report["started_at"])
    if not report["steps"]:
        return start
    end = _when(report["ended_at"]) if report["ended_at"] else ""
    until = f" to {end.removeprefix(start[:11])}" if end else ", and has not ended"
    return f"{start}{until}, {words.duration(report['seconds'])}"


def _yes_no(value: object) -> str:
    return {True: "yes", False: "no", None: "not known"}.get(value, str(value)) if value is None or isinstance(value, bool) else str(value)


def _short(text: object, limit: int) -> str:
    line = str(text)
    return line if len(line) <= limit else f"{line[: limit - 3]}..."


def _data_uri(data: bytes) -> str:
    kind = next((kind for magic, kind in _IMAGE_TYPES.items() if data.startswith(magic)), "")
    return f"data:{kind};base64,{base64.b64encode(data).decode()}" if kind else ""


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)


if jinja2 is not None:
    # Ansible loads an action once and forks for each host: what is compiled here is compiled for all of them.
    for _text in (REPORT, HISTORY):
        _template(_text)
