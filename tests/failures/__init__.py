"""What each failure does: the rows of the table in docs/architecture.md, each with its tests.

- the model is away: 429, 500, 529, refused, no first word:
  `test_model_away.py`, `test_breaker_in_turns.py`
- the stream breaks, ends without saying so, or stalls:
  `test_broken_streams.py`
- 401, 403, a model's name nobody knows:
  `test_configuration.py`
- the customer closes the page:
  `tests/turns/test_runner.py`: a turn runs to its end though nobody follows
- the server is killed:
  `tests/browser/test_restart.py`; `tests/turns/test_runner.py`: a turn whose runner died…
- the database is locked or away:
  `test_database.py`, `tests/browser/test_database_away.py`
- two tabs, double click, resend:
  `test_said_once.py`, `tests/turns/test_intake.py`
- staff take over in the middle:
  `tests/turns/test_runner.py`: an answer stops when…, `tests/browser/test_the_loop.py`
- whatever goes to people because of it, and every other way to people:
  `test_faults_and_people.py`, `test_every_way_to_people.py`
- messages in bursts:
  `test_bursts.py`
- what all this looks like:
  `tests/browser/test_failures.py`
"""
