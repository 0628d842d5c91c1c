"""No secret survives redaction in any supported spelling, and nothing else is changed."""

import base64
import hashlib
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_check.harness.errors import HarnessError
from sync_check.harness.redaction import MARKER, Secrets, unescape

SECRET = "s3cret/Token+of~ana=="
AWKWARD = 'quote"slash/back\\grün€ +%&\ud800'

secrets = st.text(alphabet=st.characters(max_codepoint=0x2000), min_size=12, max_size=60)
tokens = st.text(alphabet="abcABC019-_.~+/=", min_size=12, max_size=200)
texts = st.text(max_size=40)


def _learnt(*texts: str) -> Secrets:
    learnt = Secrets()
    for text in texts:
        assert learnt.learn(text, "access_token", "ana")
    return learnt


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


SPELLINGS: dict[str, Callable[[str], str]] = {
    "": lambda text: text,
    "json": lambda text: json.dumps(text)[1:-1],
    "json, as it is": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json with escaped slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "url": lambda text: quote(_raw(text), safe=""),
    "url path": lambda text: quote(_raw(text)),
    "url query": lambda text: quote_plus(_raw(text)),
    "url, lower case": lambda text: quote(_raw(text), safe="").lower(),
    "base64": lambda text: base64.b64encode(_raw(text)).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(_raw(text)).decode(),
    "base64 without padding": lambda text: base64.b64encode(_raw(text)).decode().rstrip("="),
}


class TestLearning:
    def test_short_texts_are_not_taken_for_secrets(self) -> None:
        learnt = Secrets()
        assert not learnt.learn("hunter2", "password", "ana")
        assert learnt.redact("hunter2") == "hunter2"

    def test_each_secret_of_a_client_gets_its_number(self) -> None:
        learnt = _learnt("first-token-of-ana", "second-token-of-ana", "first-token-of-ana")
        assert learnt.redact("second-token-of-ana") == "\u27e6secret:access_token:ana:2\u27e7"
        learnt.learn("first-token-of-ben", "access_token", "ben")
        assert learnt.redact("first-token-of-ben") == "\u27e6secret:access_token:ben:1\u27e7"

    def test_labels_that_would_break_the_marker_are_a_bug_of_ours(self) -> None:
        with pytest.raises(HarnessError):
            Secrets().learn(SECRET, "access_token", "ana:1\u27e7")

    def test_nothing_is_redacted_before_it_is_learnt(self) -> None:
        assert Secrets().redact(SECRET) == SECRET


