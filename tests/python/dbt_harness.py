"""dbt inside the test process: one parse per set of vars, one database per folder."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pickle
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.tests import enable_test_caching

PROJECT_DIR = Path(__file__).resolve().parents[2]
# dbt writes the database's name into every relation, and the name is the file's stem:
# with one file name for all tests, one parsed manifest serves all of them.
DATABASE_FILE = "app_sessions.duckdb"
# commands that need no parsed project, or make one themselves
NO_MANIFEST = {"parse", "deps", "clean", "debug", "init"}
# commands after which no test reads manifest.json or run_results.json: a fifth of a run's time
NO_ARTIFACTS = {"parse", "run", "seed", "test", "run-operation"}
# Python's search for cycles goes through a parsed project each time: a third of the tests' time
gc.set_threshold(200_000, 50, 100)
# commands that take --threads; several processes test at a time, each has one core
THREADED = {"build", "clone", "compile", "retry", "run", "seed", "show", "source", "test"}
# parsed projects kept in memory, one per set of vars
KEPT_MANIFESTS = 32

_manifests: dict[tuple[str, ...], bytes] = {}


def _remember_templates() -> None:
    """Let dbt parse and compile a template once a process: a third of a parse, a tenth of a run."""
    enable_test_caching()
    known: dict[tuple[Any, ...], Any] = {}
    compile_anew = MacroFuzzEnvironment.compile

    def compile_once(environment: Any, source: Any, *args: Any, **kwargs: Any) -> Any:
        key = (type(environment), source, args, tuple(kwargs.items()))
        if key not in known:
            known[key] = compile_anew(environment, source, *args, **kwargs)
        return known[key]

    MacroFuzzEnvironment.compile = compile_once


_remember_templates()


class DbtFailed(AssertionError):
    """A dbt command that should have succeeded did not; the text says which nodes, and why."""


@dataclass
class DbtResult:
    """What one dbt command did.

    `statuses` maps the name of each node that ran to its status (`success`, `pass`, `fail`,
    `error`, `skipped`, ...); `messages` holds warnings and errors as printed, `said` what macros
    print; `output` is what dbt's own Python interface returned (run results, a manifest, a list of
    names).
    """

    command: str
    success: bool
    output: Any = None
    exception: BaseException | None = None
    messages: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The command, and for each node that failed its own message."""
        lines = [f"{self.command}: {'succeeded' if self.success else 'failed'}"]
        lines += [f"  {name}: {message}" for name, message in self.failures.items()]
        if self.exception:
            lines.append(f"  {self.exception}")
        if not self.success and len(lines) == 1:
            lines += [f"  {message}" for message in self.messages]
        return "\n".join(lines)


