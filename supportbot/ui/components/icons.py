"""The icons: one small set, drawn as strokes on a grid of 24 (shapes after Feather, MIT).

An icon alone says nothing to a screen reader: the button around it carries the words.
"""

import reflex as rx

SHAPES: dict[str, str] = {
    "send": "M12 19V5M5 12l7-7 7 7",
    "newest": "M12 5v14M19 12l-7 7-7-7",
    "up": "M12 19V5M5 12l7-7 7 7",
    "back": "M19 12H5M12 19l-7-7 7-7",
    "forward": "M9 18l6-6-6-6",
    "stop": "M7 7h10v10H7z",
    "copy": "M11 9h9a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2z"
    "M5 15H4a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h9a2 2 0 0 1 2 2v1",
    "done": "M20 6L9 17l-5-5",
    "good": "M14 9V5a3 3 0 0 0-3-3l-4 9v11h11.28a2 2 0 0 0 2-1.7l1.38-9a2 2 0 0 0-2-2.3z"
    "M7 22H4a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2h3",
    "bad": "M10 15v4a3 3 0 0 0 3 3l4-9V2H5.72a2 2 0 0 0-2 1.7l-1.38 9a2 2 0 0 0 2 2.3z"
    "M17 2h2.67A2.31 2.31 0 0 1 22 4v7a2.31 2.31 0 0 1-2.33 2H17",
    "again": "M23 4v6h-6M20.49 15a9 9 0 1 1-2.12-9.36L23 10",
    "new": "M12 5v14M5 12h14",
    "past": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM12 6v6l4 2",
    "person": "M20 21v-2a4 4 0 0 0-4-4H8a4 4 0 0 0-4 4v2M12 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
    "look": "M1 12s4-8 11-8 11 8 11 8-4 8-11 8S1 12 1 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
    "note": "M14 3v5h5M19 8v13H5V3h9zM9 13h6M9 17h4",
    "draft": "M12 20h9M16.5 3.5a2.1 2.1 0 0 1 3 3L7 19l-4 1 1-4z",
    "saved": "M19 21l-7-5-7 5V5a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2z",
    "close": "M18 6L6 18M6 6l12 12",
    "search": "M11 3a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM21 21l-4.3-4.3",
    "sound": "M11 5L6 9H2v6h4l5 4V5zM15.5 8.5a5 5 0 0 1 0 7M18.5 5.5a9 9 0 0 1 0 13",
    "silent": "M11 5L6 9H2v6h4l5 4V5zM22 9l-6 6M16 9l6 6",
    "help": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM9.1 9a3 3 0 0 1 5.8 1c0 2-3 3-3 3M12 17h.01",
    "more": "M6 9l6 6 6-6",
    "sign_out": "M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4M16 17l5-5-5-5M21 12H9",
}


def icon(name: str) -> rx.Component:
    """One icon of the set.

    Raises:
        KeyError: if there is none of this name.
    """
    return rx.el.svg(
        rx.el.path(d=SHAPES[name]),
        view_box="0 0 24 24",
        class_name=f"icon icon-{name}",
        aria_hidden="true",
    )
