"""Raw tables of every provider on Postgres: what is built of them equals DuckDB's.

`make test-provider-tables` runs it, on a server as that of test_postgres.py, and the same on Spark.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from dbt_harness import Dbt
from engines import assert_equal_to_duckdb
from postgres_server import PostgresServer
from provider_tables import SELECT, VARS, built_tables, exported, raw_tables
from test_postgres import pytestmark, server, set_environment

__all__ = ["pytestmark", "server"]


def test_tables_of_every_provider_give_what_duckdb_has(
    server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Of the imaginary week, small exports and reports: sessions, users, cohorts, spend, CPM."""
    name = "providers"
    database = built_tables(tmp_path / "duckdb")
    server.create_database(name)
    set_environment(monkeypatch, server, name)
    server.run_sql("create schema raw", name)
    kinds = {"VARCHAR": "text", "BIGINT": "bigint", "DOUBLE": "double precision"}
    for table, columns in raw_tables(database).items():
        typed = [f"{column} {kinds.get(kind, 'jsonb')}" for column, kind in columns.items()]
        server.run_sql(f"create table raw.{table} ({', '.join(typed)})", name)
        exported(database, table, columns, tmp_path / f"{table}.csv")
        server.copy_csv(f"raw.{table}", tmp_path / f"{table}.csv", name)
    dbt = Dbt(tmp_path / "postgres", target="postgres", vars=VARS)
    dbt("seed")
    dbt("run", "--select", *SELECT)
    assert_equal_to_duckdb(database, lambda sql: server.run_sql(sql, name), minimum=10)
