"""Files of Maven Central that tests of engines need, pinned by their SHA-256.

Run as a script it brings Delta Lake for Spark 3.5: `python maven_central.py FOLDER`.
"""

from __future__ import annotations

import hashlib
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

CENTRAL = "https://repo.maven.apache.org/maven2"
# 3.3.3 and not the one before it, which makes no table on Spark 3.5.9
DELTA = {
    "io/delta/delta-spark_2.12/3.3.3/delta-spark_2.12-3.3.3.jar": (
        "4912bf902a1c453aba3bd838ff212dedd357155212f9bb37a6b47d97f2827ebc"
    ),
    "io/delta/delta-storage/3.3.3/delta-storage-3.3.3.jar": (
        "45ad193053fd30cebe6d9ab1889873cde39b223a0f210e00ebee8b6642476901"
    ),
}


def bring(files: dict[str, str], folder: Path) -> Iterator[Path]:
    """Bring files into a folder, one after the other.

    Arguments:
        files: the SHA-256 of each path below CENTRAL.
        folder: where they go, made if it is not there.

    Raises:
        SystemExit: a file is not the one that was tested.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path, sha256 in files.items():
        target = folder / path.rsplit("/", 1)[1]
        print(f"    {target.name}", flush=True)
        part = target.with_name(target.name + ".part")
        urllib.request.urlretrieve(f"{CENTRAL}/{path}", part)
        with part.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                sys.exit(f"{CENTRAL}/{path} is not the file that was tested: its SHA-256 differs")
        yield part.rename(target)


if __name__ == "__main__":
    list(bring(DELTA, Path(sys.argv[1])))
