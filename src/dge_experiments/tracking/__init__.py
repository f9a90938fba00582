"""MLflow and nothing but MLflow: runs, records, models, registry, saved views."""
