"""What docs/bi.md tells BI authors is so: which numbers may be summed, which ratio is of what."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt_harness import PROJECT_DIR, Dbt

BI = PROJECT_DIR / "docs" / "bi.md"
NUMERIC = ("bigint", "decimal", "double precision")
ALLOWED = {
    "sum": {"aggregate", "within", "where"},
    "max": {"aggregate"},
    "none": {"aggregate"},
    "ratio": {"aggregate", "numerator", "denominator", "within", "where"},
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The parsed project."""
    return Dbt(tmp_path_factory.mktemp("bi")).manifest()


@pytest.fixture(scope="module")
def marts(manifest: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """Per table of core and marts its numbers, days N and keys aside, and what `meta` says."""
    return {
        model["name"]: {
            name: column["config"]["meta"]
            for name, column in model["columns"].items()
            if column["data_type"].startswith(NUMERIC)
            and name not in [*model["config"]["meta"]["grain"], "day_n", "user_key"]
        }
        for model in manifest["nodes"].values()
        if model["resource_type"] == "model" and model["schema"] in ("core", "marts")
    }


def test_every_number_says_how_it_adds_up(marts: dict[str, dict[str, dict[str, Any]]]):
    assert len(marts) >= 7
    wrong = [
        f"{mart}.{name}: {meta}"
        for mart, columns in marts.items()
        for name, meta in columns.items()
        if meta.get("aggregate") not in ALLOWED
        or set(meta) - ALLOWED[meta["aggregate"]]
        or (meta["aggregate"] == "ratio") != ("numerator" in meta and "denominator" in meta)
    ]
    assert not wrong, "\n".join(wrong)


def lines(mart: str, columns: dict[str, dict[str, Any]]) -> list[str]:
    """The mart's table in docs/bi.md."""
    found = [
        f"### {mart}",
        "",
        "| column | may be summed | roll up as | over rows where |",
        "|---|---|---|---|",
    ]
    for name, meta in columns.items():
        one = f"one `{meta['within']}`" if "within" in meta else ""
        summed, rolled = {
            "sum": (f"over {one}" if one else "yes", f"`sum({name})`"),
            "max": ("no", f"`max({name})`"),
            "none": ("no", "not at all"),
            "ratio": (
                "no",
                f"`{meta.get('numerator')}` over `{meta.get('denominator')}`"
                + (f", {one}" if one else ""),
            ),
        }[meta["aggregate"]]
        where = f"`{meta['where']}`" if "where" in meta else ""
        found.append(f"| `{name}` | {summed} | {rolled} | {where} |")
    return found


def test_the_page_lists_every_number_as_the_yaml_has_it(
    marts: dict[str, dict[str, dict[str, Any]]],
):
    written = BI.read_text().partition("<!-- columns -->")[2].strip().splitlines()
    # a mart of texts and dates has nothing to add up
    numbered = sorted(mart for mart in marts if marts[mart])
    expected = "\n\n".join("\n".join(lines(mart, marts[mart])) for mart in numbered)
    assert written == expected.splitlines(), f"docs/bi.md should end with\n\n{expected}"


def test_a_ratio_of_sums_over_one_row_is_the_column(
    built: Dbt, marts: dict[str, dict[str, dict[str, Any]]]
):
    # the marts' sums are cut to six places, their ratios are not
    compared = 0
    for mart, columns in marts.items():
        for name, meta in columns.items():
            if meta["aggregate"] != "ratio":
                continue
            ratio = f"({meta['numerator']}) / nullif({meta['denominator']}, 0)"
            wrong = built.query(f"""
                select {name}, {ratio} from marts.{mart}
                where {name} is distinct from {ratio}
                    and not coalesce(abs({name} - {ratio}) <= 1e-6, false)
                limit 3
            """)
            assert not wrong, f"{mart}.{name}: {wrong}"
            compared += 1
    assert compared >= 25


def test_no_row_is_in_one_part_of_a_ratio_only(
    built: Dbt, marts: dict[str, dict[str, dict[str, Any]]]
):
    needed = 0
    for mart, columns in marts.items():
        for name, meta in columns.items():
            if meta["aggregate"] != "ratio":
                continue
            sql = (
                f"select count(*) from marts.{mart}"
                f" where (({meta['numerator']}) is null) <> (({meta['denominator']}) is null)"
            )
            assert built.query(f"{sql} and ({meta.get('where', 'true')})") == [(0,)], name
            # the sample has what the condition keeps out
            needed += "where" in meta and built.query(sql)[0][0] > 0
    assert needed >= 5


def test_sums_within_one_day_n_are_not_sums_of_all(
    marts: dict[str, dict[str, dict[str, Any]]], manifest: dict[str, Any]
):
    for model in manifest["nodes"].values():
        if model["name"] in marts and "day_n" in model["config"]["meta"]["grain"]:
            for name, meta in marts[model["name"]].items():
                assert meta.get("within") == "day_n", name


def blocks(language: str) -> list[str]:
    """The page's examples in a language."""
    return re.findall(rf"```{language}\n(.*?)```", BI.read_text(), re.DOTALL)


@pytest.mark.parametrize("number", range(len(blocks("sql"))))
def test_the_examples_in_sql_run(built: Dbt, tmp_path: Path, number: int):
    sql = blocks("sql")[number]
    folder = os.getcwd()
    os.chdir(tmp_path)
    try:
        with duckdb.connect(str(built.database), read_only=True) as connection:
            rows = connection.execute(sql).fetchall()
    finally:
        os.chdir(folder)
    assert rows
    if sql.startswith("copy"):
        assert (tmp_path / "mart_cpm_n_day.parquet").exists()


def question(number: int) -> str:
    """The query of one of the twelve questions."""
    found = re.findall(r"^### (\d+)\..*?```sql\n(.*?)```", BI.read_text(), re.DOTALL | re.MULTILINE)
    assert [int(each) for each, _ in found] == list(range(1, 13))
    return found[number - 1][1]


# what one would write first; each by the key of the page's query, and with its number
OBVIOUS = {
    2: "select campaign_id, avg(tracked_cpi) from marts.mart_campaigns_daily group by all",
    3: """
        select campaign_id, sum(ad_revenue + iap_revenue) / nullif(max(cost), 0)
        from marts.mart_users
        left join (
            select campaign_id, sum(spend) as cost from marts.mart_campaigns_daily group by all
        ) using (campaign_id)
        group by all
    """,
    4: "select channel, avg(ad_revenue + iap_revenue) from marts.mart_users group by all",
    6: """
        select install_country, count(distinct user_key) filter (where day_n = 30)
            / count(distinct user_key)
        from core.dim_users join core.fct_user_days using (user_key) group by all
    """,
    9: """
        select date_trunc('week', activity_date), avg(arpdau) from marts.mart_daily_engagement
        group by all
    """,
    10: "select country, avg(session_length_seconds) from core.fct_sessions group by all",
    12: "select channel, avg(session_count) from marts.mart_users group by all",
}


@pytest.mark.parametrize("number", OBVIOUS)
def test_the_obvious_query_says_something_else(built: Dbt, number: int):
    right = built.query(question(number))
    # the last column is the answer; of two keys the second tells campaigns apart
    key = 1 if number in (2, 3) else 0
    wrong = {name: float(said or 0) for name, said in built.query(OBVIOUS[number])}
    both = [(row[-1], wrong[row[key]]) for row in right if row[-1] and wrong.get(row[key])]
    assert [mine for mine, obvious in both if abs(obvious / float(mine) - 1) > 0.02], both


def test_opens_of_organic_users_would_make_sessions_look_cheap(built: Dbt):
    ((right, obvious),) = built.query("""
        select 1000 * sum(spend) / sum(app_open_count) filter (where spend is not null),
            1000 * sum(spend) / sum(app_open_count)
        from marts.mart_cpm_n_day where day_n = 7
    """)
    assert obvious < 0.7 * right


def test_the_example_in_python_runs(built: Dbt, tmp_path: Path):
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / built.database.name).symlink_to(built.database)
    (code,) = blocks("python")
    found: dict[str, Any] = {}
    folder = os.getcwd()
    os.chdir(tmp_path)
    try:
        exec(code, found)
    finally:
        os.chdir(folder)
    assert len(found["daily"]) > 0


