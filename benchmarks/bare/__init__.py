"""The yardstick: a project of its own with sessions and sign-in, one view, two queries."""
