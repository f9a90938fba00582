"""``python -m dge_experiments [COMMAND] [key=value ...]``."""

from dge_experiments.cli.command import main

if __name__ == "__main__":
    main()
