# Not run where this project is tested, which has no Docker daemon.
#   docker build -t app_sessions .
#   docker run --rm -v /srv/raw:/raw:ro -v app_sessions:/data app_sessions -- \
#       --vars '{providers: [generic], raw_path: /raw}'
# Without options: the bundled sample. /data keeps the database and what is published.
FROM python:3.12-slim

RUN apt-get update && apt-get install -y --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home app_sessions \
    && mkdir /data && chown app_sessions /data

WORKDIR /srv/app_sessions
COPY requirements/run.txt requirements/run.txt
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY . .
RUN .venv/bin/python ops/tools/install_packages.py && chown -R app_sessions .

USER app_sessions
ENV DUCKDB_PATH=/data/app_sessions.duckdb \
    DBT_TARGET_PATH=/data/target \
    DBT_LOG_PATH=/data/logs \
    DBT_PROFILES_DIR=/srv/app_sessions \
    DBT_SEND_ANONYMOUS_USAGE_STATS=false
VOLUME /data
ENTRYPOINT [".venv/bin/python", "ops/tools/daily.py"]
