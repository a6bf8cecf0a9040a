"""README's tables of settings are the truth, to the letter."""

import re
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from supportbot.migrations import ROOT
from supportbot.settings import FIRST_VALUES, Settings

ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$", re.M)


@pytest.mark.parametrize(
    ("heading", "first_values"), [("### Needed to start", False), ("### First values of /settings", True)]
)
def test_readme_lists_every_setting_with_its_default_and_what_it_is(heading: str, first_values: bool) -> None:
    part = (ROOT / "README.md").read_text().partition(heading + "\n")[2].partition("\n#")[0]
    listed = {name: (default, text) for name, default, text in ROW.findall(part)}

    assert listed == {
        name.upper(): (_shown(field), field.description)
        for name, field in Settings.model_fields.items()
        if (name in FIRST_VALUES) == first_values
    }


def _shown(field: Any) -> str:
    value = field.default if field.default is not PydanticUndefined else field.default_factory()
    if not value and not isinstance(value, bool | int):
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
