"""README's table of settings is the truth, to the letter."""

import re
from typing import Any

from pydantic_core import PydanticUndefined

from supportbot.migrations import ROOT
from supportbot.settings import Settings

ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$", re.M)


def test_readme_lists_every_setting_with_its_default_and_what_it_is() -> None:
    listed = {name: (default, text) for name, default, text in ROW.findall((ROOT / "README.md").read_text())}

    assert listed == {
        name.upper(): (_shown(field), field.description) for name, field in Settings.model_fields.items()
    }


def _shown(field: Any) -> str:
    value = field.default if field.default is not PydanticUndefined else field.default_factory()
    if not value and not isinstance(value, bool | int):
        return "–"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
