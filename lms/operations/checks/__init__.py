"""What `manage.py doctor` looks at: small functions, each yielding what it found wrong."""
