"""Choosing what to bring in: files or a pasted page, which go to `web/imports.py` by HTTP.

Nothing that was typed or chosen is lost: the page stays until the server has it. What the server refuses
is said beside the button.
"""

import reflex as rx

from supportbot.knowledge.import_runs import LARGEST_UPLOAD
from supportbot.ui import routes
from supportbot.ui.articles.import_state import ImportPageState
from supportbot.ui.components.button import button
from supportbot.ui.text import t

ACCEPTED = ".zip,.md,.markdown,.html,.htm,.pdf,.csv"
MEGABYTES = str(LARGEST_UPLOAD // 1_000_000)


def choosing() -> rx.Component:
    """The form, in two ways."""
    return rx.el.div(
        rx.el.section(
            rx.el.h2(t("import.files"), id="import-files-heading", class_name="unseen"),
            _drop(),
            _collection(),
            _send("files"),
            aria_labelledby="import-files-heading",
            class_name="import-way",
        ),
        rx.el.details(
            rx.el.summary(t("import.paste"), class_name="import-paste"),
            rx.el.div(_title(), _text(), _send("page"), class_name="import-way"),
        ),
        id="import-choosing",
        class_name="import-choosing",
    )


def _drop() -> rx.Component:
    """The field itself is the place to drop files on, so keys and readers have it as well."""
    return rx.el.div(
        rx.el.label(t("import.choose"), html_for="import-files", class_name="import-drop-words"),
        rx.el.p(t("import.kinds", mb=MEGABYTES), id="import-kinds", class_name="field-help"),
        rx.el.p(id="import-chosen", role="status", class_name="import-chosen"),
        rx.el.input(
            id="import-files",
            type="file",
            multiple=True,
            accept=ACCEPTED,
            aria_describedby="import-kinds",
            on_change=rx.call_function(_say_chosen()),
        ),
        class_name="import-drop",
    )


def _collection() -> rx.Component:
    return rx.el.div(
        rx.el.label(t("import.collection"), html_for="import-collection"),
        rx.el.input(
            id="import-collection",
            type="text",
            max_length=120,
            list="import-collections",
            auto_complete="off",
            aria_describedby="import-collection-help",
        ),
        rx.el.datalist(
            rx.foreach(ImportPageState.collections, lambda name: rx.el.option(value=name)),
            id="import-collections",
        ),
        rx.el.p(t("import.collection.help"), id="import-collection-help", class_name="field-help"),
        class_name="settings-field",
    )


def _title() -> rx.Component:
    return rx.el.div(
        rx.el.label(t("import.title"), html_for="import-title"),
        rx.el.input(id="import-title", type="text", max_length=300, auto_complete="off"),
        class_name="settings-field",
    )


def _text() -> rx.Component:
    return rx.el.div(
        rx.el.label(t("import.text"), html_for="import-text"),
        rx.el.textarea(id="import-text", rows="8", aria_describedby="import-text-help"),
        rx.el.p(t("import.text.help"), id="import-text-help", class_name="field-help"),
        class_name="settings-field",
    )


def _send(way: str) -> rx.Component:
    """The button, how far the upload is, and what was refused."""
    words = t("import.read") if way == "files" else t("import.read_page")
    return rx.el.div(
        button(words, kind="primary", id=f"import-send-{way}", on_click=rx.call_function(_upload(way))),
        rx.el.progress(
            id=f"import-sent-{way}", value="0", max="1", hidden=True, aria_label=t("import.sending")
        ),
        rx.el.p(id=f"import-problem-{way}", role="alert", class_name="field-wrong"),
        class_name="import-send",
    )


def _say_chosen() -> rx.Var[str]:
    """What was chosen, in words; the field itself cannot be seen."""
    one, several = t("import.chosen_one"), t("import.chosen")
    return _script(
        "(() => {"
        " const files = [...document.getElementById('import-files').files];"
        " const bytes = files.reduce((sum, file) => sum + file.size, 0);"
        " const size = bytes < 1e6 ? Math.ceil(bytes / 1e3) + ' KB' : (bytes / 1e6).toFixed(1) + ' MB';"
        f" const words = files.length === 1 ? {one!s} : files.length ? {several!s} : '';"
        " document.getElementById('import-chosen').textContent = words.split('{size}').join(size)"
        ".split('{count}').join(files.length).split('{name}').join(files[0]?.name);"
        " document.getElementById('import-problem-files').textContent = '';"
        "})",
        one,
        several,
    )


def _upload(way: str) -> rx.Var[str]:
    """What the browser does with it. It holds no words of a person's."""
    address = routes.backend("/staff/articles/import")
    failed, none = t("import.failed"), t("import.none")
    too_large = t("import.too_large", mb=MEGABYTES)
    return _script(
        "(() => {"
        " const of = (name) => document.getElementById('import-' + name), body = new FormData();"
        f" const button = of('send-{way}'), bar = of('sent-{way}'), problem = of('problem-{way}');"
        " const refuse = (words) => { problem.textContent = words; bar.hidden = true;"
        " button.disabled = false; };"
        " body.append('collection', of('collection').value);"
        f" if ('{way}' === 'page') {{ body.append('title', of('title').value);"
        " body.append('text', of('text').value); }"
        " else {"
        " const files = [...of('files').files], size = files.reduce((sum, file) => sum + file.size, 0);"
        f" if (!files.length) return refuse({none!s});"
        f" if (size > {LARGEST_UPLOAD}) return refuse({too_large!s});"
        " for (const file of files) body.append('files', file);"
        " }"
        " refuse(''); button.disabled = true; bar.hidden = false; bar.value = 0;"
        " const request = new XMLHttpRequest();"
        " request.upload.onprogress = ({loaded, total}) => { bar.value = loaded / total; };"
        f" request.onerror = () => refuse({failed!s});"
        " request.onload = () => request.status === 200"
        f" ? location.assign('{routes.IMPORT}?run=' + JSON.parse(request.responseText).id)"
        f" : refuse(request.responseText.slice(0, 300) || {failed!s});"
        f" request.open('POST', {address!s}); request.withCredentials = true; request.send(body);"
        "})",
        address,
        failed,
        none,
        too_large,
    )


def _script(text: str, *names: rx.Var[str]) -> rx.Var[str]:
    return rx.Var(text, _var_data=rx.vars.VarData.merge(*(name._get_all_var_data() for name in names))).to(
        str
    )
