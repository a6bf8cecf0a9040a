"""How the property tests run: few examples in `make test`, many in `make soak`, never a deadline."""

from hypothesis import HealthCheck, settings

ON_A_DATABASE = settings(
    max_examples=20,
    deadline=None,
    # Each example works in conversations of its own, so that sharing the database does no harm.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LONG = settings(ON_A_DATABASE, max_examples=1_000)
