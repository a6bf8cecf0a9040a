"""Conversations that people have in hand."""

from supportbot.commands.demo_stories.steps import (
    ALEX,
    CHROME_ANDROID,
    EDGE_WINDOWS,
    HOUR,
    SAFARI_IPHONE,
    SAFARI_MAC,
    SAM,
    Answers,
    Claims,
    Escalates,
    IsStopped,
    Replies,
    Says,
    Story,
    TakesOver,
)
from supportbot.models import Reason, Trigger

CLAIMED: tuple[Story, ...] = (
    Story(
        ago=58,
        name="Amara Okafor",
        email="amara@okafor-studio.example",
        browser=SAFARI_MAC,
        page="https://app.acme.example/settings/billing/invoices",
        referrer="https://app.acme.example/settings",
        steps=(
            Says("Hi! Our VAT number is not on the last three invoices, and our accountant needs it there."),
            Answers(
                "You can add it under **Settings > Billing > Company details**. It appears on every invoice "
                "from then on. Invoices that already exist keep the details they were made with.",
                ("Invoices and tax|invoices-and-tax",),
            ),
            2,
            Says("I did that. I need the OLD ones corrected, the tax office asks for them."),
            Escalates(
                Reason.CANNOT_RESOLVE,
                Trigger.MODEL,
                "The VAT number is missing on the last three invoices; she has added it since and needs "
                "the old "
                "ones corrected for the tax office.",
            ),
            21,
            Claims(SAM),
            1,
            Replies(
                SAM,
                "Hello Amara, I am looking at your invoices now. Is it the three from September to November, "
                "and is DE 302 449 118 the right number?",
            ),
            4,
            Says("Yes to both. The October one also has the old address, could you correct that too?"),
            2,
            Replies(
                SAM,
                "Of course. I have asked our billing team to issue all three again with the number and "
                "the new "
                "address:\n\n- September: AC-2026-0917\n- October: AC-2026-1017\n- November: AC-2026-1117\n\n"
                "You will find them under https://app.acme.example/settings/billing/invoices within the "
                "hour.",
            ),
            3,
            Says("Wonderful, thank you! I will check in a bit."),
        ),
    ),
    Story(
        ago=2.3 * HOUR,
        name="Jonas Weber",
        email="jonas@weber-holzbau.example",
        browser=EDGE_WINDOWS,
        steps=(
            Says("Ich möchte bitte mit einem Mitarbeiter sprechen"),
            Escalates(Reason.ASKED_FOR_PERSON),
            9,
            Claims(ALEX),
            1,
            Replies(ALEX, "Guten Tag, Herr Weber, hier ist Alex. Womit kann ich Ihnen helfen?"),
            5,
            Says(
                "Wir haben zwei Arbeitsbereiche und möchten sie zusammenlegen, ohne dass Zeiterfassungen "
                "verloren gehen."
            ),
            3,
            Replies(ALEX, "Das geht. Ich bereite es vor und melde mich hier, bevor ich etwas verschiebe."),
        ),
    ),
    Story(
        ago=33,
        name="Mei Chen",
        browser=CHROME_ANDROID,
        steps=(
            Says("the android app closes when i open a board with pictures"),
            Answers(
                "Please update the app to the newest version and restart the phone. If it still closes, "
                "clear the "
                "app's cache: **Settings > Apps > Acme > Storage > Clear cache**.",
                ("Mobile apps|mobile-apps",),
            ),
            3,
            Says("did that, same"),
            IsStopped("Then the board itself may hold a picture that", by_staff=True),
            TakesOver(ALEX),
            1,
            Replies(
                ALEX, "Hello Mei, this is a fault of ours in version 8.4.1. A new version is due tonight."
            ),
        ),
    ),
    Story(
        ago=24,
        name="Oskar Lund",
        email="oskar@lund.example",
        browser=SAFARI_IPHONE,
        steps=(
            Says("my 2fa codes don't work and I have a demo in an hour"),
            Escalates(
                Reason.FRUSTRATED, Trigger.MODEL, "Two-step codes are refused; he has a demo in an hour."
            ),
            3,
            Claims(SAM),
        ),
    ),
)
