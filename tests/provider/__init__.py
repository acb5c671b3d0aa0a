"""A provider of OpenID Connect for tests: a project and a process of its own, on loopback.

It is allauth's identity provider as published; `misbehaving` makes it lie on request.
"""
