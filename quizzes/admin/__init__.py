"""Screens of the question bank in the Wagtail admin."""
