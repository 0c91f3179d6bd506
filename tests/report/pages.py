"""Pages as a browser has them: parsed, looked through for requests, and drawn."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

# Attributes by which a page asks for something.
ASKING = {"src", "srcset", "data", "poster", "action", "background"}


class Page(HTMLParser):
    """The elements of a page, its texts outside of scripts, and its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts.append(data)
        elif not self._inside and data.strip():
            self.words.append(" ".join(data.split()))


def figures(page: Page) -> dict[str, Any]:
    """The charts' plain values, as the page has them."""
    found: dict[str, Any] = json.loads(page.scripts[1])
    return found


def asks_for_nothing(text: str) -> None:
    """No element names anything outside, and the chart's script is there once."""
    page = Page(text)
    for tag, attributes in page.elements:
        assert not ASKING & attributes.keys()
        assert tag not in ("iframe", "object", "embed", "base")
        if tag == "link":
            assert attributes["href"] == "data:,"
    own = text[: text.index("<script>")] + page.scripts[2]
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", own)
    assert text.count("* plotly.js v") == 1
    assert len(page.scripts) == 3


def browsed(text: str, folder: Path, *, dark: bool) -> tuple[str, list[str]]:
    """
    What Chromium makes of a page from file://, with no network: the document as it
    then is, and what was complained of.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    (folder / "report.html").write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [
            chromium,
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update"),
            *("--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"),
            *("--enable-logging=stderr", "--window-size=1280,1024"),
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--user-data-dir={folder / 'profile'}",
            *("--virtual-time-budget=5000", "--dump-dom"),
            (folder / "report.html").as_uri(),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        drawn, said = process.communicate(timeout=100)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, said
    complaints = [line for line in said.splitlines() if "CONSOLE" in line]
    return drawn, complaints


def body(drawn: str) -> str:
    """The part of the document that is seen."""
    return drawn[drawn.index("<main>") : drawn.index("plotly.js v")]
