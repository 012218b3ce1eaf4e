# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text of report.html and history.html: style and template, no decisions."""

from __future__ import annotations

# The colours hold a contrast of 4.5 in both schemes; what a colour says, a word says as well.
STYLE = """\
:root { color-scheme: light dark; --page: #f3f5f8; --card: #fff; --sunk: #f3f5f8; --text: #18202b; --dim: #55606f; --line: #d9dfe7;
  --good: #0f6b3c; --bad: #b3261e; --warn: #8a5300; --none: #4a5565; --link: #1d4fa8; --curve: #1f5fbf; --band: #0f6b3c1f;
  --roll: #8a530022; }
@media (prefers-color-scheme: dark) { :root { --page: #10141a; --card: #191f28; --sunk: #10141a; --text: #e6eaf0; --dim: #a3afbf;
  --line: #323c49; --good: #57cf95; --bad: #ff8f88; --warn: #f0b45c; --none: #a3afbf; --link: #8ab8ff; --curve: #7db2ff;
  --band: #57cf9526;
  --roll: #f0b45c24; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
  overflow-wrap: anywhere; }
main { margin: 0 auto; padding: 1rem; max-width: 66rem; }
h1, h2, h3, p { margin: 0; }
h1 { font-size: 1.65rem; line-height: 1.25; text-wrap: balance; }
h2 { font-size: 1.15rem; margin-bottom: .7rem; }
h3 { font-size: 1rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .4rem .8rem; z-index: 1; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: 1.1rem 1.25rem; margin: 0 0 1rem; }
.verdict { border-top: .4rem solid var(--none); }
.verdict.good { border-top-color: var(--good); }
.verdict.bad { border-top-color: var(--bad); }
.verdict.warn { border-top-color: var(--warn); }
.kicker { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: center; color: var(--dim); margin-bottom: .5rem; }
.reason { margin-top: .5rem; }
.dim { color: var(--dim); }
.small { font-size: .875rem; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .875rem;
  font-weight: 600;
  white-space: nowrap; color: var(--none); }
.badge.good { color: var(--good); }
.badge.bad { color: var(--bad); }
.badge.warn { color: var(--warn); }
.verdict .badge { font-size: 1rem; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: var(--dim); }
dd { margin: 0; min-width: 0; }
.facts { margin-top: 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
code, pre { font: .875em/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { white-space: pre-wrap; margin: .4rem 0 0; }
.next { margin-top: 1rem; }
.command { display: block; margin-top: .3rem; padding: .7rem .9rem; border: 1px solid var(--line); border-left: .3rem solid var(--link);
  border-radius: .4rem; background: var(--sunk); user-select: all; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0 0 1rem; padding: 0 .3rem; list-style: none; }
.plain { list-style: none; margin: 0; padding: 0; }
.steps > li { display: grid; grid-template-columns: 1.6rem minmax(0, 1fr) max-content; gap: .1rem .5rem; padding: .55rem 0;
  border-top: 1px solid var(--line); }
.steps > li:first-child { border-top: 0; }
.steps > li > .rest { grid-column: 2 / -1; min-width: 0; }
.sign { font-weight: 700; }
.sign.good { color: var(--good); }
.sign.bad { color: var(--bad); }
.sign.warn { color: var(--warn); }
.bar { display: block; width: 100%; height: .35rem; margin: .25rem 0; border-radius: .2rem; background: var(--sunk); }
.bar rect { fill: var(--none); }
.bar.good rect { fill: var(--good); }
.bar.bad rect { fill: var(--bad); }
.bar.warn rect { fill: var(--warn); }
.findings > li { padding: .6rem 0; border-top: 1px solid var(--line); }
.findings > li:first-child { border-top: 0; }
.findings ul { margin: .2rem 0 0; padding-left: 1.2rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 1.2rem; }
.shots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 1rem; margin-top: 1rem; }
figure { margin: 0; min-width: 0; }
figcaption { margin-bottom: .3rem; }
img { display: block; width: 100%; height: auto; border: 1px solid var(--line); border-radius: .4rem; }
.chart { display: block; width: 100%; height: auto; }
.chart text { fill: var(--dim); font-size: 13px; }
.axis { stroke: var(--line); }
.band { fill: var(--band); }
.roll { fill: var(--roll); }
.line { fill: none; stroke: var(--curve); stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round; }
.line.before { opacity: .55; }
.line.earlier { stroke: var(--dim); stroke-width: 1.5; stroke-dasharray: 2 4; }
.reference { stroke: var(--dim); stroke-dasharray: 6 4; }
.earlier-band { fill: none; stroke: var(--dim); stroke-dasharray: 2 4; }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1rem; padding: 0; margin: 0; list-style: none; color: var(--dim); font-size: .875rem; }
.key svg { width: 1.6rem; height: .7rem; vertical-align: baseline; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; color: var(--dim); padding-bottom: .2rem; }
th, td { min-width: 5.5rem; text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
thead th { color: var(--dim); }
.runs th:first-child { min-width: 12rem; }
.apart { margin-top: 1rem; }
details { margin-top: .3rem; }
summary { cursor: pointer; color: var(--link); width: fit-content; }
details > :not(summary) { margin-top: .4rem; }
.tree { padding-left: .8rem; border-left: 2px solid var(--line); }
footer { color: var(--dim); font-size: .875rem; padding: 0 .3rem; }
@media (max-width: 34rem) { main { padding: .6rem; } .card { padding: .9rem; } h1 { font-size: 1.35rem; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } .stack thead { display: none; }
  .stack td::before { content: attr(data-label) ": "; color: var(--dim); } .stack caption { padding-bottom: .4rem; }
  .stack tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); } .stack td, .stack th { display: block; min-width: 0;
  border: 0; padding: 0; } }
@media print { :root { --page: #fff; --sunk: #fff; --card: #fff; --text: #000; --dim: #444; --line: #bbb; --good: #0f6b3c;
  --bad: #b3261e; --warn: #8a5300;
  --none: #444; --link: #000; --curve: #1f5fbf; --band: #0f6b3c1f; --roll: #8a530022; color-scheme: light; }
  body { font-size: 10pt; } main { padding: 0; max-width: none; } nav, .skip { display: none; } .card { border-radius: 0;
  break-inside: auto; }
  .card { border-width: 0 0 1px; padding: .5rem 0; } .verdict { border-top-width: .4rem; }
  .more:not([open]), .numbers { display: none; } .evidence::details-content { content-visibility: visible; block-size: auto; }
  li, figure, tr { break-inside: avoid; } h2 { break-after: avoid; } .figures { grid-template-columns: 1fr 1fr; }
  .numbers { display: none; }
  * { print-color-adjust: exact; } }
"""

