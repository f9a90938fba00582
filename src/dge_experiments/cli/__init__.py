"""The commands: each reads its settings, calls the Python API and shows the result."""
