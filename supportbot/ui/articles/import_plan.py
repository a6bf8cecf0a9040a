"""What an import would change, for somebody to decide; and the same afterwards, as its report."""

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from supportbot.models import ImportState as State
from supportbot.ui import routes
from supportbot.ui.articles.import_state import ImportPageState
from supportbot.ui.articles.import_view import LineRow, LinesView, PicturesRow, ReasonRow
from supportbot.ui.components.button import button
from supportbot.ui.components.notice import quiet_line
from supportbot.ui.text import t


def plan() -> rx.Component:
    """Nothing is changed yet: the counts, what to know, the two decisions, the lists, the two ways out."""
    run = ImportPageState.run
    return rx.el.section(
        quiet_line(run.said, run.said != ""),
        rx.cond(
            run.changes,
            rx.el.p(t("import.plan", collection=run.collection), class_name="import-lead"),
            rx.el.p(t("import.plan.nothing", collection=run.collection), class_name="import-lead"),
        ),
        _counts(),
        _edited(),
        _decisions(),
        _lists(t("import.list.retired")),
        rx.el.div(
            rx.cond(
                run.changes,
                rx.fragment(
                    button(t("import.do"), kind="primary", on_click=ImportPageState.carry_out),
                    button(t("import.discard"), kind="quiet", on_click=ImportPageState.discard),
                ),
                button(t("import.do_nothing"), on_click=ImportPageState.discard),
            ),
            class_name="import-foot decides",
        ),
    )


def outcome() -> rx.Component:
    """It is over: what has changed, or why nothing has."""
    run = ImportPageState.run
    return rx.el.section(
        rx.match(
            run.state,
            (
                State.DONE.value,
                rx.fragment(
                    rx.el.p(
                        t("import.done", collection=run.collection),
                        role="status",
                        class_name="notice import-done",
                    ),
                    _counts(),
                    rx.cond(
                        run.sample > 0,
                        rx.el.p(
                            t("import.sample_retired", count=run.sample.to(str)), class_name="import-note"
                        ),
                    ),
                    _lists(t("import.list.retired_done")),
                ),
            ),
            (
                State.FAILED.value,
                rx.fragment(
                    rx.el.p(run.said, role="alert", class_name="notice refusal"),
                    rx.cond(run.left_out_count > 0, _left_out()),
                ),
            ),
            rx.el.p(t("import.discarded"), role="status", class_name="notice quiet-line"),
        ),
        rx.el.div(
            ReactRouterLink.create(t("import.again"), to=routes.IMPORT, class_name="button plain"),
            class_name="import-foot",
        ),
    )


def _counts() -> rx.Component:
    run = ImportPageState.run
    counted = (
        ("added", run.added.count),
        ("updated", run.updated.count),
        ("retired", run.retired.count),
        ("unchanged", run.unchanged),
        ("skipped", run.left_out_count),
    )
    return rx.el.dl(
        *(
            rx.el.div(
                rx.el.dd(count),
                rx.el.dt(t(f"import.{name}")),
                custom_attrs={"data-none": (count == 0).to(str)},
            )
            for name, count in counted
        ),
        class_name="import-counts",
    )


def _edited() -> rx.Component:
    run = ImportPageState.run
    return rx.cond(
        run.edited > 0,
        rx.el.p(
            rx.cond(run.edited == 1, t("import.edited_one"), t("import.edited", count=run.edited.to(str))),
            class_name="import-warning",
        ),
    )


def _decisions() -> rx.Component:
    run, state = ImportPageState.run, ImportPageState
    return rx.el.div(
        _decision("whole", run.whole, state.set_whole(~run.whole), t("import.whole.help")),
        rx.cond(
            (run.sample > 0) | run.keep_sample,
            _decision(
                "sample",
                run.keep_sample,
                state.set_keep_sample(~run.keep_sample),
                rx.cond(run.sample > 0, t("import.sample.help", count=run.sample.to(str)), ""),
            ),
        ),
        class_name="import-decisions",
    )


def _decision(name: str, on: rx.Var[bool], change: rx.event.EventSpec, help_: rx.Var[str]) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=on,
                on_change=change,
                aria_describedby=f"import-{name}-help",
            ),
            t(f"import.{name}"),
        ),
        rx.el.p(help_, id=f"import-{name}-help", class_name="field-help"),
        class_name="import-decision",
    )


def _lists(retired: rx.Var[str]) -> rx.Component:
    run = ImportPageState.run
    return rx.el.div(
        _list("retired", retired, run.retired),
        _list("updated", t("import.list.updated"), run.updated),
        _list("added", t("import.list.added"), run.added),
        rx.cond(run.left_out_count > 0, _left_out()),
        rx.cond(run.pictures.length() > 0, _pictures()),
        class_name="import-lists",
    )


def _list(name: str, words: rx.Var[str], view: rx.Var[LinesView]) -> rx.Component:
    """Open if one can take it in at a glance."""
    return rx.cond(
        view.count > 0,
        rx.el.details(
            _summary(words, view.count),
            rx.el.ul(rx.foreach(view.lines, _line), role="list"),
            _more(view.more),
            open=view.count <= 20,
            class_name="import-list",
            custom_attrs={"data-list": name},
        ),
    )


def _line(one: rx.Var[LineRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.title, dir="auto", class_name="import-title"),
        rx.match(
            one.mark,
            ("edited", rx.el.span(t("import.mark.edited"), class_name="settings-chip waits")),
            ("again", rx.el.span(t("import.mark.again"), class_name="settings-chip")),
            rx.fragment(),
        ),
        rx.el.span(one.path, class_name="import-path"),
        key=one.path,
    )


def _left_out() -> rx.Component:
    run = ImportPageState.run
    return rx.el.details(
        _summary(t("import.list.skipped"), run.left_out_count),
        rx.foreach(run.left_out, _reason),
        open=run.left_out_count <= 20,
        class_name="import-list",
        custom_attrs={"data-list": "skipped"},
    )


def _reason(one: rx.Var[ReasonRow]) -> rx.Component:
    return rx.el.div(
        rx.el.p(one.reason),
        rx.el.ul(
            rx.foreach(one.paths, lambda path: rx.el.li(path, key=path, class_name="import-path")),
            role="list",
        ),
        _more(one.more),
        key=one.reason,
        class_name="import-reason",
    )


def _pictures() -> rx.Component:
    run = ImportPageState.run
    return rx.el.details(
        _summary(t("import.list.pictures"), run.pictures.length() + run.pictures_more),
        rx.el.ul(rx.foreach(run.pictures, _pictures_of), role="list"),
        _more(run.pictures_more),
        class_name="import-list",
        custom_attrs={"data-list": "pictures"},
    )


def _pictures_of(one: rx.Var[PicturesRow]) -> rx.Component:
    return rx.el.li(
        rx.el.span(one.path, class_name="import-path"),
        rx.el.span(
            rx.cond(one.count == 1, t("import.pictures_one"), t("import.pictures", count=one.count.to(str))),
            class_name="import-facts",
        ),
        key=one.path,
    )


def _summary(words: rx.Var[str], count: rx.Var[int]) -> rx.Component:
    return rx.el.summary(words, " ", rx.el.span(count, class_name="import-count"))


def _more(count: rx.Var[int]) -> rx.Component:
    return rx.cond(count > 0, rx.el.p(t("import.more", count=count.to(str)), class_name="field-help"))
