"""From checked settings to a scored and explained model: plan, run, result."""