def test_what_dashboards_read_is_in_their_exposures(manifest: dict[str, Any]):
    exposed = {
        unique_id.rpartition(".")[2]
        for exposure in manifest["exposures"].values()
        for unique_id in exposure["depends_on"]["nodes"]
    }
    assert exposed >= {"mart_daily_engagement", "mart_cohorts_n_day", "mart_data_quality"}
    read = {
        table
        for path in (PROJECT_DIR / "ops").rglob("*.yml")
        for table in re.findall(r"\b(?:from|join) (?:core|marts)\.(\w+)", path.read_text())
    }
    assert read <= exposed


def test_the_page_of_metrics_has_every_ratio_and_names_tests_that_exist(
    manifest: dict[str, Any], marts: dict[str, dict[str, dict[str, Any]]]
):
    page = (PROJECT_DIR / "docs" / "metrics.md").read_text()
    named = set(re.findall(r"`([a-z0-9_]+)`", page))
    ratios = {
        column
        for mart in (
            "mart_daily_engagement",
            "mart_cohorts_n_day",
            "mart_cohorts_weekly_n_day",
            "mart_cohorts_by_country_n_day",
            "mart_cohorts_monthly_n_day",
            "mart_campaign_quality",
            "mart_campaigns_daily",
            "mart_campaigns_n_day",
            "mart_cpm_n_day",
            "mart_retargeting",
        )
        for column, meta in marts[mart].items()
        if meta["aggregate"] == "ratio"
    }
    assert ratios and ratios <= named, ratios - named
    tests = {node["name"] for node in manifest["unit_tests"].values()}
    tests |= {
        node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"
    }
    wanted = {name for name in named if "__" in name or name.startswith("assert_")}
    assert wanted and wanted <= tests, wanted - tests
