"""Measures pages in CPU milliseconds of the workers, as ratios to a bare Django view."""
