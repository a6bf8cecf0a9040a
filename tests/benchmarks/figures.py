"""A measured figure beside its bar, and the table and the JSON made of them."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
"""Where the figures are written besides being printed; not part of the repository."""

PACKAGES = ("reflex", "anthropic", "granian", "python-socketio", "sqlalchemy", "starlette")


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured. Without a bar it is there for comparison, and neither passes nor fails."""

    part: str
    name: str
    value: float
    unit: str = ""
    bar: float | None = None

    @property
    def passed(self) -> bool | None:
        """Whether it keeps to its bar, which is always an upper one."""
        return None if self.bar is None else self.value <= self.bar


def percentile(values: Sequence[float], share: int) -> float:
    """The value below which `share` percent of the values lie; 0 if there are none."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines for a terminal."""
    width = max(len(figure.name) for figure in figures) + 2
    lines: list[str] = []
    part = ""
    for figure in figures:
        if figure.part != part:
            part = figure.part
            lines += ["", part]
        lines.append("  " + _line(figure, width))
    return "\n".join(lines)


def machine() -> dict[str, object]:
    """What the figures were measured on: they mean little elsewhere."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": [round(one, 2) for one in os.getloadavg()],
        "packages": {name: version(name) for name in PACKAGES},
    }


def write(figures: Sequence[Figure], facts: dict[str, object], seconds: float) -> Path:
    """Keep the figures as JSON; returns where."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "benchmarks.json"
    rows = [{**asdict(figure), "passed": figure.passed} for figure in figures]
    path.write_text(json.dumps({"machine": facts, "seconds": round(seconds), "figures": rows}, indent=2))
    return path


def _line(figure: Figure, width: int) -> str:
    shown = f"{figure.value:,.0f}" if abs(figure.value) >= 1000 else f"{figure.value:,.4g}"
    line = f"{figure.name:{width}}{shown:>10} {figure.unit:12}"
    if figure.bar is None:
        return line.rstrip()
    return f"{line}at most {figure.bar:<8g}{'pass' if figure.passed else 'FAIL'}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
