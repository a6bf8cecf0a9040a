"""Conversations that wait for a person: short and long, calm and not, in several languages."""

from supportbot.commands.demo_stories.steps import (
    ALEX,
    CHROME_ANDROID,
    DAY,
    EDGE_WINDOWS,
    FIREFOX_LINUX,
    HOUR,
    SAFARI_IPHONE,
    SAFARI_MAC,
    SAM,
    Answers,
    BreaksOff,
    Claims,
    Escalates,
    KeepsPlace,
    Notes,
    Reads,
    Replies,
    Resolves,
    Says,
    Story,
    Tags,
)
from supportbot.models import Reason, Trigger

RANT = (
    "I have been a paying customer for four years and I have never been treated like this. On Monday our "
    "whole team of 23 people opened Acme and every board in the workspace was read-only, because a payment "
    "of 207 dollars had supposedly failed. It had NOT failed: my bank shows the charge, I have the "
    "statement in front of me, it left our account on the 3rd. I wrote to support@acme.example on Monday "
    "morning, on Monday afternoon and again on Tuesday, and all I received was an automatic confirmation "
    "with a number. Your articles say that a failed payment is tried again on day 3, 7 and 14 and that "
    "everything keeps working in the meantime. That is not what happened here.\n\n"
    "Because of this we missed a delivery for a client. The list of what had to be shipped was on a board "
    "nobody could edit, so two people kept working from a screenshot, and of course it went wrong. I have "
    "spent about six hours on this by now: with my bank, with your help pages and with this chat, which "
    "keeps quoting an article to me that I know by heart.\n\n"
    "What I want is simple. First, make the workspace writable today, not tomorrow. Second, tell me in "
    "writing why a payment that arrived was treated as failed, because I have to explain it to my "
    "accountant. Third, I expect the current month back, because we could not use what we paid for. And "
    "please do not answer with a link to the refund page: I have read it, it does not cover the case that "
    "you made the mistake, except in one half sentence, which says that you return the full amount within "
    "12 months. So do that.\n\n"
    "If this is not solved by Friday we will move to another product, and I will say why wherever I am "
    "asked. I am sorry to be so blunt. I actually like Acme, most of my team does too, and I do not look "
    "forward to moving four years of work. But I need somebody who reads this and does something about it."
)

