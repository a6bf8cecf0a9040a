"""The breaker alone: who may call the model, by a clock the tests turn."""

import pytest
from hypothesis import given as generated
from hypothesis import strategies as st

from supportbot.turns.breaker import (
    FAULTS,
    LONGEST_REST,
    PROBE_WITHIN,
    REST,
    WITHIN,
    Breaker,
    ModelState,
    Pass,
)


class Model:
    """A breaker and a clock; `calls` asks for a pass and says how it went."""

    def __init__(self) -> None:
        self.breaker = Breaker()
        self.now = 1_000.0

    @property
    def state(self) -> str:
        return self.breaker.state.value

    def ask(self) -> Pass:
        given = self.breaker.ask(self.now)
        assert given is not None, "nobody may call"
        return given

    def may_be_called(self) -> bool:
        given = self.breaker.ask(self.now)
        if given is not None:
            self.breaker.give_back(given)
        return given is not None

    def fails(self, times: int = 1, *, misconfigured: bool = False, retry_after: float | None = None) -> None:
        for _ in range(times):
            self.breaker.failed(self.ask(), self.now, misconfigured=misconfigured, retry_after=retry_after)

    def succeeds(self) -> None:
        self.breaker.succeeded(self.ask())


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def resting() -> Model:
    model = Model()
    model.fails(FAULTS)
    return model


def test_a_few_faults_do_not_open_it(model: Model) -> None:
    model.fails(FAULTS - 1)

    assert (model.state, model.may_be_called()) == ("ok", True)


def test_repeated_faults_open_it(model: Model) -> None:
    model.fails(FAULTS)

    assert (model.state, model.may_be_called()) == ("resting", False)


def test_a_success_forgets_the_faults_before_it(model: Model) -> None:
    for _ in range(3):
        model.fails(FAULTS - 1)
        model.succeeds()

    assert model.state == "ok"


def test_faults_long_ago_do_not_count(model: Model) -> None:
    for _ in range(3 * FAULTS):
        model.fails()
        model.now += WITHIN / (FAULTS - 2)

    assert model.state == "ok"


def test_what_is_misconfigured_is_asked_once(model: Model) -> None:
    model.fails(misconfigured=True)

    assert (model.state, model.may_be_called()) == ("misconfigured", False)


def test_what_says_nothing_about_the_model_does_not_count(model: Model) -> None:
    for _ in range(10 * FAULTS):
        model.breaker.give_back(model.ask())

    assert model.state == "ok"


def test_after_its_rest_one_probe_goes_and_only_one(resting: Model) -> None:
    resting.now += REST

    assert resting.ask().is_probe
    assert [resting.breaker.ask(resting.now) for _ in range(3)] == [None, None, None]


def test_a_probe_that_succeeds_closes_it(resting: Model) -> None:
    resting.now += REST
    resting.succeeds()

    assert resting.state == "ok"
    assert not resting.ask().is_probe
    resting.fails(FAULTS - 1)
    assert resting.state == "ok"


def test_each_probe_that_fails_doubles_the_rest_up_to_the_longest(resting: Model) -> None:
    rests = []
    for _ in range(12):
        began = resting.now
        while not resting.may_be_called():
            resting.now += 1
        rests.append(resting.now - began)
        resting.fails()

    assert rests[:3] == [REST, 2 * REST, 4 * REST]
    assert rests[-1] == LONGEST_REST


def test_a_probe_that_was_cancelled_makes_room_for_another(resting: Model) -> None:
    resting.now += REST
    resting.breaker.give_back(resting.ask())

    assert resting.ask().is_probe


def test_a_probe_nobody_heard_of_again_does_not_hold_the_place_for_ever(resting: Model) -> None:
    resting.now += REST
    lost = resting.ask()
    resting.now += PROBE_WITHIN

    another = resting.ask()
    assert another.is_probe
    resting.breaker.give_back(lost)
    assert not resting.may_be_called()
    resting.breaker.succeeded(another)
    assert resting.state == "ok"


def test_it_rests_as_long_as_the_model_asks_but_not_for_ever(model: Model) -> None:
    model.fails(FAULTS, retry_after=REST + 30)
    model.now += REST + 29
    assert not model.may_be_called()
    model.now += 1
    assert model.may_be_called()

    model.fails(retry_after=86_400)
    model.now += LONGEST_REST
    assert model.may_be_called()


def test_a_probe_that_finds_the_key_wrong_says_so(resting: Model) -> None:
    resting.now += REST
    resting.fails(misconfigured=True)

    assert resting.state == "misconfigured"


def test_what_began_before_the_faults_says_nothing_about_now(model: Model) -> None:
    early, late = model.ask(), model.ask()
    model.fails(FAULTS)

    model.breaker.succeeded(early)
    assert model.state == "resting"
    model.breaker.failed(late, model.now + 1, misconfigured=True)
    assert model.state == "resting"
    model.now += REST
    assert model.may_be_called()


def test_its_state_is_in_the_log(model: Model, caplog: pytest.LogCaptureFixture) -> None:
    model.fails(FAULTS)
    model.now += REST
    model.succeeds()

    assert ["model fails" in line for line in caplog.messages] == [True, False]
    assert "answers again" in caplog.messages[1]


STEPS = st.lists(
    st.tuples(st.sampled_from(["ask", "succeed", "fail", "refuse", "give back"]), st.floats(0, 400)),
    max_size=60,
)


@generated(STEPS)
def test_whatever_happens_there_is_one_probe_at_a_time_and_a_way_back(steps: list[tuple[str, float]]) -> None:
    model, given, asked_at = Model(), [], dict[Pass, float]()
    for what, pause in steps:
        model.now += pause
        if what == "ask" or not given:
            if (new := model.breaker.ask(model.now)) is not None:
                given.append(new)
                asked_at[new] = model.now
        else:
            one = given.pop(0)
            if what == "succeed":
                model.breaker.succeeded(one)
            elif what == "give back":
                model.breaker.give_back(one)
            else:
                model.breaker.failed(one, model.now, misconfigured=what == "refuse")
        probes = [one for one in given if one.is_probe and model.now - asked_at[one] < PROBE_WITHIN]
        assert len(probes) <= 1 or model.breaker.state == ModelState.OK

    model.now += LONGEST_REST + PROBE_WITHIN
    model.succeeds()
    assert model.state == "ok"
