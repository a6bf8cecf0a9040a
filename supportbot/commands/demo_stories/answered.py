"""Conversations the assistant handles alone, and some that are still going on."""

from supportbot.commands.demo_stories.steps import (
    CHROME_ANDROID,
    DAY,
    EDGE_WINDOWS,
    FIREFOX_LINUX,
    HOUR,
    SAFARI_IPHONE,
    SAFARI_MAC,
    Answers,
    BreaksOff,
    IsStopped,
    Says,
    Story,
)

REFUND = "How to get a refund|how-to-get-a-refund"
PLANS = "Plans and prices|plans-and-prices"

ANSWERED: tuple[Story, ...] = (
    Story(
        ago=5.8 * DAY,
        name="Priya Raman",
        email="priya@raman-design.example",
        browser=SAFARI_MAC,
        page="https://www.acme.example/pricing",
        referrer="https://www.google.com/",
        steps=(
            Says("What is the difference between Team and Business?"),
            Answers(
                "Both remove the limits of Free on members and boards. Business adds what larger companies "
                "ask for:\n\n"
                "| Plan | Price per seat | Boards | File storage | Automation runs | First reply |\n"
                "| --- | --- | --- | --- | --- | --- |\n"
                "| Free | $0 | 5 | 1 GB | 100 a month | 2 business days |\n"
                "| Team | $9 a month | No limit | 100 GB | 2,000 a month | 1 business day |\n"
                "| Business | $16 a month | No limit | 1 TB | 25,000 a month | 4 business hours |\n\n"
                "Business also brings SAML single sign-on and an audit log of 365 days. "
                "If you do not need single sign-on or the audit log, Team is usually enough.",
                (PLANS + "#What each plan includes", PLANS + "#How much does Acme cost?"),
                rated=1,
            ),
            3,
            Says("And if we pay for a year?"),
            Answers(
                "Paying annually costs the same as **ten months**. For 8 Team seats that is $720 for a year "
                "instead of $864.",
                (PLANS + "#How much does Acme cost?",),
                rated=1,
            ),
        ),
    ),
    Story(
        ago=5.2 * DAY,
        browser=CHROME_ANDROID,
        steps=(
            Says("how do i get a refund"),
            Answers(
                "You can get a full refund if you ask within 30 days of the day you were charged:\n\n"
                "1. Sign in on the web. Refunds cannot be requested in the mobile apps.\n"
                "2. Open **Settings > Billing > Refund request**.\n"
                "3. Choose the invoice, then **Full refund**.\n"
                "4. Select **Send request**.\n\n"
                "We answer within 2 business days.",
                (REFUND + "#How to ask for a refund",),
                rated=1,
            ),
        ),
    ),
    Story(
        ago=4.6 * DAY,
        name="Tomáš Dvořák",
        email="tomas@dvorak.example",
        browser=FIREFOX_LINUX,
        page="https://app.acme.example/settings/developers",
        steps=(
            Says("I get 429 from your API since this morning. What is the limit?"),
            Answers(
                "Each token has its own limit: 60 requests a minute on Free, 300 on Team, 1,200 on Business. "
                "The answer carries `Retry-After` with the seconds to wait:\n\n"
                "```http\nHTTP/1.1 429 Too Many Requests\nRetry-After: 21\n```\n\n"
                "Wait that long, then go on; retrying at once only prolongs it.",
                ("API tokens and rate limits|tokens-and-rate-limits#Error 429: too many requests",),
                rated=1,
            ),
            2,
            Says("perfect, found it, two jobs shared a token"),
            Answers("That explains it. Give each job a token of its own, and they no longer share a limit."),
        ),
    ),
    Story(
        ago=3.9 * DAY,
        name="Hanna Lindqvist",
        browser=SAFARI_IPHONE,
        steps=(
            Says("Where do I turn off the e-mails, I get about 40 a day"),
            Answers(
                "Open **Settings > My account > Notifications** and choose **Daily summary**: one e-mail "
                "in the "
                "morning instead of one for each change. Mentions of your name still come at once unless you "
                "switch them off too.",
                ("Email address and notification settings|email-address-and-notifications#Get fewer emails",),
                rated=1,
            ),
        ),
    ),
    Story(
        ago=3.1 * DAY,
        name="Björn",
        language="de",
        steps=(
            Says(
                "Gibt es eine Möglichkeit, die Aufgabenwiederherstellungsfrist im Papierkorb zu verlängern?"
            ),
            Answers(
                "Auf Free und Team bleiben gelöschte Aufgaben **30 Tage** im Papierkorb, auf Business "
                "**90 Tage**. Einzeln verlängern lässt sich die Frist nicht. Wenn etwas länger bleiben soll, "
                "archivieren Sie es: Archiviertes wird nie von selbst gelöscht.",
                ("Archive boards and restore deleted items|archive-and-restore#Restore a deleted task",),
            ),
        ),
    ),
    Story(
        ago=2.7 * DAY,
        name="Sofia Almeida",
        email="sofia@almeida.example",
        browser=EDGE_WINDOWS,
        page="https://app.acme.example/import",
        steps=(
            Says("My CSV import says 'Unknown encoding'"),
            Answers(
                "The file is not UTF-8. In Excel, save it again as **CSV UTF-8 (comma-delimited)** and "
                "import "
                "the new file.",
                ("Import errors|import-errors#The whole file is refused",),
                rated=-1,
            ),
            2,
            Says("I use LibreOffice"),
            Answers(
                "In LibreOffice choose **File > Save a Copy**, tick **Edit filter settings**, and set the "
                "character set to **Unicode (UTF-8)**.",
                rated=1,
            ),
        ),
    ),
    Story(
        ago=2.2 * DAY,
        browser=SAFARI_IPHONE,
        steps=(
            Says("Can guests see all our boards??"),
            Answers(
                "No. A guest sees only the boards they were invited to, and the names of the people on them.",
                ("Work with guests|guests#What guests can and cannot do",),
                rated=1,
            ),
        ),
    ),
    Story(
        ago=1.8 * DAY,
        name="田中 美咲",
        language="ja",
        email="misaki@tanaka.example",
        browser=SAFARI_MAC,
        steps=(
            Says("年間プランの請求書はどこでダウンロードできますか。"),
            Answers(
                "**設定 > お支払い > 請求書** からダウンロードできます。請求書は支払いの当日に作成され、"
                "オーナーと請求管理者にメールでも届きます。",
                ("Invoices and tax|invoices-and-tax",),
                rated=1,
            ),
        ),
    ),
    Story(
        ago=1.4 * DAY,
        name="Olu Adeyemi",
        email="olu@adeyemi.example",
        steps=(
            Says("What happens when my card fails"),
            Answers(
                "Nothing is deleted. We try again on day 3, 7 and 14, and e-mail the owner each time. If the "
                "last attempt fails, the workspace becomes read-only; on day 30 it moves to Free.",
                (
                    "Payment methods and failed payments|payment-methods-and-failed-payments"
                    "#What happens when a payment fails",
                ),
            ),
            1,
            Says("ok and can I have a second card as a fallback"),
            Answers(
                "Yes: **Settings > Billing > Payment method > Add backup**. It is used only if the first "
                "fails."
            ),
        ),
    ),
    Story(
        ago=1.1 * DAY,
        steps=(
            Says("Do you have a phone number"),
            Answers(
                "There is no telephone support. You can write here, and a person can be asked at any time."
            ),
        ),
    ),
    Story(
        ago=26 * HOUR,
        name="Chloé Martin",
        language="fr",
        browser=CHROME_ANDROID,
        steps=(
            Says("Comment synchroniser Acme avec Google Calendar dans les deux sens ?"),
            IsStopped(
                "La synchronisation dans les deux sens est possible avec Team et Business. Ouvrez "
                "**Paramètres > Intégrations > Google Calendar**, puis"
            ),
            1,
            Says("c'est bon, j'ai trouvé"),
            Answers(
                "Très bien. Si un événement n'apparaît pas, attendez une minute ou deux : c'est le délai."
            ),
        ),
    ),
    Story(
        ago=7 * HOUR,
        name="Ines",
        browser=FIREFOX_LINUX,
        steps=(
            Says("How do I verify the webhook signature in Python?"),
            Answers(
                "The signature is the HMAC-SHA256 of the time, a full stop and the raw body:\n\n"
                "```python\nimport hashlib, hmac\n\n"
                'signed = f"{t}.".encode() + body\n'
                "expected = hmac.new(secret, signed, hashlib.sha256).hexdigest()\n"
                "assert hmac.compare_digest(expected, v1)\n```\n\n"
                "Reject requests that are more than 5 minutes old.",
                ("Webhooks and signatures|webhooks#Check the signature",),
                rated=1,
            ),
        ),
    ),
    Story(
        ago=95,
        name="Gareth Pugh",
        email="gareth.pugh@northwind.example",
        page="https://app.acme.example/boards/brd_81f2",
        steps=(
            Says("The board is very slow today, is something broken?"),
            BreaksOff("Very large boards can be slow. A board with more than 2,000 open tasks"),
            2,
            Says("hello?"),
            Answers(
                "A board with more than 2,000 open tasks takes longer to open. Archive what is done, or "
                "filter "
                "by list. If it is slow with few tasks too, try a private window: an extension may be "
                "the cause.",
                ("Slow pages and sync problems|slow-pages-and-sync",),
            ),
        ),
    ),
    Story(
        ago=16,
        name="Lucía Ferrer",
        language="es",
        browser=SAFARI_IPHONE,
        steps=(
            Says("¿Puedo cambiar de mensual a anual a mitad de mes?"),
            Answers(
                "Sí. Abra **Configuración > Facturación > Plan** y elija **Anual**. Lo que queda del mes se "
                "descuenta del primer pago anual.",
                (
                    "Change your plan, seats or billing period|change-your-plan#Switch from monthly to "
                    "annual billing",
                ),
            ),
        ),
    ),
    Story(
        ago=4,
        page="https://www.acme.example/",
        referrer="https://duckduckgo.com/",
        browser=EDGE_WINDOWS,
        steps=(
            Says("is there a free trial"),
            Answers(
                "Yes: 14 days of Team, without a card. At the end the workspace moves to Free unless you "
                "choose "
                "a plan.",
                (PLANS,),
            ),
        ),
    ),
)
