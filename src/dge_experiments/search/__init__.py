"""Search spaces, strategies, and the engine that evaluates many candidates on many folds."""

import warnings

# in a notebook tqdm, which Optuna imports, asks for widgets that nothing here shows
warnings.filterwarnings("ignore", message="IProgress not found")
