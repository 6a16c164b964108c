"""Password hashing for a small server."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallServerArgon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane.

    Django's default takes 100 MiB a sign-in; when 67 secretaries sign in together that is all the memory there is.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
