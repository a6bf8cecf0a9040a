"""`make bench`: what we claim, measured side by side in one run. docs/benchmarks.md says how to read it.

`python -m tests.benchmarks streaming pages` measures only these parts.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.benchmarks import lists, memory, opening, pages, prompt, streaming, wire
from tests.benchmarks.arena import Arena
from tests.benchmarks.figures import Figure, machine, table, write

PARTS: dict[str, Callable[[Arena], Awaitable[list[Figure]]]] = {
    "streaming": streaming.measure,
    "bytes": wire.measure,
    "memory": memory.measure,
    "opening": opening.measure,
    "pages": pages.measure,
    "lists": lists.measure,
    "prompt": prompt.measure,
}


async def measure(parts: list[str]) -> list[Figure]:
    """Measure the parts, one after the other."""
    figures: list[Figure] = []
    with (
        tempfile.TemporaryDirectory(prefix="supportbot-bench-") as temporary,
        Arena(Path(temporary)) as arena,
    ):
        for part in parts:
            started = time.monotonic()
            print(f"{part} …", end=" ", flush=True)
            figures += await PARTS[part](arena)
            print(f"{time.monotonic() - started:.0f} s", flush=True)
    return figures


def main() -> None:
    """Measure, print the table and write the same as JSON."""
    parser = argparse.ArgumentParser(description="Measure what we claim.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    chosen = parser.parse_args().parts or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    facts, started = machine(), time.monotonic()
    figures = asyncio.run(measure(chosen))
    seconds = time.monotonic() - started
    print(table(figures))
    failed = [figure for figure in figures if figure.passed is False]
    print(
        f"\n{len(failed)} of {sum(f.passed is not None for f in figures)} bars missed; {seconds:.0f} s;",
        end=" ",
    )
    print(f"written to {write(figures, {**facts, 'plans': lists.PLANS}, seconds)}")


if __name__ == "__main__":
    main()
