# docker build -t dge_experiments . && docker run --rm -v "$PWD:/work" dge_experiments data.path=FILE
# The store (mlflow.db, mlruns/) and outputs/ are written to /work. The UI: docker run ... --entrypoint mlflow IMAGE ui --host 0.0.0.0
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 git && rm -rf /var/lib/apt/lists/*
COPY requirements.lock /tmp/
RUN pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock
COPY . /opt/dge_experiments
RUN pip install --no-cache-dir --no-deps --no-build-isolation /opt/dge_experiments
WORKDIR /work
ENTRYPOINT ["dge-experiments"]
