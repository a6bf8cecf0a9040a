"""How a mail server, a sender and a secret are spelled."""

from ipaddress import ip_address

import pytest

from supportbot.channels import MailServer, is_public, leads_inside, new_secret, sender, signing_key


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", MailServer("localhost", 25, "none")),
        ("smtp://mail.acme.example:2525", MailServer("mail.acme.example", 2525, "none")),
        ("smtps://mail.acme.example", MailServer("mail.acme.example", 465, "tls")),
        ("smtp+starttls://mail.acme.example/", MailServer("mail.acme.example", 587, "starttls")),
        (
            "smtp+starttls://me%40acme.example:p%2Fw%3F%23@mail.acme.example:26",
            MailServer("mail.acme.example", 26, "starttls", "me@acme.example", "p/w?#"),
        ),
        ("smtp://me:secret@127.0.0.1", MailServer("127.0.0.1", 25, "none", "me", "secret")),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, server: MailServer) -> None:
    assert MailServer.from_url(url) == server


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "use smtp://"),
        ("localhost", "use smtp://"),
        ("http://localhost", "use smtp://"),
        ("smtp://", "use smtp://"),
        ("smtp://localhost:99999", "the port"),
        ("smtp://localhost:mail", "the port"),
        ("smtps://me@localhost", "both USER and PASSWORD"),
        ("smtps://:secret@localhost", "both USER and PASSWORD"),
        ("smtps://me:sec#ret@localhost", "%23"),
        ("smtps://localhost/path", "nothing may follow"),
        ("smtp://me:secret@mail.acme.example", "readable"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as refusal:
        MailServer.from_url(url)

    assert "secret" not in str(refusal.value)


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in repr(MailServer.from_url("smtps://me:hunter2@localhost"))


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("support@acme.example", "", "support@acme.example"),
        ("Acme Support <support@acme.example>", "Acme Support", "support@acme.example"),
        ('"Müller, Söhne" <post@mueller.example>', "Müller, Söhne", "post@mueller.example"),
    ],
)
def test_a_sender_has_an_address_and_perhaps_a_name(text: str, name: str, address: str) -> None:
    read = sender(text)

    assert (read.display_name, read.addr_spec) == (name, address)


@pytest.mark.parametrize(
    "text", ["", "Acme", "@acme.example", "support@", "a@b, c@d", "a@b\nBcc: everybody@example.com"]
)
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="use support@example"):
        sender(text)


def test_a_secret_is_the_bytes_behind_it() -> None:
    assert signing_key("whsec_" + "QUJD" * 8) == b"ABC" * 8
    assert signing_key("QUJD" * 8) == b"ABC" * 8


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_QUJD", "whsec_not base64!", "whsec_" + "QUJD" * 22])
def test_a_short_a_long_and_a_misspelled_secret_are_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="random bytes in base64"):
        signing_key(secret)


@pytest.mark.parametrize(
    ("spelled", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("64:ff9b::5db8:d822", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("::7f00:1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:7f00:1::", False),
        ("2001::1", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("fd12::1", False),
        ("ff02::1", False),
    ],
)
def test_an_address_is_public_or_not_however_it_travels(spelled: str, public: bool) -> None:
    assert is_public(ip_address(spelled)) == public


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "db.localhost", "[::1]", "10.0.0.1", ""])
def test_hosts_that_plainly_lead_inside_are_known_before_they_are_looked_up(host: str) -> None:
    assert leads_inside(host)
    assert not leads_inside("hooks.example.com")


def test_a_new_secret_signs_and_is_never_the_same() -> None:
    assert len(signing_key(new_secret())) == 32
    assert new_secret() != new_secret()


def test_a_server_whose_parts_were_typed_has_its_usual_port() -> None:
    assert MailServer.checked("mail.example", None, "starttls", "", "").port == 587
    assert MailServer.checked("mail.example", None, "tls", "u", "p").port == 465
    assert MailServer.checked("mail.example", 2525, "none", "", "").port == 2525