HEAD = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="referrer" content="no-referrer">
<title>{{ title | short(70) }}</title>
<style>
{{ style }}</style>
</head>
"""

MACROS = """\
{% macro badge(word, kind) %}<span class="badge {{ kind }}">{{ kind | sign }} {{ word }}</span>{% endmacro %}
{% macro linked(text) %}{% if text is link %}<a href="{{ text }}" rel="noreferrer noopener">{{ text }}</a>{% else %}{{ text }}
{% endif %}{% endmacro %}
{% macro tree(value, depth=0) %}
{% if value is mapping %}{% if not value %}<span class="dim">nothing</span>{% elif depth > 4 %}<code>{{ value | pretty }}</code>{% else %}
<dl{% if depth %} class="tree"{% endif %}>{% for name, item in (value | dictsort)[:most] %}
<dt>{{ name | spaced }}</dt><dd>{{ tree(item, depth + 1) }}</dd>{% endfor %}
{% if value | length > most %}<dt>and more</dt><dd>{{ value | length - most }} in report.json</dd>{% endif %}</dl>{% endif %}
{% elif value == "" %}<span class="dim">empty</span>
{% elif value is string %}{{ linked(value | short(2000)) }}
{% elif value is iterable %}{% if not value %}<span class="dim">none</span>{% elif depth > 4 %}<code>{{ value | pretty }}</code>{% else %}
<ul>{% for item in value[:most] %}<li>{{ tree(item, depth + 1) }}</li>{% endfor %}
{% if value | length > most %}<li class="dim">and {{ value | length - most }} more in report.json</li>{% endif %}</ul>{% endif %}
{% else %}{{ value | yes_no }}{% endif %}
{% endmacro %}
"""

REPORT = (
    HEAD
    + MACROS
    + """\
{% macro signals_section(watch, id, name) %}
<section class="card" id="{{ id }}" aria-labelledby="h-{{ id }}">
<h2 id="h-{{ id }}">{{ name }} {{ badge(watch.verdict, watch.verdict | tone) }}</h2>
<div class="figures">
{% for signal in watch.signals %}
<figure><figcaption><strong>{{ signal.name }}</strong> {{ badge(signal.verdict, signal.verdict | tone) }}
<div class="small">{{ signal.text }}</div></figcaption>
{% set drawn = signal | chart(watch.rollout) %}
{% if drawn %}
<svg class="chart" viewBox="0 0 {{ width }} {{ height }}" role="img" aria-label="{{ drawn.label }}">
{% for mark in drawn.y_marks %}<line class="axis" x1="{{ left }}" x2="{{ width - right }}" y1="{{ mark.at }}" y2="{{ mark.at }}"></line>
<text x="{{ left - 8 }}" y="{{ mark.at + 4 }}" text-anchor="end">{{ mark.text }}</text>
{% endfor %}{% for mark in drawn.x_marks %}<text x="{{ mark.at }}" y="{{ height - 8 }}" text-anchor="middle">{{ mark.text }}</text>
{% endfor %}{% for box, name in ((drawn.rollout, "roll"), (drawn.band, "band"), (drawn.earlier_band, "earlier-band")) if box %}
<rect class="{{ name }}" x="{{ box.x }}" y="{{ box.y }}" width="{{ box.width }}" height="{{ box.height }}"></rect>
{% endfor %}{% if drawn.rollout %}<text x="{{ drawn.rollout.x }}" y="14">rollout</text>{% endif %}
{% if drawn.reference is not none %}{% set ref = drawn.reference %}
<line class="reference" x1="{{ left }}" x2="{{ width - right }}" y1="{{ ref }}" y2="{{ ref }}"></line>{% endif %}
{% for lines, name in ((drawn.earlier, "earlier"), (drawn.before, "before"), (drawn.during, "during"), (drawn.after, "after")) %}
{% for line in lines %}<polyline class="line {{ name }}" points="{{ line }}"></polyline>{% endfor %}
{% endfor %}</svg>
<ul class="key">
{% set keys = (("before", "line before", drawn.before), ("after", "line", drawn.after), ("a day earlier", "line earlier", drawn.earlier)) %}
{% for name, shape, shown in keys if shown %}
<li><svg viewBox="0 0 24 10" aria-hidden="true"><line class="{{ shape }}" x1="1" x2="23" y1="6" y2="6"></line></svg> {{ name }}
</li>{% endfor %}
{% if drawn.reference is not none %}<li><svg viewBox="0 0 24 10" aria-hidden="true">
<line class="reference" x1="0" x2="24" y1="6" y2="6"></line></svg> reference</li>{% endif %}
{% if drawn.band %}<li><svg viewBox="0 0 24 10" aria-hidden="true"><rect class="band" width="24" height="10"></rect>
</svg> must end in here</li>{% endif %}</ul>
<details class="numbers"><summary>Numbers<span class="dim small"> of {{ signal.name }}</span></summary>
{% if signal.promql %}<p><code>{{ signal.promql }}</code></p>{% endif %}
<table class="small"><caption>Values by time (UTC)</caption><thead><tr><th scope="col">Time</th><th scope="col">Value</th>
<th scope="col">When</th></tr></thead>
<tbody>{% for row in drawn.rows %}<tr><td>{{ row[0] }}</td><td>{{ row[1] }}</td><td>{{ row[2] }}</td></tr>{% endfor %}</tbody>
</table></details>
{% else %}<p class="dim">No value in {{ signal.samples | length }} samples.</p>{% endif %}
</figure>
{% endfor %}</div></section>
{% endmacro %}
{% macro findings_section() %}
<section class="card" id="findings" aria-labelledby="h-findings">
<h2 id="h-findings">Findings{% if report.findings %} ({{ report.findings | length }}){% endif %}</h2>
{% if report.findings %}
<ul class="plain findings">
{% for finding in report.findings | in_order %}
<li>{{ badge(finding | mark, finding | mark | tone) }} <code>{{ finding.id }}</code> {{ finding.version }}
<div>{{ linked(finding.text) }}</div>
{% if finding.overridden is mapping %}<div class="small">Overridden: {{ finding.overridden.reason }}
{% if finding.overridden.until %} (until {{ finding.overridden.until }}){% endif %}{% if by %}, by {{ by }}{% endif %}</div>
{% elif finding.acknowledged %}<div class="small dim">Answered as <code>{{ finding.ack_key }}</code>{% if by %} by {{ by }}
{% endif %}</div>{% endif %}
{% if finding.evidence %}
<details class="evidence"{% if finding.evidence | length <= 5 %} open{% endif %}>
<summary>Evidence ({{ finding.evidence | length }})</summary>
<ul class="small dim">{% for line in finding.evidence[:most] %}<li>{{ linked(line) }}</li>{% endfor %}
{% if finding.evidence | length > most %}<li>and {{ finding.evidence | length - most }} more in report.json</li>{% endif %}</ul></details>
{% endif %}</li>
{% endfor %}</ul>
{% else %}<p class="dim">None.</p>{% endif %}
{% if report.answers.acks or report.answers.overrides %}
<details><summary>Answers that were given{% if by %} by {{ by }}{% endif %}</summary>
<ul class="small">{% for key, value in report.answers.acks | dictsort %}<li><code>{{ key }}: "{{ value }}"</code></li>{% endfor %}
{% for override in report.answers.overrides %}<li><code>{{ override.rule }}</code> overridden: {{ override.reason }}
{% if override.until %}(until {{ override.until }}){% endif %}</li>{% endfor %}</ul></details>{% endif %}
{% if report.adrs %}<details><summary>Decision records that the notes name ({{ report.adrs | length }})</summary>
<ul class="small">{% for record in report.adrs[:most] %}<li><code>{{ record.adr }}</code> {{ record.version }}: {{ record.text }}</li>
{% endfor %}</ul></details>{% endif %}
{% if report.notes %}<details><summary>Release notes that were read ({{ report.notes | length }})</summary>
<ul class="small">{% for note in report.notes[:most] %}<li>{{ note.version }}: {{ linked(note.source) }}</li>{% endfor %}</ul>
</details>{% endif %}
</section>
{% endmacro %}
<body>
<a class="skip" href="#findings">Skip to the findings</a>
<main>
<header class="card verdict {{ report | tone_of }}">
<p class="kicker">{{ badge(report.outcome, report | tone_of) }}
<span>{{ report.kind }} of {{ report.deployment.namespace }}/{{ report.deployment.name }}</span>
{% if report.change %}<span>{{ report.change }}</span>{% endif %}</p>
<h1>{{ report.headline }}</h1>
{% if report.reason %}<p class="reason">{{ report.reason | short(1500) }}</p>{% endif %}
{% if report.outcome in ("held", "unfinished") %}
<p class="reason">When the cause is mended, the same command goes on with this run.</p>{% endif %}
{% if report.next_command %}<div class="next">
<h2 class="small">{{ "To go back" if "rollback" in report.next_command else "Next command" }}</h2>
<code class="command">{{ report.next_command }}</code></div>{% endif %}
<dl class="facts">
{% if report.from.version or report.from.digest %}
<dt>From</dt><dd>{{ report.from.version or "not known" }}
  {% if report.from.digest %}<code class="dim">{{ report.from.digest }}</code>{% endif %}</dd>
{% endif %}
<dt>To</dt><dd>{{ report.to.version or "not known" }} {% if report.to.digest %}<code class="dim">{{ report.to.digest }}</code>
{% endif %}</dd>
<dt>When</dt><dd>{{ report | span }}</dd>
<dt>Who</dt><dd>{% for name, value in report.actor | dictsort if name != "process" %}{{ name | spaced }}
  {{ value }}{{ ", " if not loop.last }}{% endfor %}</dd>
{% if report.proof %}<dt>Proof</dt><dd>{{ report.proof | proof }}</dd>{% endif %}
<dt>Run</dt><dd><code>{{ report.run }}</code></dd>
</dl>
</header>
<nav aria-label="On this page"><ul>
{% for id, name in sections %}<li><a href="#{{ id }}">{{ name }}</a></li>{% endfor %}
</ul></nav>

