# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.html: one file without scripts and without anything from elsewhere, so that it can be mailed and kept.

Everything in a report may come from a cluster, release notes or a registry: the template escapes all of it, and the
page's own content policy forbids scripts and loads.
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import need
from ansible_collections.ampora.upgrades.plugins.module_utils.run import chart

try:
    import jinja2
    import markupsafe
except ImportError:
    jinja2 = None  # type: ignore[assignment]

_IMAGE_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_GOOD = ("upgraded", "unchanged", "rolled back", "swapped back", "ended", "pass")
_BAD = ("failed", "fail", "error", "block")

STYLE = """\
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1c2430; --dim: #5b6675; --line: #dfe4ea;
  --good: #14804a; --bad: #c22f3a; --warn: #a05a00; --curve: #2563b8; --band: #14804a24; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1b212a; --text: #e6eaf0; --dim: #97a3b3; --line: #2f3844;
  --good: #4cc38a; --bad: #ff7b82; --warn: #e8a94b; --curve: #6ea8fe; --band: #4cc38a2e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0 0 .6rem; }
h3 { font-size: 1rem; margin: 0; }
section, header { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .8rem 0 0; }
dt, .dim { color: var(--dim); }
dd { margin: 0; }
code, pre { font: .85rem/1.45 ui-monospace, monospace; }
pre { white-space: pre-wrap; margin: .4rem 0 0; max-height: 24rem; overflow: auto; }
.command { display: block; padding: .6rem; border: 1px solid var(--line); border-radius: .4rem; user-select: all; }
.badge { font-weight: 600; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
ol, ul { list-style: none; margin: 0; padding: 0; }
.timeline > li { border-left: 3px solid var(--line); padding: 0 0 .7rem .8rem; }
.timeline > li.good { border-color: var(--good); }
.timeline > li.bad { border-color: var(--bad); }
.timeline > li.warn { border-color: var(--warn); }
.timeline > li > * { color: var(--text); }
.timeline > li > .dim { color: var(--dim); }
.findings > li { padding: .4rem 0; border-top: 1px solid var(--line); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; }
figure { margin: 0; }
img, svg { display: block; width: 100%; height: auto; border: 1px solid var(--line); border-radius: .4rem; }
.band { fill: var(--band); }
.before, .after { fill: none; stroke: var(--curve); stroke-width: 2; stroke-linecap: round; }
.before { opacity: .45; }
.reference { stroke: var(--dim); stroke-dasharray: 4 4; }
.start { stroke: var(--dim); }
summary { cursor: pointer; color: var(--dim); }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr; }
dd { margin: 0 0 .4rem; } }
"""