WAITING: tuple[Story, ...] = (
    Story(
        ago=3.4 * HOUR,
        name="Margaret Holloway",
        email="margaret.holloway@holloway-freight.example",
        browser=EDGE_WINDOWS,
        page="https://app.acme.example/settings/billing/invoices/2026-11",
        referrer="https://app.acme.example/boards",
        steps=(
            Says("Our workspace is read-only although we have paid"),
            Answers(
                "A workspace becomes read-only when the last of four attempts to charge it has failed. "
                "An owner "
                "can pay the open invoice under **Settings > Billing**, and it is writable again at once.",
                (
                    "Payment methods and failed payments|payment-methods-and-failed-payments"
                    "#What happens when a payment fails",
                ),
                rated=-1,
            ),
            6,
            Says(RANT),
            Escalates(
                Reason.REFUND_OR_ACCOUNT_CHANGE,
                Trigger.MODEL,
                "Wanted: the workspace writable today, in writing why the payment counted as failed, and "
                "the month refunded.\n"
                "Tried: wrote to support@acme.example on Monday, twice, and on Tuesday; her bank shows "
                "the charge of $207.\n"
                "Known: Margaret Holloway; 23 seats; charged on the 3rd; read-only since Monday; decides on "
                "Friday.",
            ),
            4,
            Tags(ALEX, ("billing", "vip")),
            Notes(
                ALEX,
                "The bank's statement is right: our payment provider confirmed the charge on the 5th, two "
                "days late. Whoever takes this, please make the workspace writable first.",
            ),
            26,
            Says("Is anybody there?"),
        ),
    ),
    Story(
        ago=74,
        name="Maximiliane-Friederike Katharina von Hohenberg-Schwarzenfels",
        language="de",
        email="maximiliane.von.hohenberg-schwarzenfels@versicherungsgesellschaft.example",
        browser=FIREFOX_LINUX,
        page="https://app.acme.example/settings/security/single-sign-on",
        steps=(
            Says(
                "Unsere Datenschutz-Grundverordnungskonformitätsbescheinigung verlangt einen "
                "Auftragsverarbeitungsvertrag mit einer Unterauftragsverarbeiterliste. Wo finde ich das?"
            ),
            Answers(
                "Dazu habe ich in unseren Artikeln nichts gefunden. Möchten Sie, dass sich ein Mensch "
                "das ansieht?"
            ),
            1,
            Says("Ja bitte"),
            Escalates(
                Reason.MISSING_KNOWLEDGE,
                Trigger.MODEL,
                "Wanted: den Auftragsverarbeitungsvertrag und die Liste der Unterauftragsverarbeiter.\n"
                "Tried: in den Artikeln gesucht, dort steht nichts davon.\n"
                "Known: eine Versicherung, Single Sign-on ist eingerichtet.",
            ),
            6,
            Tags(SAM, ("legal", "gdpr")),
            Reads(ALEX),
        ),
    ),
    Story(
        ago=41,
        name="ليلى حداد",
        language="ar",
        email="layla@haddad.example",
        browser=CHROME_ANDROID,
        steps=(
            Says(
                "مرحبا، لا أستطيع تسجيل الدخول إلى Acme Business منذ الأمس. جرّبت رمز التحقق من تطبيق "
                "Authenticator ولكن الصفحة تقول إن الرمز غير صحيح، وفقدت الرموز الاحتياطية عند تغيير الهاتف."
            ),
            Answers(
                "يمكن لمالك مساحة العمل أو المشرف إعادة ضبط تسجيل الدخول بخطوتين من **Settings > Members > "
                "People**. إذا كنت المالكة الوحيدة فسيتحقق فريقنا من هويتك.",
                ("Two-step sign-in|two-step-sign-in#Lost your phone or codes",),
            ),
            3,
            Says("أنا المالكة الوحيدة. أريد التحدث مع شخص من فضلكم."),
            Escalates(Reason.ASKED_FOR_PERSON),
            5,
            Reads(SAM),
        ),
    ),
    Story(
        ago=29,
        name="Dan Whitaker",
        email="dan@whitaker-legal.example",
        browser=SAFARI_MAC,
        page="https://www.acme.example/terms",
        steps=(
            Says("You deleted our board. My lawyer will be in touch unless I have it back by tonight."),
            Escalates(Reason.LEGAL_THREAT, Trigger.POLICY),
            2,
            Says("Board is called 'Discovery 2026', about 300 tasks, gone since yesterday afternoon."),
        ),
    ),
    Story(
        ago=19,
        name="Yusuf Kaya",
        email="yusuf@kaya.example",
        browser=SAFARI_IPHONE,
        steps=(
            Says("somebody in our workspace I don't know is exporting boards. how do I stop this NOW"),
            Escalates(
                Reason.SECURITY_CONCERN,
                Trigger.MODEL,
                "Wanted: to stop a member he does not know from exporting boards, at once.\n"
                "Tried: nothing yet.\n"
                "Known: Yusuf Kaya; writes from an iPhone; the exports are still going on.",
            ),
            KeepsPlace(),
            1,
            Says("how do I remove a member"),
            Answers(
                "Open **Settings > Members > People**, select **…** beside the name, then **Remove from "
                "workspace**. It ends all their sessions at once. Then change the owner's password.",
                ("Roles, permissions and the audit log|roles-and-audit-log",),
            ),
        ),
    ),
    Story(
        ago=14,
        browser=CHROME_ANDROID,
        steps=(
            Says("this is the third time i ask and it STILL does not work"),
            Answers("I am sorry about that. What happens when you try, and on which page?"),
            1,
            Says("same as before!! the import stops at 80 %. useless"),
            Escalates(
                Reason.FRUSTRATED,
                Trigger.MODEL,
                "Wanted: an import that stops at 80 % to run to its end.\n"
                "Tried: the same import, now for the third time.\n"
                "Known: an Android phone; neither a name nor the kind of file was given.",
            ),
            Tags(ALEX, ("import",)),
        ),
    ),
    Story(
        ago=9,
        name="Kenji Mori",
        language="ja",
        email="kenji.mori@mori.example",
        browser=SAFARI_MAC,
        page="https://app.acme.example/settings/billing",
        steps=(
            Says("先月二重に請求されました。返金をお願いします。"),
            Escalates(Reason.REFUND_OR_ACCOUNT_CHANGE, Trigger.POLICY),
        ),
    ),
    Story(
        ago=2.9 * DAY,
        name="Ruth Abramson",
        email="ruth@abramson.example",
        page="https://app.acme.example/settings/members",
        steps=(
            Says("We were charged for 12 seats but are only 9 people."),
            Escalates(
                Reason.REFUND_OR_ACCOUNT_CHANGE,
                Trigger.MODEL,
                "Back what was charged for 12 seats; they are 9 people.",
            ),
            12,
            Claims(SAM),
            2,
            Replies(
                SAM,
                "Hello Ruth, three invitations were still open and counted as seats. I have refunded them.",
            ),
            4,
            Says("Thank you, that was quick."),
            1,
            Resolves(SAM),
            2.9 * DAY - 25,
            Says("The refund has arrived, but today's invoice again shows 12 seats."),
        ),
    ),
    Story(
        ago=3.5,
        name="Beatriz",
        browser=SAFARI_IPHONE,
        steps=(
            Says("Can you change the owner of our workspace? Our old boss left the company."),
            BreaksOff(""),
            Escalates(Reason.FAULT, Trigger.FAULT),
        ),
    ),
    Story(
        ago=0.9,
        name="Peter Novak",
        email="peter@novak.example",
        steps=(
            Says("I'd like to talk to a person please"),
            Escalates(Reason.ASKED_FOR_PERSON),
        ),
    ),
)
