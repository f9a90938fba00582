"""The page: the parts of a report as one HTML file that works offline."""
