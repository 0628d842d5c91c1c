from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.reference_server.clock import Clock
from sync_check.reference_server.randomness import Randomness, id_source, token_source


def clock_at(*seconds: float) -> Clock:
    readings = iter(seconds)
    return Clock(monotonic=lambda: 0.0, wall=lambda: next(readings))


def test_ids_are_ulids_that_grow_even_when_the_clock_stands_or_steps_back() -> None:
    times = (5.0, 5.0, 6.0, 2.0, 2.0, 6.001)
    new_id = id_source("message", clock=clock_at(*times), randomness=Randomness(1))
    ids = [new_id() for _ in times]
    assert all(map(ULID_PATTERN.fullmatch, ids))
    assert ids == sorted(set(ids))


def test_a_seed_repeats_ids_and_tokens_and_kinds_differ() -> None:
    def draw(seed: int | None, kind: str) -> tuple[str, str]:
        randomness = Randomness(seed)
        new_id = id_source(kind, clock=clock_at(5.0), randomness=randomness)
        return new_id(), token_source(kind, randomness)()

    assert draw(1, "a") == draw(1, "a")
    for different in (draw(2, "a"), draw(1, "b"), draw(None, "a"), draw(None, "a")):
        assert set(different).isdisjoint(draw(1, "a"))


def test_tokens_are_43_url_safe_characters() -> None:
    token = token_source("access", Randomness())()
    assert len(token) == 43
    assert token.replace("-", "").replace("_", "").isalnum()