{% if findings_first %}{{ findings_section() }}{% endif %}

{% if report.steps %}
<section class="card" id="steps" aria-labelledby="h-steps"><h2 id="h-steps">Steps</h2>
<ol class="plain steps">
{% for step in report.steps %}{% set kind = step | step_tone %}
<li><span class="sign {{ kind }}" aria-hidden="true">{{ kind | sign }}</span>
<div><h3>{{ step.name | title }}{% if step.state != "ended" %}: {{ step.state }}{% endif %}</h3></div>
<span class="dim small">{{ step.seconds | duration }}</span>
<div class="rest">
<svg class="bar {{ kind }}" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
<rect x="{{ step | offset(report) }}" y="0" width="{{ step | share(report) }}" height="10"></rect></svg>
{% if step.message %}<p>{{ step.message }}</p>{% elif step.line %}<p>{{ step.line }}</p>{% endif %}
<p class="dim small">{{ step.began_at | when }}{% if not step.ended_at %}, and has not ended{% endif %}</p>
{% if step.shown %}<details class="more"><summary>What it recorded<span class="dim small"> of {{ step.name | title }}</span>
</summary>{{ tree(step.shown) }}</details>{% endif %}
</div></li>
{% endfor %}</ol></section>
{% endif %}

{% if report.signals %}{{ signals_section(report, "signals", "Signals") }}{% endif %}
{% if report.after_going_back %}{{ signals_section(report.after_going_back, "again", "Signals after going back") }}{% endif %}

