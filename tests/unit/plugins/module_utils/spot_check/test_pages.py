# Copyright: (c) 2026, the ampora.upgrades authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.ampora.upgrades.plugins.module_utils.spot_check.pages import (
    MOST_ERRORS,
    PageReport,
    led_astray,
    problems,
    shown_version,
    wanted_words,
    without_query,
)
from hypothesis import given
from hypothesis import strategies as st

HOME = "https://ampora.example"


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (PageReport("Fleet", "/fleet", 200, "1.5.0"), []),
        (PageReport("Fleet", "/fleet", 200, "v1.5.0"), []),
        (PageReport("Fleet", "/fleet", 200, "Leitstand 1.5.0+build.7 (2026)"), []),
        (PageReport("Fleet", "/fleet", 200, "1.4.2"), ["Fleet shows the version 1.4.2, not 1.5.0"]),
        (PageReport("Fleet", "/fleet", 200, "1.5.0-rc.1"), ["Fleet shows the version 1.5.0-rc.1, not 1.5.0"]),
        (PageReport("Fleet", "/fleet", 200, ""), ["Fleet shows the version nowhere, not 1.5.0"]),
        (PageReport("Fleet", "/fleet", 200, "1.4.2", pod="web-1"), ["the pod web-1 shows the version 1.4.2, not 1.5.0"]),
        (PageReport("Fleet", "/fleet", 500, "1.4.2"), ["Fleet (/fleet) answers 500"]),
        (PageReport("Fleet", "/fleet", 500, pod="web-1"), ["Fleet of the pod web-1 (/fleet) answers 500"]),
        (PageReport("Fleet", "/fleet", 0), ["Fleet (/fleet) answers 0"]),
        (PageReport("Fleet", "/fleet", 0, errors=["it is not there in time"]), ["Fleet: it is not there in time"]),
        (PageReport("Fleet", "/fleet", 200, "1.5.0", errors=["a"], failed_requests=["b"]), ["Fleet: a", "Fleet: b"]),
        (PageReport("Fleet", "/fleet", 200, landed="https://id.example/"), ["Fleet (/fleet) leads to https://id.example/"]),
    ],
)
def test_what_is_wrong_with_a_page(report: PageReport, expected: list[str]) -> None:
    assert problems([report], "v1.5.0".removeprefix("v")) == expected


def test_one_wrong_version_everywhere_is_one_problem() -> None:
    pages = [PageReport(name, "/", 200, "1.4.2") for name in ("Dashboard", "Fleet")]
    pods = [PageReport("Dashboard", "/", 200, "1.4.2", pod=pod) for pod in ("web-1", "web-2")]
    assert problems([*pages, *pods], "1.5.0") == ["Dashboard, Fleet and the pods web-1 and web-2 show the version 1.4.2, not 1.5.0"]
    assert problems(pages, "1.5.0") == ["Dashboard and Fleet show the version 1.4.2, not 1.5.0"]
    assert problems([*pods[:1], *pages[:1]], "1.4.2") == []


def test_one_pod_among_good_ones_is_named() -> None:
    pods = [PageReport("Dashboard", "/", 200, "1.5.0" if number else "1.4.2", pod=f"web-{number}") for number in range(3)]
    assert problems(pods, "1.5.0") == ["the pod web-0 shows the version 1.4.2, not 1.5.0"]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.5.0", "1.5.0"),
        ("v1.5.0", "1.5.0"),
        ("Ampora 1.5.0+abc", "1.5.0"),
        ("Version: 1.5.0-rc.1.", "1.5.0-rc.1"),
        ("build 7", "build 7"),
        ("1.5", "1.5"),
        ("1.5.0.0", "1.5.0"),  # as .NET writes the version of an assembly
        ("", ""),
    ],
)
def test_a_version_in_words(text: str, version: str) -> None:
    assert shown_version(text) == version


@given(st.text())
def test_any_footer_can_be_read(text: str) -> None:
    assert isinstance(problems([PageReport("a", "/", 200, text)], "1.5.0"), list)


@pytest.mark.parametrize(
    ("asked", "shown", "found"),
    [
        ("/fleet", f"{HOME}/fleet?page=1", ""),
        ("/", f"{HOME}/dashboard", ""),
        ("/fleet", "https://id.example/authorize?state=x", "https://id.example/authorize"),
        ("/fleet", f"{HOME}/login?returnUrl=/fleet", f"{HOME}/login"),
        ("/fleet", f"{HOME}/Account/AccessDenied", f"{HOME}/Account/AccessDenied"),
        ("/fleet", "http://ampora.example/fleet", "http://ampora.example/fleet"),
        ("/login", f"{HOME}/login", ""),
        ("/fleet", f"{HOME}/errors", ""),
    ],
)
def test_where_a_page_leads(asked: str, shown: str, found: str) -> None:
    assert led_astray(HOME + asked, shown) == found


def test_what_a_browser_says_has_no_query_and_no_end() -> None:
    assert without_query("GET https://a.example/b?code=s3cr3t&x=1 failed\n at line") == "GET https://a.example/b failed at line"
    assert without_query("\x1b[2Jred") == "[2Jred"
    assert len(without_query("x" * 10_000)) == 300


def test_errors_are_few_and_each_is_there_once() -> None:
    assert wanted_words(["a", "b", "a"], ["^b$"]) == ["a"]
    many = wanted_words([str(number) for number in range(100)], [])
    assert (len(many), many[-1]) == (MOST_ERRORS + 1, f"and {100 - MOST_ERRORS} more errors")
