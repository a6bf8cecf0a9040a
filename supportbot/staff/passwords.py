"""Passwords: what makes a good one, and its argon2 hash."""

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from pwdlib import PasswordHash

from supportbot.errors import Refused

SHORTEST, LONGEST = 10, 200

# No letters or digits that look alike when somebody reads the password out.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"

# A hash takes 64 MB and about 0.1 s of a core: two at a time, however many people try to sign in, and
# never in the default pool, where everything else would queue behind them.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_argon2 = PasswordHash.recommended()


async def hashed(password: str) -> str:
    """The hash to store.

    Raises:
        Refused: the password is too short or too long.
    """
    length = len(unicodedata.normalize("NFKC", password))
    if not SHORTEST <= length <= LONGEST:
        raise Refused(f"A password needs {SHORTEST} to {LONGEST} characters; this one has {length}.")
    return await asyncio.get_running_loop().run_in_executor(_threads, _argon2.hash, _material(password))


async def matches(password: str, stored: str | None) -> bool:
    """Whether the password belongs to the stored hash. None never matches, after just as much work."""
    loop = asyncio.get_running_loop()
    # Made before it is known to be needed: otherwise the first unknown account would take twice as long.
    nobodys = await loop.run_in_executor(_threads, _nobodys_hash)
    found = await loop.run_in_executor(_threads, _argon2.verify, _material(password), stored or nobodys)
    return found and stored is not None


def one_time() -> str:
    """A random password of 79 bits that can be read out over the phone."""
    letters = [secrets.choice(_ALPHABET) for _ in range(16)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, 16, 4))


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _argon2.hash(secrets.token_bytes(32))


def _material(password: str) -> bytes:
    # Keyboards disagree on how to spell "ä"; NFKC makes them agree. Lone surrogates must not raise.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
