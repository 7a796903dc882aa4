#!/usr/bin/env bash
# With a Hive metastore, `create or replace table ... using iceberg` refuses another type in a column's place.
#
# Guess before the run: a replaced table is a new one, so its columns may be any, as in Iceberg's own metadata.
# Seen: the metastore compares types place by place with those of the replaced table. Text in the place of a number fails with
# "types incompatible with the existing columns", inside an exception that says the commit may have succeeded; the table is as it was.
# A wider number passes. With hive.metastore.disallow.incompatible.col.type.changes=false any select does.
#
# Versions: pyspark 3.5.9, iceberg-spark-runtime 1.10.2. Needs Java 8, 11 or 17.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyspark==3.5.9
cd "$folder"
name=iceberg-spark-runtime-3.5_2.12
curl --silent --fail --remote-name "https://repo.maven.apache.org/maven2/org/apache/iceberg/$name/1.10.2/$name-1.10.2.jar"
cat > try.py <<'PY'
import sys

from pyspark.sql import SparkSession

refuses = sys.argv[1]
spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.jars", "iceberg-spark-runtime-3.5_2.12-1.10.2.jar")
    .config("spark.sql.catalog.spark_catalog", "org.apache.iceberg.spark.SparkSessionCatalog")
    .config("spark.sql.catalog.spark_catalog.type", "hive")
    .config("spark.hadoop.iceberg.engine.hive.lock-enabled", "false")
    .config("spark.hadoop.hive.metastore.disallow.incompatible.col.type.changes", refuses)
    .config("spark.driver.extraJavaOptions", f"-Dderby.system.home=derby-{refuses}")
    .config("spark.sql.warehouse.dir", f"warehouse-{refuses}")
    .config("spark.ui.enabled", "false")
    .enableHiveSupport()
    .getOrCreate()
)
spark.sparkContext.setLogLevel("OFF")
spark.sql("create schema tries")  # by Spark's own client, which makes the metastore's tables
for columns in ("1 as number, 'a' as name", "cast(2 as bigint) as number, 'a' as name", "'a' as name, 3 as number"):
    try:
        spark.sql(f"create or replace table tries.one using iceberg as select {columns}")
        said = "made"
    except Exception as error:
        said = "types incompatible" if "types incompatible" in str(error) else str(error).splitlines()[0]
    spark.sql("refresh table tries.one")
    print(f"seen: Spark {spark.version}, refuses={refuses}: {columns}: {said}; rows {[tuple(row) for row in spark.table('tries.one').collect()]}")
PY
for refuses in true false; do
    venv/bin/python try.py "$refuses" 2> /dev/null
done | tee seen.txt
diff seen.txt - <<'TXT'
seen: Spark 3.5.9, refuses=true: 1 as number, 'a' as name: made; rows [(1, 'a')]
seen: Spark 3.5.9, refuses=true: cast(2 as bigint) as number, 'a' as name: made; rows [(2, 'a')]
seen: Spark 3.5.9, refuses=true: 'a' as name, 3 as number: types incompatible; rows [(2, 'a')]
seen: Spark 3.5.9, refuses=false: 1 as number, 'a' as name: made; rows [(1, 'a')]
seen: Spark 3.5.9, refuses=false: cast(2 as bigint) as number, 'a' as name: made; rows [(2, 'a')]
seen: Spark 3.5.9, refuses=false: 'a' as name, 3 as number: made; rows [('a', 3)]
TXT
