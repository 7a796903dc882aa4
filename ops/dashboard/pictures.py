"""Take the README's pictures from static pages: `pictures.py PAGES FOLDER`.

Needs Playwright and a Chromium, as `make test-dashboard` does.
"""

from __future__ import annotations

import sys
from pathlib import Path

from browser import open_browser

# page and the height of what is shown of it, in pixels
PICTURES = {"acquisition": 1280, "retention": 1130}
WIDTH = 1200


def take(pages: Path, folder: Path) -> list[Path]:
    """Write one PNG for each of PICTURES into `folder`, and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    with open_browser() as browser:
        for name, height in PICTURES.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": height})
            page.goto((pages / f"{name}.html").resolve().as_uri())
            picture = folder / f"dashboard_{name}.png"
            page.screenshot(path=picture)
            pictures.append(picture)
    return pictures


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    for taken in take(Path(sys.argv[1]), Path(sys.argv[2])):
        print(f"{taken} ({taken.stat().st_size / 1e3:,.0f} kB)")