{% if report.spot_check or screenshots %}
<section class="card" id="look" aria-labelledby="h-look">
<h2 id="h-look">Spot check{% if spot.mode %}
  {{ badge("fail", "bad") if spot.problems else badge("pass", "good") }}{% endif %}</h2>
{% if spot.left_out and "browser" in spot.left_out %}<p>The browser part was skipped (ampora_spot_check is {{ spot.mode }}).</p>
{% endif %}
{% if spot.pods.text %}<p>{{ spot.pods.text }}</p>{% endif %}
{% for problem in spot.problems %}<p><span class="sign bad" aria-hidden="true">{{ "bad" | sign }}</span> {{ problem }}</p>{% endfor %}
{% if spot.pages %}<div class="scroll apart"><table class="stack">
<caption>Pages</caption><thead><tr><th scope="col">Page</th><th scope="col">Answer</th><th scope="col">Version</th>
<th scope="col">Errors</th></tr></thead><tbody>
{% for page in spot.pages[:most] %}<tr><th scope="row">{{ page.name }}</th>
<td data-label="Answer">{{ page.status }}</td>
<td data-label="Version">{{ page.version or "none" }}</td>
<td data-label="Errors">{{ page.errors | join("; ") or "none" }}</td>
</tr>{% endfor %}
</tbody></table></div>{% endif %}
{% if spot.pods.each %}<div class="scroll apart">
<table class="stack"><caption>Pods, by {{ spot.pods.way }}</caption><thead><tr><th scope="col">Pod</th><th scope="col">Answer</th>
<th scope="col">Version</th></tr></thead><tbody>
{% for pod in spot.pods.each[:most] %}<tr><th scope="row">{{ pod.pod or "the Service" }}</th><td>{{ pod.status }}
</td><td data-label="Version">{{ pod.version or "none" }}</td></tr>{% endfor %}
</tbody></table></div>{% endif %}
{% if spot.api %}<div class="scroll apart"><table class="stack">
<caption>API</caption><thead><tr><th scope="col">Asked</th><th scope="col">Path</th><th scope="col">Found</th></tr></thead><tbody>
{% for entry in spot.api[:most] %}<tr><th scope="row">{{ entry.pod or "the Service" }}</th><td>{{ entry.path }}
</td><td data-label="Found">{{ entry.error or entry.count }}</td></tr>{% endfor %}
</tbody></table></div>{% endif %}
{% if spot.settings_page %}<div class="apart"><h3>Deprecations</h3>
{% if not spot.settings_page.readable %}<p class="dim">The page {{ spot.settings_page.page }}
  was not read: {{ spot.settings_page.reason }}.</p>
{% else %}<ul>{% for banner in spot.settings_page.banners %}<li>{{ banner.text }} <span class="dim">
{% if banner.logged %}(the logs warned {{ banner.logged }} times){% else %}(nothing in the logs that the plan read){% endif %}</span></li>
{% else %}<li class="dim">The page {{ spot.settings_page.page }} shows no banner.</li>{% endfor %}
{% for name, count in spot.settings_page.only_in_logs | items %}<li>{{ name }}: {{ count }} times in the logs, and no banner</li>
{% endfor %}</ul>{% endif %}</div>{% endif %}
{% if screenshots %}<div class="shots">
{% for shot in screenshots %}<figure><img alt="Screenshot: {{ shot.name }}" src="{{ shot.uri }}">
<figcaption class="small dim">{{ shot.name }}</figcaption></figure>
{% endfor %}</div>{% endif %}
</section>
{% endif %}

