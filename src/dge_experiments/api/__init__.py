"""The Python API, over which the commands are thin: tables, runs, comparison, registry, predictions."""
