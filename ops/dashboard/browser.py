"""The browser that tests and pictures use: an installed Chromium, driven by Playwright.

Run as a script it installs one, where it can: as root on Debian or Ubuntu.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

NO_CHROMIUM = "There is no Chromium: install one, for instance with `apt-get install chromium`."
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# no sandbox, since tests run as root in a container; and nothing that asks the network by itself
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def open_browser() -> Iterator:
    """A headless Playwright browser, closed afterwards.

    Raises:
        SystemExit: there is no Chromium; the text says how to get one.
    """
    from playwright.sync_api import sync_playwright

    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def install_chromium() -> str:
    """Install Debian's Chromium unless there is one, and return its path.

    Raises:
        SystemExit: there is none, and this is not root on Debian, or apt-get failed.
    """
    if find_chromium() is None:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise SystemExit(NO_CHROMIUM)
        print("==> installing chromium")
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        for command in (["apt-get", "update", "-qq"], install):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit(NO_CHROMIUM)
    return chromium


if __name__ == "__main__":
    install_chromium()