class Dbt:
    """Runs dbt on a project with target, logs and database of its own.

    Arguments:
        folder: where target, logs and the DuckDB file go, usually pytest's `tmp_path`.
        project_dir: the dbt project, by default this repository.
        profiles_dir: folder of profiles.yml, by default this repository.
        vars: vars for all commands of this object; a command's own `vars` come on top.
        target: target in profiles.yml.
        database: the DuckDB file, by default `app_sessions.duckdb` in `folder`.

    `keeps_log` says whether dbt writes logs/dbt.log in `folder`, which takes time; `is_read_only`
    whether it only reads the database, as several processes may at a time.
    """

    def __init__(
        self,
        folder: Path,
        *,
        project_dir: Path = PROJECT_DIR,
        profiles_dir: Path = PROJECT_DIR,
        vars: dict[str, Any] | None = None,
        target: str = "duckdb",
        database: Path | None = None,
    ):
        self.folder = Path(folder)
        self.project_dir = Path(project_dir)
        self.profiles_dir = Path(profiles_dir)
        self.vars = vars or {}
        self.target = target
        self.database = Path(database) if database else self.folder / DATABASE_FILE
        self.target_path = self.folder / "target"
        self.keeps_log = False
        self.is_read_only = False
        self.folder.mkdir(parents=True, exist_ok=True)

    def __call__(
        self, *args: str, vars: dict[str, Any] | None = None, check: bool = True
    ) -> DbtResult:
        """Run one dbt command, for instance `dbt("build", "--select", "fct_sessions")`.

        Arguments:
            args: the command line after `dbt`. Give vars by `vars`, not by `--vars`.
            vars: vars of this command, on top of the object's own.
            check: raise when the command fails.

        Raises:
            DbtFailed: the command failed and `check` is true.
        """
        all_vars = {**self.vars, **(vars or {})}
        if args[0] in NO_MANIFEST:
            result = self._invoke(args, all_vars, None)
        else:
            manifest, result = self._parsed(all_vars)
            if manifest is not None:
                result = self._invoke(args, all_vars, manifest)
        if check and not result.success:
            raise DbtFailed(str(result))
        return result

    def manifest(self, vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The parsed project as the dictionary that dbt writes to manifest.json.

        Raises:
            DbtFailed: the project does not parse.
        """
        manifest, result = self._parsed({**self.vars, **(vars or {})})
        if manifest is None:
            raise DbtFailed(str(result))
        return manifest.writable_manifest().to_dict(omit_none=False)

    def query(self, sql: str, *, parameters: list[Any] | None = None) -> list[tuple]:
        """Rows of a query on the built database, on a read-only connection of its own.

        Raises:
            duckdb.Error: the query is wrong, or the database does not exist yet.
        """
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql, parameters or []).fetchall()

    def copy(self, folder: Path) -> Dbt:
        """A second object of the same settings in another folder, database copied as it is now.

        Cheaper than building the same start twice. The copy needs the same file name, since
        views name the database they belong to.
        """
        twin = Dbt(
            folder,
            project_dir=self.project_dir,
            profiles_dir=self.profiles_dir,
            vars=dict(self.vars),
            target=self.target,
        )
        shutil.copy(self.database, twin.database)
        return twin

    def _parsed(self, all_vars: dict[str, Any]) -> tuple[Manifest | None, DbtResult | None]:
        """The manifest for these vars, parsed at most once per test process.

        Each command gets a copy of its own: dbt keeps in it what it compiled, and would take an
        ephemeral model of an earlier run for compiled.
        """
        key = (
            str(self.project_dir),
            self.target,
            json.dumps(all_vars, sort_keys=True, default=str),
        )
        if key in _manifests:
            return _unpickled(_manifests[key]), None
        result = self._invoke(("parse",), all_vars, None)
        if not result.success:
            return None, result
        while len(_manifests) >= KEPT_MANIFESTS:
            del _manifests[next(iter(_manifests))]
        _manifests[key] = pickle.dumps(result.output)
        return result.output, result

    def _invoke(
        self, args: tuple[str, ...], all_vars: dict[str, Any], manifest: Manifest | None
    ) -> DbtResult:
        result = DbtResult(command="dbt " + " ".join(args), success=False)

        def listen(event: Any) -> None:
            if event.info.level in ("warn", "error"):
                result.messages.append(event.info.msg)
            elif event.info.name == "JinjaLogInfo":
                result.said.append(event.info.msg)

        command = ["--warn-error", "--quiet", "--no-use-colors"]
        command += ["--no-write-json"] if args[0] in NO_ARTIFACTS else []
        command += [] if self.keeps_log else ["--log-level-file", "none"]
        command += args
        command += ["--threads", "1"] if args[0] in THREADED and "--threads" not in args else []
        command += ["--project-dir", str(self.project_dir)]
        command += ["--profiles-dir", str(self.profiles_dir), "--target", self.target]
        command += ["--target-path", str(self.target_path)]
        command += ["--log-path", str(self.folder / "logs")]
        if all_vars:
            command += ["--vars", json.dumps(all_vars, default=str)]
        with _surroundings(self.database, self.is_read_only):
            outcome = dbtRunner(manifest=manifest, callbacks=[listen]).invoke(command)
        result.success = outcome.success
        result.output = outcome.result
        result.exception = outcome.exception
        for node_result in getattr(outcome.result, "results", None) or []:
            node = getattr(node_result, "node", None)  # what run-operation ran is no node
            name, status = node.name if node else node_result.unique_id, str(node_result.status)
            result.statuses[name] = status
            if status in ("error", "fail", "runtime error", "warn"):
                result.failures[name] = f"{status}: {node_result.message}"
        return result


def _unpickled(pickled: bytes) -> Manifest:
    """A copy of a manifest, whose lookups dbt makes anew: its own pickling mixes them up."""
    manifest = pickle.loads(pickled)
    for name in vars(manifest):
        if name.endswith("_lookup"):
            setattr(manifest, name, None)
    return manifest


@contextlib.contextmanager
def _surroundings(database: Path, is_read_only: bool) -> Iterator[None]:
    """The environment that profiles.yml reads; afterwards all that dbt left open is closed.

    dbt changes the working directory, and dbt-duckdb keeps the file open for its next run in
    the process, which would lock out `query` and any other database of the same name.
    """
    before, folder = dict(os.environ), os.getcwd()
    os.environ["DUCKDB_PATH"] = str(database)
    if is_read_only:
        os.environ["DUCKDB_ACCESS_MODE"] = "read_only"
    # the command line says all that dbt reads from DBT_* variables: nothing of the caller's stays
    for name in [name for name in before if re.match("DBT_(?!ENV_SECRET_)", name)]:
        del os.environ[name]
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["DUCKDB_THREADS"] = "1"
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(before)
        environment = DuckDBConnectionManager._ENV
        if environment is not None:
            environment.close()
        DuckDBConnectionManager.close_all_connections()
