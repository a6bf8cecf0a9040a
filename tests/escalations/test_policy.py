"""When the customer's own words send a conversation to people, and when they do not."""

import pytest

from supportbot.escalations import policy
from supportbot.models import Reason
from tests.endings import comes_to_an_end


@pytest.mark.parametrize(
    "text",
    [
        "talk to a human",
        "Talk to a human!!!",
        "can I speak to a real person please",
        "agent",
        "Agent, please",
        "human",
        "Operator!",
        "real person pls",
        "customer service",
        "live agent",
        "I'd like to talk to someone from support",
        "I would like to speak with somebody",
        "I want to chat with a live agent",
        "let me talk to your manager",
        "Can I talk to someone about my bill?",
        "connect me with an agent",
        "Please transfer me to a representative.",
        "put me through to someone",
        "I need a human",
        "I want a person, not a bot",
        "get me a human now",
        "give me a real person to talk to",
        "Could I have a person help me with this?",
        "I need an agent to look at my account",
        "is there a human I can talk to",
        "is there anybody I can speak to?",
        "I don't want to talk to a bot",
        "this is useless. human please",
        "Thanks, but I'd rather speak with a person.",
        "How do I talk to a human?",
        "how can i get a human",
        "Please escalate this.",
        "I don’t want a bot, I want a human",
        "SPEAK TO A REPRESENTATIVE",
        "I want to talk to customer support",
        # German
        "Ich möchte mit einem Menschen sprechen",
        "Kann ich mit einem Mitarbeiter sprechen?",
        "Verbinden Sie mich bitte mit einem echten Menschen",
        "Ich will mit jemandem reden",
        "Mitarbeiter bitte",
        # French
        "Je veux parler à un humain",
        "Puis-je parler à une vraie personne ?",
        "Je voudrais parler avec un conseiller",
        "Puis-je parler à quelqu'un ?",
        # Spanish
        "Quiero hablar con una persona",
        "¿Puedo hablar con un agente?",
        "Necesito hablar con alguien",
        "Quiero hablar con una persona real, por favor",
        # Portuguese
        "Quero falar com um atendente",
        "Posso falar com uma pessoa real?",
        "Gostaria de falar com alguém",
    ],
)
def test_a_plain_request_for_a_person_is_one(text: str) -> None:
    assert policy.read(text) == Reason.ASKED_FOR_PERSON


@pytest.mark.parametrize(
    "text",
    [
        "I want my money back",
        "I want my money back!",
        "Refund me now",
        "give me my money back",
        "We demand a full refund.",
        "I'd like a refund",
        "I would like my money back for this month",
        "I want a refund",
        "I need a refund because you charged me twice.",
        "please refund my last payment",
        "Can you refund me?",
        "You charged me twice. Refund my money.",
        "I cancelled last week and I want to be refunded",
        "Ich will mein Geld zurück",
        "Je veux être remboursé",
        "Quiero que me devuelvan mi dinero",
        "Quero meu dinheiro de volta",
    ],
)
def test_a_demand_for_money_back_is_one(text: str) -> None:
    assert policy.read(text) == Reason.REFUND_OR_ACCOUNT_CHANGE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "Hello",
        # Asking how something works
        "How do I get a refund?",
        "Can I get a refund after 40 days?",
        "what is your refund policy",
        "I need a refund policy for my accountant",
        "Do you refund my money if I cancel?",
        "Will I get my money back if I cancel?",
        "I am not sure I need a refund",
        "I want a refund, how do I get it?",
        "How do I contact support?",
        "What happens when I ask to speak to a human?",
        "when will the refund arrive",
        # People and agents who are part of the product, or of the customer's life
        "How many people can I invite?",
        "Can I add a person to my board?",
        "Can I assign a task to a person?",
        "Can I transfer my board to another person?",
        "which manager role can delete boards",
        "I need to add an agent seat",
        "I need an agent account for my colleague",
        "my human resources team",
        "I want the person who left removed from my workspace",
        "we want each person to have their own login",
        "Do I need a manager to delete boards?",
        "Can a person be in two teams?",
        "I need a person removed from our plan",
        "Can I chat with someone on my board?",
        "How do I chat with a person in my team?",
        "can we talk about how to add a person",
        "My manager wants to see the invoices",
        "Can I get a card in person?",
        "I talk to people all day",
        "what does the agent role do",
        "The form says: I'm not a robot. It never ends.",
        # Whether this is one
        "Are you a human?",
        "Is this a real person?",
        # Not wanting one
        "I don't want to talk to a human",
        "I do not need an agent",
        "no need to talk to a person",
        # Other languages
        "Wie teile ich ein Board mit einer Person?",
        "Kann ich eine Person einladen?",
        "Comment ajouter une personne à mon tableau ?",
        "¿Puedo añadir una persona a mi tablero?",
        "Posso compartilhar o quadro com uma pessoa?",
        "Wie bekomme ich mein Geld zurück?",
        "Comment être remboursé ?",
    ],
)
def test_other_words_are_the_assistants_to_answer(text: str) -> None:
    assert policy.read(text) is None


def test_each_sentence_is_read_for_itself() -> None:
    assert policy.read("How do I export my data?\nAlso, let me talk to a human.") == Reason.ASKED_FOR_PERSON
    assert policy.read("What does it cost? I want my money back.") == Reason.REFUND_OR_ACCOUNT_CHANGE


def test_whoever_wants_both_wants_a_person() -> None:
    assert policy.read("I want my money back. Let me talk to a human.") == Reason.ASKED_FOR_PERSON


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "talk " * 20_000,
        "i want a " * 12_000,
        "talk to a real live actual " * 4_000,
        "give me my " * 10_000,
        "mit einem " * 10_000,
        "parler à une vraie " * 5_000,
        " " * 100_000,
        "\n" * 100_000,
        "please " * 15_000,
        "i need a support customer service " * 3_000,
        "how do i " * 12_000,
    ],
)
def test_no_text_takes_long_to_read(text: str) -> None:
    # A rule that goes back and forth over a text would take hours.
    with comes_to_an_end():
        policy.read(text)
        policy.read(text[:2_000] + "!")
