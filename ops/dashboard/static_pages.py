"""Render the dashboard as pages that need no server: `static_pages.py FOLDER`.

Each page is one HTML file with all that it needs inside, in a wide layout and, in `phone/`, in a
narrow one, to which a narrow window is sent. Filters show what they stand at; to move them, serve
the dashboard (`make dashboard`). The database is the one that DASHBOARD_DB names.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from frame import framed

DASHBOARD_DIR = Path(__file__).resolve().parent
FIRST_PAGE = "engagement"


def render(folder: Path) -> list[Path]:
    """Write all pages below `folder`, and return them, the first page first.

    Raises:
        SystemExit: dbt-charts could not draw a page; the text is its own message.
    """
    boards = sorted((DASHBOARD_DIR / "charts").glob("*.yml"))
    boards += sorted((DASHBOARD_DIR / "charts" / "phone").glob("*.yml"))
    boards = [board for board in boards if board.stem != "meta"]
    with tempfile.TemporaryDirectory() as scratch:
        command = [str(Path(sys.executable).with_name("dct")), "render"]
        command += [str(board.relative_to(DASHBOARD_DIR)) for board in boards]
        command += ["--format", "html", "--no-cache", "--no-warnings"]
        command += ["--output", f"{scratch}/{{dir}}/{{stem}}.html"]
        done = subprocess.run(
            command, cwd=DASHBOARD_DIR, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"The dashboard could not be rendered:\n{done.stderr.strip()}")
        pages = []
        for board in boards:
            path = board.relative_to(DASHBOARD_DIR / "charts").with_suffix(".html")
            page = folder / path
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(without_server((Path(scratch) / "charts" / path).read_text(), path))
            pages.append(page)
    shutil.copy(folder / f"{FIRST_PAGE}.html", folder / "index.html")
    return [folder / "index.html", *pages]


def without_server(html: str, path: Path) -> str:
    """A rendered page with links to files.

    Arguments:
        html: the page as dbt-charts renders it.
        path: where the page goes, below the folder of all pages.
    """
    is_phone = path.parent.name == "phone"

    def address(page: str, to_phone: bool) -> str:
        if to_phone == is_phone:
            return f"{page}.html"
        return f"{'phone' if to_phone else '..'}/{page}.html"

    # a click on a value of a table sets a filter, which needs a server
    return framed(re.sub(r'href="\?[^"]*"', "", html), path.stem, is_phone, address)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print(f"The dashboard as static pages: {render(Path(sys.argv[1]).resolve())[0]}")
