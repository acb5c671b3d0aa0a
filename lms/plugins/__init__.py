"""The contract between the platform and its plugins. Has no models and imports no other layer."""

API_VERSION = "1.2"
