from hypothesis import given
from hypothesis import strategies as st

from sync_check.reports.visible import visible

ANYTHING = st.text(alphabet=st.characters(exclude_categories=()))


@given(ANYTHING)
def test_the_result_is_printable_and_encodable(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown


@given(ANYTHING)
def test_what_is_visible_already_stays(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(ANYTHING)
def test_every_character_is_made_visible_on_its_own(text: str) -> None:
    assert visible(text) == "".join(map(visible, text))


@given(ANYTHING, st.integers(min_value=0, max_value=50))
def test_a_limit_keeps_a_beginning_and_counts_the_rest(text: str, limit: int) -> None:
    shown = visible(text, limit)
    assert shown.isprintable()
    whole = visible(text)
    if len(whole) <= limit:
        assert shown == whole
        return
    kept, _, rest = shown.rpartition("… (")
    assert len(kept) <= limit
    assert whole.startswith(kept)
    left_out = int(rest.split()[0])
    assert visible(text[: len(text) - left_out]) == kept


def test_the_notation_is_that_of_python_strings() -> None:
    shown = visible("a\tb\nc\rd\x1b[0m\x9b\u202e\ud800\U000e0041\u00a0")
    assert shown == "a\\tb\\nc\\rd\\x1b[0m\\x9b\\u202e\\ud800\\U000e0041\\xa0"


def test_letters_of_all_scripts_and_emoji_stay() -> None:
    assert visible("Grüße 日本語 עברית 🎉") == "Grüße 日本語 עברית 🎉"


def test_a_cut_is_told_in_the_singular_too() -> None:
    assert visible("abc", 2) == "ab… (1 more character)"
    assert visible("x" * 10_000, 100).endswith("… (9900 more characters)")
