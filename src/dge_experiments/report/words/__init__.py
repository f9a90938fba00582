"""All wording: verdicts, methods, descriptions."""
