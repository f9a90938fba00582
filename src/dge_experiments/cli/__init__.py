"""The commands: each reads its settings, calls the Python API and shows what came of it."""