TEMPLATE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{{ report.kind }} {{ report.to.version }}: {{ report.outcome }}</title>
<style>
{{ style }}</style>
</head>
<body>
<header>
<h1>{{ report.kind }} of {{ report.deployment.namespace }}/{{ report.deployment.name }}:
<span class="badge {{ report.outcome | tone }}">{{ report.outcome }}</span></h1>
<dl>
<dt>From</dt><dd>{{ report.from.version or "unknown" }} <code class="dim">{{ report.from.digest }}</code></dd>
<dt>To</dt><dd>{{ report.to.version or "unknown" }} <code class="dim">{{ report.to.digest }}</code></dd>
{% if report.change %}<dt>Change</dt><dd>{{ report.change }}</dd>{% endif %}
<dt>Run</dt><dd><code>{{ report.run }}</code></dd>
<dt>Time</dt><dd>{{ report.started_at }} to {{ report.ended_at or "now" }}, {{ report.seconds }} s</dd>
{% for name, value in report.actor | dictsort %}<dt>{{ name }}</dt><dd>{{ value }}</dd>
{% endfor %}</dl>
</header>
{% if report.next_command %}
<section><h2>Next</h2><code class="command">{{ report.next_command }}</code></section>
{% endif %}
<section><h2>Steps</h2>
<ol class="timeline">
{% for step in report.steps %}
<li class="{{ {"ended": "good", "failed": "bad"}.get(step.state, "warn") }}"><h3>{{ step.name }}: {{ step.state }}</h3>
<span class="dim">{{ step.began_at }}, {{ step.seconds }} s</span>
{% if step.message %}<div>{{ step.message }}</div>{% endif %}
{% if step.result %}<details><summary>result</summary><pre>{{ step.result | pretty }}</pre></details>{% endif %}
</li>
{% else %}<li class="dim">No step has begun.</li>
{% endfor %}</ol></section>
{% if report.findings %}
<section><h2>Findings</h2>
<ul class="findings">
{% for finding in report.findings %}
<li>{% if finding.acknowledged %}<span class="badge good">acknowledged</span>
{% elif finding.overridden %}<span class="badge warn">overridden</span>
{% else %}<span class="badge {{ finding.severity | tone }}">{{ finding.severity }}</span>
{% endif %}<code>{{ finding.id }}</code> {{ finding.version }}<div>{{ finding.text }}</div>
{% for line in finding.evidence or [] %}<div class="dim">{{ line }}</div>{% endfor %}</li>
{% endfor %}</ul></section>
{% endif %}
{% if report.answers.acks or report.answers.overrides %}
<section><h2>Answers</h2>
<dl>{% for name, value in report.answers.by | dictsort %}<dt>{{ name }}</dt><dd>{{ value }}</dd>
{% endfor %}</dl>
<ul class="findings">
{% for key, value in report.answers.acks | dictsort %}<li><code>{{ key }}: "{{ value }}"</code></li>
{% endfor %}{% for override in report.answers.overrides %}<li><code>{{ override.rule }}</code> overridden: {{ override.reason }}
{% if override.until %}(until {{ override.until }}){% endif %}</li>
{% endfor %}</ul></section>
{% endif %}
{% if report.adrs %}
<section><h2>Decision records</h2>
<ul class="findings">
{% for record in report.adrs %}<li><code>{{ record.adr }}</code> {{ record.version }}<div>{{ record.text }}</div></li>
{% endfor %}</ul></section>
{% endif %}
{% if report.snapshot %}
<section><h2>Snapshot</h2>
<dl>{% for name, value in report.snapshot | dictsort if value is string or value is number %}<dt>{{ name }}</dt><dd>{{ value }}</dd>
{% endfor %}</dl></section>
{% endif %}
{% if report.signals %}
<section><h2>Signals: <span class="badge {{ report.verdict | tone }}">{{ report.verdict }}</span></h2>
<div class="cards">
{% for signal in report.signals %}
<figure><figcaption><b>{{ signal.name }}</b>
<span class="badge {{ signal.verdict | tone }}">{{ signal.verdict }}</span>: {{ signal.text }}</figcaption>
{% with drawn = signal | chart %}{% if drawn %}
<svg viewBox="0 0 {{ width }} {{ height }}" role="img" aria-label="{{ drawn.label }}">
{% if drawn.band_height %}
<rect class="band" x="0" y="{{ drawn.band_top }}" width="{{ width }}" height="{{ drawn.band_height }}"/>
{% endif %}
{% if drawn.reference is not none %}
<line class="reference" x1="0" x2="{{ width }}" y1="{{ drawn.reference }}" y2="{{ drawn.reference }}"/>
{% endif %}
{% if drawn.start is not none %}
<line class="start" x1="{{ drawn.start }}" x2="{{ drawn.start }}" y1="0" y2="{{ height }}"/>
{% endif %}
{% for line in drawn.before %}<polyline class="before" points="{{ line }}"/>{% endfor %}
{% for line in drawn.after %}<polyline class="after" points="{{ line }}"/>{% endfor %}
</svg>{% else %}<p class="dim">no samples</p>{% endif %}{% endwith %}
</figure>
{% endfor %}</div></section>
{% endif %}
{% if screenshots %}
<section><h2>Spot check</h2>
<div class="cards">
{% for shot in screenshots %}<figure><img alt="{{ shot.name }}" src="{{ shot.uri }}"><figcaption>{{ shot.name }}</figcaption></figure>
{% endfor %}</div></section>
{% endif %}
</body>
</html>
"""


def render(report: Mapping[str, Any], screenshots: Mapping[str, bytes]) -> str:
    """The page; a screenshot that is neither PNG nor JPEG is left out."""
    need(jinja2, "jinja2")
    shots = [{"name": name, "uri": uri} for name, data in sorted(screenshots.items()) if (uri := _data_uri(data))]
    # The style is this file's own text, the one thing that is not escaped.
    style = markupsafe.Markup(STYLE)
    return _template().render(report=report, screenshots=shots, style=style, width=chart.WIDTH, height=chart.HEIGHT)


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.ChainableUndefined, trim_blocks=True)
    environment.filters.update(tone=_tone, chart=chart.chart, pretty=_pretty)
    return environment.from_string(TEMPLATE)


def _data_uri(data: bytes) -> str:
    kind = next((kind for magic, kind in _IMAGE_TYPES.items() if data.startswith(magic)), "")
    return f"data:{kind};base64,{base64.b64encode(data).decode()}" if kind else ""


def _tone(word: object) -> str:
    """The colour of a word; never the word itself, which may be anything."""
    return "good" if word in _GOOD else "bad" if word in _BAD else "warn"


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
