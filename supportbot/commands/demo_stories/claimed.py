"""Conversations that people have in hand."""

from supportbot.commands.demo_stories.steps import (
    ALEX,
    CHROME_ANDROID,
    DAY,
    EDGE_WINDOWS,
    FIREFOX_LINUX,
    HOUR,
    ROBIN,
    SAFARI_IPHONE,
    SAFARI_MAC,
    SAM,
    Answers,
    Assigns,
    Claims,
    Escalates,
    IsStopped,
    Notes,
    Replies,
    Says,
    Snoozes,
    Story,
    Tags,
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
                "Wanted: the last three invoices issued again with the VAT number, for the tax office.\n"
                "Tried: added the number under Company details; it only shows on new invoices.\n"
                "Known: Amara Okafor; the invoices of September, October and November.",
            ),
            21,
            Claims(SAM),
            1,
            Replies(
                SAM,
                "Hello Amara, I am looking at your invoices now. Is it the three from September to November, "
                "and is DE 302 449 118 the right number?",
            ),
            Tags(SAM, ("billing", "invoice")),
            4,
            Says("Yes to both. The October one also has the old address, could you correct that too?"),
            1,
            Notes(
                SAM,
                "The billing team issues all three again today. If they are not there within the hour, ask "
                "Clara; she knows.",
            ),
            1,
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
        language="de",
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
                Reason.FRUSTRATED,
                Trigger.MODEL,
                "Wanted: to sign in within the hour; his two-step codes are refused.\n"
                "Tried: several codes.\n"
                "Known: Oskar Lund, oskar@lund.example; an iPhone; a demo in an hour.",
            ),
            3,
            Claims(SAM),
        ),
    ),
    Story(
        ago=3.1 * HOUR,
        name="Ingrid Solberg",
        email="ingrid@solberg-maritime.example",
        browser=FIREFOX_LINUX,
        page="https://app.acme.example/import",
        referrer="https://app.acme.example/boards",
        steps=(
            Says("We move 40 boards over from another tool. Is there a way to do it all at once?"),
            Answers(
                "Boards are imported one file at a time, up to 10,000 rows each.",
                ("Import errors|import-errors",),
            ),
            2,
            Says("That would take us days. Can somebody help?"),
            Escalates(
                Reason.CANNOT_RESOLVE,
                Trigger.MODEL,
                "Wanted: to import 40 boards at once instead of one file at a time.\n"
                "Tried: nothing yet; the articles describe single files only.\n"
                "Known: Ingrid Solberg, ingrid@solberg-maritime.example; 40 boards from another tool.",
            ),
            12,
            Claims(ALEX),
            1,
            Replies(ALEX, "Hello Ingrid, we can do that for you. A colleague who knows imports takes over."),
            2,
            Tags(ALEX, ("import", "onboarding")),
            Assigns(
                ALEX,
                SAM,
                "Sam, you did this for Northwind in spring. Her export is one archive, and I promised "
                "her a date by tonight.",
            ),
            7,
            Says("Great. The archive is 1.2 GB, where can I put it?"),
        ),
    ),
    Story(
        ago=1.3 * DAY,
        name="Matteo Ricci",
        email="matteo@ricci.example",
        browser=SAFARI_MAC,
        page="https://app.acme.example/settings/integrations/calendar",
        language="it",
        steps=(
            Says("Gli eventi di Outlook compaiono due volte nel calendario"),
            Escalates(
                Reason.MISSING_KNOWLEDGE,
                Trigger.MODEL,
                "Wanted: che gli eventi di Outlook compaiano una volta sola.\n"
                "Tried: niente finora.\n"
                "Known: Matteo Ricci, matteo@ricci.example; calendario di Outlook.",
            ),
            9,
            Claims(SAM),
            2,
            Replies(
                SAM,
                "Buongiorno Matteo, è un nostro errore. La correzione arriva domani; le scrivo qui allora.",
            ),
            3,
            Says("Va bene, grazie, aspetto."),
            1,
            Tags(SAM, ("calendar", "bug")),
            Notes(SAM, "Waits for the calendar fix (release of tomorrow morning). Tell him when it is out."),
            Snoozes(SAM, 18 * HOUR),
        ),
    ),
    Story(
        ago=50,
        name="Sunita Rao",
        email="sunita@rao-architects.example",
        browser=CHROME_ANDROID,
        steps=(
            Says("Please talk me through moving our workspace to the EU region, a person please"),
            Escalates(Reason.ASKED_FOR_PERSON),
            8,
            Claims(ALEX),
            1,
            Assigns(ALEX, ROBIN, "Robin, EU moves are yours this week."),
            3,
            Replies(
                ROBIN, "Hello Sunita, this is Robin. The move takes about an hour; when would it suit you?"
            ),
            5,
            Says("Tonight after 8 pm would be perfect"),
        ),
    ),
)
