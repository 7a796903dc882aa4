"""A command of this environment in less time: `python ops/tools/quick.py dbt build`.

dbt and sqlfluff make millions of objects that live as long as the process. Python looks through all
of them for cycles of references, over and over: a fifth of the processor time of dbt, a third of
sqlfluff's. Here it looks after 200,000 new objects, where its own rule is 700.
"""

from __future__ import annotations

import gc
import sys
from importlib.metadata import entry_points


def main() -> int | None:
    """Run the command that the first argument names, on the others."""
    gc.set_threshold(200_000, 50, 1000)
    del sys.argv[0]
    (command,) = entry_points(group="console_scripts", name=sys.argv[0])
    return command.load()()


if __name__ == "__main__":
    sys.exit(main())
