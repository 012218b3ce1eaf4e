# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site's own rules: JMESPath expressions over the plan, each a finding when it is true.

A team adds "never above 1.6" or "at least three replicas" without writing a plug-in (https://jmespath.org/specification.html).
The rules are compiled before anything is read: a wrong expression is found at the start, and not at night behind an `&&`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ansible_collections.ampora.upgrades.plugins.module_utils.errors import UpgradeError, need, quote
from ansible_collections.ampora.upgrades.plugins.module_utils.policy.finding import Finding, Severity

try:
    import jmespath
    from jmespath.exceptions import JMESPathError
    from jmespath.functions import Functions
    from jmespath.lexer import Lexer
except ImportError:
    jmespath = None  # type: ignore[assignment]

NEXT_STEP = "Correct the entry in ampora_policy_rules; the plan is what `plan.yml` writes to report.json."
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_LONGEST = 4000


@dataclass(frozen=True)
class Rule:
    """One rule whose expression can be evaluated."""

    id: str
    severity: Severity
    text: str
    expression: Any  # jmespath's own


def compile_rules(rules: Sequence[Mapping[str, str]], built_in: Collection[str] = ()) -> tuple[Rule, ...]:
    """The rules, ready; all that is wrong with any of them at once. `built_in` are the ids that the collection itself uses."""
    if not rules:
        return ()
    need(jmespath, "jmespath")
    wrong = list(_wrong_ids([str(rule["id"]) for rule in rules], built_in))
    compiled = []
    for rule in rules:
        problem, expression = _compile(str(rule["when"]))
        if problem:
            wrong.append(f"the rule {quote(rule['id'])}: {problem}")
        compiled.append(Rule(str(rule["id"]), cast(Severity, rule["severity"]), str(rule["text"]), expression))
    if wrong:
        raise UpgradeError(f"ampora_policy_rules is wrong: {'; '.join(wrong)}.", next_step=NEXT_STEP)
    return tuple(compiled)


def judge_compiled(rules: Sequence[Rule], plan: Mapping[str, Any]) -> list[Finding]:
    """The rules whose expression is exactly true; an expression that fails, or gives anything but true, false or null, is an error."""
    findings = []
    for rule in rules:
        try:
            answer = rule.expression.search(plan)
        except (JMESPathError, RecursionError) as error:
            words = " ".join(str(error).split())
            raise UpgradeError(f"The rule {rule.id} cannot be evaluated: {words}", next_step=NEXT_STEP) from error
        if answer is not None and not isinstance(answer, bool):  # by type: in Python 1 equals True
            raise UpgradeError(f"The rule {rule.id} gives {quote(answer)}, and a rule is true or false.", next_step=NEXT_STEP)
        if answer:
            findings.append(Finding(rule.id, rule.severity, rule.text, str(plan.get("target", {}).get("version", ""))))
    return findings


def judge_rules(rules: Sequence[Mapping[str, str]], plan: Mapping[str, Any]) -> list[Finding]:
    """Both at once, for whoever has no earlier moment to compile them."""
    return judge_compiled(compile_rules(rules), plan)


def _wrong_ids(ids: Sequence[str], built_in: Collection[str]) -> Iterator[str]:
    for name, count in Counter(ids).items():
        if count > 1:
            yield f"{count} rules have the id {quote(name)}, and an answer or override could not tell them apart"
        if name in built_in:
            yield f"the id {quote(name)} is a rule of the collection itself"
        if not _ID.fullmatch(name):
            yield f"the id {quote(name)} is not made of up to 80 letters, digits, dots, hyphens and underscores"


def _compile(text: str) -> tuple[str, Any]:
    """What is wrong with an expression (empty when nothing is), and the expression compiled."""
    if len(text) > _LONGEST:
        return f"its expression is longer than {_LONGEST} characters", None
    try:
        expression = jmespath.compile(text)
        problems = list(_wrong_calls(text, expression.parsed))
    except RecursionError:
        return "its expression is nested too deeply", None
    except JMESPathError as error:
        place = getattr(error, "lex_position", None)  # an empty expression has none
        where = f" at {_place(text, place)}" if place is not None else ""
        return f"its expression {quote(text)} is wrong{where}: {_words(error)}", None
    return "; ".join(problems), expression


def _place(text: str, position: int) -> str:
    """A position as a person counts, with what stands there."""
    rest = text[position : position + 20]
    return f"character {position + 1} ({quote(rest)})" if rest.strip() else "its end"


def _words(error: Exception) -> str:
    """The library's words, without the copy of the expression that follows them."""
    words = str(error).split(": Parse error", 1)[0].splitlines()[0]
    return words.removeprefix("Invalid jmespath expression: ").removeprefix("Bad jmespath expression: ").rstrip(" :.")


def _wrong_calls(text: str, parsed: Mapping[str, Any]) -> Iterator[str]:
    """Functions that there are not, or with another number of arguments: the library itself finds them only when it runs them."""
    tokens = list(Lexer().tokenize(text))
    calls = [
        one for one, following in zip(tokens, tokens[1:], strict=False) if following["type"] == "lparen" and "identifier" in one["type"]
    ]
    for token, call in zip(calls, _calls(parsed), strict=True):
        name, given = str(call["value"]), len(call["children"])
        where = f"at {_place(text, int(token['start']))}"
        if name not in Functions.FUNCTION_TABLE:
            yield f"its expression {quote(text)} calls {quote(name)} {where}, and JMESPath has no such function"
            continue
        signature = Functions.FUNCTION_TABLE[name]["signature"]
        least = len(signature)
        variadic = bool(signature and signature[-1].get("variadic"))
        if given < least or (given > least and not variadic):
            count = f"at least {least}" if variadic else str(least)
            yield f"its expression {quote(text)} gives {name} {given} arguments {where}, and it takes {count}"


def _calls(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every call of a function, in the order in which they are written."""
    if node.get("type") == "function_expression":
        yield node
    children = list(node.get("children", []))
    if node.get("type") == "filter_projection":  # the only node whose children are not in that order: its condition is the last
        children.insert(1, children.pop())
    for child in children:
        if isinstance(child, Mapping):
            yield from _calls(child)