{% if not findings_first %}{{ findings_section() }}{% endif %}

{% if report.snapshot %}
<section class="card" id="snapshot" aria-labelledby="h-snapshot">
<h2 id="h-snapshot">Snapshot {% if report.snapshot.proof %}
{{ badge("proof: " ~ report.snapshot.proof, "bad" if report.snapshot.proof == "none" else "good") }}{% endif %}</h2>
{{ tree(report.snapshot | sized) }}</section>
{% endif %}

{% if report.way_back %}
<section class="card" id="back" aria-labelledby="h-back"><h2 id="h-back">Way back</h2>
{% for name, result in report.way_back | dictsort %}<h3{% if not loop.first %} class="apart"{% endif %}>{{ name | title }}
</h3>{{ tree(result) }}{% endfor %}</section>
{% endif %}

{% if report.agents %}
<section class="card" id="agents" aria-labelledby="h-agents">
<h2 id="h-agents">Agents{% if report.agents.count is number %} ({{ report.agents.count }}){% endif %}</h2>
{% for name, told in groups if report.agents[name] %}
<h3>{{ told }}: {{ report.agents[name] | length }}</h3>
<details{% if report.agents[name] | length <= 20 %} open{% endif %}>
<summary>All of them<span class="dim small"> ({{ told }})</span></summary><ul class="small">
{% for agent in report.agents[name] %}<li>{{ agent | joined }}</li>{% endfor %}</ul></details>
{% else %}<p class="dim">None stands out.</p>{% endfor %}</section>
{% endif %}