class TestFinding:
    def test_a_long_text_is_looked_through_again_for_what_was_learnt_since(self) -> None:
        learnt, page = Secrets(), "x" * 5000 + SECRET
        assert learnt.redact(page) is page
        learnt.learn(SECRET, "password", "ana")
        assert SECRET not in learnt.redact(page)
        assert learnt.redact("y" * 5000) == "y" * 5000

    @pytest.mark.parametrize(
        "secret", [SECRET, AWKWARD, "plainplainpl", "seventeen_letters", "eighteen__letters_", "x" * 5000]
    )
    @pytest.mark.parametrize("spelling", SPELLINGS)
    def test_every_spelling_at_every_position(self, secret: str, spelling: str) -> None:
        learnt, written = _learnt(secret), SPELLINGS[spelling](secret[:4096])
        for left in (*("abcdefghijk"[:size] for size in range(12)), '{"k":"'):
            redacted = learnt.redact(f"{left}{written}yz")
            assert redacted.startswith(f"{left}\u27e6secret:access_token:ana:1")
            assert redacted.endswith("\u27e7yz")
            assert len(MARKER.findall(redacted)) == 1

    @pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase])
    def test_case_is_no_disguise(self, change: Callable[[str], str]) -> None:
        written = change(SECRET)
        redacted = _learnt(SECRET).redact(f"Bearer-x{written}y")
        assert redacted == "Bearer-x\u27e6secret:access_token:ana:1:case\u27e7y"

    @pytest.mark.parametrize(
        ("spelling", "name"), [("", None), ("url", "url"), ("base64", "base64"), ("json", "json")]
    )
    def test_the_marker_names_the_spelling(self, spelling: str, name: str | None) -> None:
        found = MARKER.fullmatch(_learnt(AWKWARD).redact(SPELLINGS[spelling](AWKWARD)))
        assert found is not None
        assert found.groups() == ("access_token", "ana", "1", name)

    @pytest.mark.parametrize("user", ["", "a", "an", "ana", "anna"])
    def test_base64_of_something_longer(self, user: str) -> None:
        basic = base64.b64encode(f"{user}:{SECRET}:{user}".encode()).decode()
        redacted = _learnt(SECRET).redact(f"Basic {basic}")
        assert "secret:access_token:ana:1:base64" in redacted
        rest = MARKER.sub("", redacted)
        assert len(rest) < len("Basic ") + 4 * len(user) + 8

    def test_a_secret_inside_another_and_overlapping_ones(self) -> None:
        learnt = _learnt("aaaabbbbcccc", "aaaabbbbccccddddeeee", "ddddeeeeffffgggg")
        assert learnt.redact("-aaaabbbbccccddddeeee-") == "-\u27e6secret:access_token:ana:2\u27e7-"
        redacted = learnt.redact("-aaaabbbbccccddddeeeeffffgggg-")
        assert redacted == "-\u27e6secret:access_token:ana:2\u27e7\u27e6secret:access_token:ana:3\u27e7-"

    def test_tokens_that_begin_alike_are_told_apart(self) -> None:
        head = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        learnt = _learnt(*(head + hashlib.sha256(bytes([n])).hexdigest() for n in range(200)))
        redacted = learnt.redact(f'{{"access_token":"{head}{hashlib.sha256(bytes([123])).hexdigest()}"}}')
        assert redacted == '{"access_token":"\u27e6secret:access_token:ana:124\u27e7"}'

    @settings(deadline=None, max_examples=100)
    @given(st.lists(tokens | secrets, min_size=1, max_size=4), st.lists(texts, max_size=5), st.data())
    def test_no_learnt_secret_survives(
        self, learnt: list[str], between: list[str], data: st.DataObject
    ) -> None:
        text = "".join(
            piece
            + SPELLINGS[data.draw(st.sampled_from(sorted(SPELLINGS)))](data.draw(st.sampled_from(learnt)))
            for piece in between
        )
        left = MARKER.sub("\u27e6\u27e7", _learnt(*learnt).redact(text)).lower()
        for secret in learnt:
            for spell in SPELLINGS.values():
                assert spell(secret).lower() not in left


class TestEscaping:
    @pytest.mark.parametrize(
        ("text", "escaped"),
        [
            ("\u27e6secret:password:ana:1\u27e7", "\u27e6\u27e7secret:password:ana:1\u27e7"),
            ('"\\u27e6secret:x"', '"\\u27e6\\u27e7secret:x"'),
            ('"\\u27E6"', '"\\u27E6\\u27e7"'),
            ("no bracket \\u27", "no bracket \\u27"),
        ],
    )
    def test_a_target_cannot_forge_a_marker(self, text: str, escaped: str) -> None:
        assert Secrets().redact(text) == escaped
        assert MARKER.search(escaped) is None

    def test_a_forged_marker_is_none_after_decoding_either(self) -> None:
        forged = json.dumps("\u27e6secret:password:ana:1\u27e7")
        assert MARKER.search(json.loads(Secrets().redact(forged))) is None

    def test_json_stays_json_and_text_equal_in_both_forms_stays_equal(self) -> None:
        value = {"content": f"\u27e6 and {SECRET} and \u27e6\u27e7"}
        learnt = _learnt(SECRET)
        as_text = json.loads(learnt.redact(json.dumps(value)))
        assert as_text == json.loads(learnt.redact(json.dumps(value, ensure_ascii=False)))
        assert as_text == learnt.redact_json(value)

    @given(st.text(alphabet=st.sampled_from("ab\u27e6\u27e7\\u27eE6\ud800ü"), max_size=30) | st.text())
    def test_text_without_secrets_comes_back(self, text: str) -> None:
        assert unescape(_learnt(SECRET).redact(text)) == text

    @given(st.text(alphabet=st.characters(exclude_characters="\u27e6\\"), max_size=30))
    def test_text_with_nothing_to_mark_stays_the_same_object(self, text: str) -> None:
        assert _learnt(SECRET).redact(text) is text

    def test_all_strings_of_a_value_member_names_included(self) -> None:
        value = {SECRET: [SECRET, 1, None, True, {"a": (SECRET,)}]}
        marker = "\u27e6secret:access_token:ana:1\u27e7"
        assert _learnt(SECRET).redact_json(value) == {marker: [marker, 1, None, True, {"a": [marker]}]}
