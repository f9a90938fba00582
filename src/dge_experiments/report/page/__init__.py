"""The page: blocks of a report as one HTML file that needs no network."""