{% if report.configuration_rollouts %}
<section class="card" id="rollouts" aria-labelledby="h-rollouts">
<h2 id="h-rollouts">Configuration rollouts</h2>{{ tree(report.configuration_rollouts) }}</section>
{% endif %}

<footer><p>All times are UTC. The same account for programs: report.json. Earlier runs: <a href="../history.html">history</a>.</p></footer>
</main>
</body>
</html>
"""
)

HISTORY = (
    HEAD
    + MACROS
    + """\
<body>
<main>
<header class="card"><h1>{{ title }}</h1>
<p class="dim">The last {{ runs | length }} of {{ count }} runs that the cluster has recorded.</p></header>
<section class="card" aria-label="Runs">
{% if runs %}<table class="stack runs"><caption>The newest first; all times are UTC.</caption>
<thead><tr><th scope="col">Run</th><th scope="col">What</th><th scope="col">Outcome</th><th scope="col">Took</th>
<th scope="col">Who</th></tr></thead><tbody>
{% for run in runs %}<tr>
<th scope="row">{% if run.report %}<a href="{{ run.report }}">{{ run.started_at | when }}</a>{% else %}{{ run.started_at | when }}
{% endif %}<div class="dim small"><code>{{ run.run }}</code></div></th>
<td data-label="What">{{ run.kind }}{% if run.from and run.to %} <span class="nowrap">{{ run.from }} → {{ run.to }}</span>{% endif %}
{% if run.reason %}
<div class="dim small">{{ run.reason | short(300) }}</div>{% endif %}</td>
<td data-label="Outcome">{{ badge(run.outcome, run | tone_of) }}{% if run.verdict %}
<div class="dim small">verdict {{ run.verdict }}</div>{% endif %}</td>
<td data-label="Took">{{ run.seconds | duration }}</td><td data-label="Who">{{ run.who }}</td></tr>
{% endfor %}</tbody></table>
{% else %}<p class="dim">None.</p>{% endif %}</section>
</main>
</body>
</html>
"""
)
