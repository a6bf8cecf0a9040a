"""Choosing a picture: it goes to `web/pictures.py`, and its id into a field of the form around it.

Nothing that is typed beside it is lost: the page stays. What the server refuses is said under the field.
"""

import reflex as rx

from supportbot.ui import routes
from supportbot.ui.text import t

TYPES = "image/png,image/jpeg,image/webp"


def picture_field(name: str, value: rx.Var[str] | str, label: rx.Var[str], *, use: str) -> rx.Component:
    """A hidden field `name` for the picture's id, and the button that fills it.

    Args:
        name: Of the field.
        value: The id it begins with.
        label: What to choose.
        use: `logo` or `portrait`, for the server.
    """
    return rx.fragment(
        rx.el.input(type="hidden", id=name, name=name, default_value=value, key=value),
        rx.el.label(
            rx.el.span(label),
            rx.el.input(
                id=f"{name}-file",
                type="file",
                accept=TYPES,
                class_name="unseen",
                aria_describedby=f"{name}-problem",
                on_change=rx.call_function(_upload(name, use)),
            ),
            class_name="button plain small picture-choice",
        ),
        rx.el.p(id=f"{name}-problem", role="alert", class_name="field-wrong"),
    )


def _upload(name: str, use: str) -> rx.Var[str]:
    """What the browser does with a chosen file. It holds no words of a person's."""
    return rx.Var(
        "(async () => {"
        f" const chosen = document.getElementById('{name}-file'), field = document.getElementById('{name}');"
        f" const problem = document.getElementById('{name}-problem'), body = new FormData();"
        " if (!chosen.files.length) return;"
        f" body.append('use', '{use}'); body.append('file', chosen.files[0]); problem.textContent = '';"
        " let said = '';"
        f" try {{ const answer = await fetch({routes.backend('/staff/pictures')!s},"
        " {method: 'POST', body, credentials: 'include'});"
        " said = await answer.text();"
        " if (answer.ok) { field.value = JSON.parse(said).id;"
        " field.dispatchEvent(new Event('input', {bubbles: true})); return; }"
        f" }} catch {{ said = {t('settings.picture.failed')!s}; }}"
        " finally { chosen.value = ''; }"
        " problem.textContent = said;"
        "})",
        _var_data=rx.vars.VarData.merge(
            routes.backend("/")._get_all_var_data(), t("settings.picture.failed")._get_all_var_data()
        ),
    ).to(str)
