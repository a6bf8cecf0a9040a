import pytest

from supportbot.knowledge.tongues import is_english


@pytest.mark.parametrize(
    "question",
    [
        "How do I get a refund?",
        "acount got frozn becuse card declined how long befor its delted",
        "okta saml login",
        "refund",
        "",
        "123",
        "café menu",
    ],
)
def test_english_is_recognised_whatever_its_spelling(question):
    assert is_english(question, 1.9, 1.75)


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Checks darf ich im Gratis-Tarif anlegen, bevor ich zahlen muss?",
        "¿Puedo recibir un correo cada hora mientras algo sigue caído?",
        "Comment signaler un échec depuis un script bash ?",
        "自前のサーバーで動かしていますが",
        "моя страница",
        "Jak mogę zmienić hasło konta",
    ],
)
def test_other_languages_are(question):
    assert not is_english(question, 1.9, 1.75)
