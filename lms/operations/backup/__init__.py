"""The whole site in one file, and back: see docs/decisions/0012-backup.md."""
