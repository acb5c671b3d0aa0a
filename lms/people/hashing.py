"""How passwords are hashed: Argon2 with as much memory as a small server can spare."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane: what OWASP recommends as the least.

    Source: OWASP Cheat Sheet Series, Password Storage Cheat Sheet
    (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html): "a minimum
    configuration of 19 MiB of memory, an iteration count of 2, and 1 degree of parallelism".

    Django's own takes 100 MiB for each password. A class that signs in at once has eight of them
    checked at the same time (two workers of four threads), which a server of 1 GB does not survive.
    Hashes made with other figures still hold; they are renewed when their owner signs in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
