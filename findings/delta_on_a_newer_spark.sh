#!/usr/bin/env bash
# Delta Lake 3.3.2 makes no table on Spark 3.5.9, though both are of the 3.5 line: 3.3.3 does.
#
# Guess before the run: a Delta Lake that is made for Spark 3.5 works with each patch of it, so that 3.3.2 and 3.3.3 are alike.
# Seen: with 3.3.2 each `create or replace table ... using delta as select` fails on Spark 3.5.9 with "does not support truncate
# in batch mode", of whatever query; the session starts without a word. With 3.3.3 it makes the table.
#
# Needs Java 8, 11 or 17.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==3.5.9
cd "$folder"
for version in 3.3.2 3.3.3; do
    for name in delta-spark_2.12 delta-storage; do
        curl --silent --fail --remote-name "https://repo.maven.apache.org/maven2/io/delta/$name/$version/$name-$version.jar"
    done
done
cat > try.py <<'PY'
import sys

from pyspark.sql import SparkSession

version = sys.argv[1]
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.jars", f"delta-spark_2.12-{version}.jar,delta-storage-{version}.jar")
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.sql.warehouse.dir", f"warehouse-{version}")
    .config("spark.ui.enabled", "false")
    .getOrCreate()
)
try:
    spark.sql("create or replace table one using delta as select 1 as number")
    said = f"made, {spark.table('one').count()} row"
except Exception as error:
    said = str(error).splitlines()[0]
print(f"seen: Delta Lake {version} on Spark {spark.version}: {said}")
PY
for version in 3.3.2 3.3.3; do
    venv/bin/python try.py "$version" 2> /dev/null
done | tee seen.txt
diff seen.txt - <<'TXT'
seen: Delta Lake 3.3.2 on Spark 3.5.9: Table one does not support truncate in batch mode.;
seen: Delta Lake 3.3.3 on Spark 3.5.9: made, 1 row
TXT
