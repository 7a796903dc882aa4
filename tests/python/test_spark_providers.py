"""Raw tables of every provider on Spark: what is built of them equals DuckDB's.

`make test-provider-tables` runs it, in a session as that of test_spark.py, and Postgres beside it.
"""

from __future__ import annotations

from pathlib import Path

from engines import assert_equal_to_duckdb
from provider_tables import SELECT, VARS, built_tables, exported, raw_tables
from test_spark import FORMAT, Spark, pytestmark, spark

__all__ = ["pytestmark", "spark"]


def test_tables_of_every_provider_give_what_duckdb_has(spark: Spark, tmp_path: Path):
    """Of the imaginary week, small exports and reports: sessions, users, cohorts, spend, CPM."""
    database = built_tables(tmp_path / "duckdb")
    dbt = spark.dbt("providers", vars=VARS)
    dbt("seed")
    take_long_views(spark)
    spark.sql("create schema raw")
    for table, columns in raw_tables(database).items():
        exported(database, table, columns, tmp_path / f"{table}.parquet")
        rows = spark.session.read.parquet(str(tmp_path / f"{table}.parquet"))
        rows.writeTo(f"raw.{table}").using(FORMAT).create()
    dbt("run", "--select", *SELECT)
    assert_equal_to_duckdb(database, spark.sql, minimum=10)


def take_long_views(spark: Spark) -> None:
    """Widen the columns in which the session's catalog keeps a view, as other catalogs have them.

    Eight reports at once are more than anybody has, and their view more than Derby's 32,700
    characters. docs/engines.md says who meets that.
    """
    session = spark.session
    catalog = session._jsparkSession.sharedState().externalCatalog().unwrapped()
    loader = catalog.client().clientLoader().classLoader()
    java = session._jvm.java
    driver = java.lang.Class.forName("org.apache.derby.jdbc.EmbeddedDriver", True, loader)
    derby = driver.getDeclaredConstructor(None).newInstance(None)
    url = "jdbc:derby:;databaseName=metastore_db"
    connection = derby.connect(url, java.util.Properties())
    statement = connection.createStatement()
    for column in ("VIEW_ORIGINAL_TEXT", "VIEW_EXPANDED_TEXT"):
        statement.execute("alter table APP.TBLS add column WIDE clob")
        statement.execute(f"update APP.TBLS set WIDE = cast({column} as clob)")
        statement.execute(f"alter table APP.TBLS drop column {column}")
        statement.execute(f"rename column APP.TBLS.WIDE to {column}")
    connection.close()
