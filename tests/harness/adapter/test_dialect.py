"""Names change both ways, and nothing but names."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_check.conformance.contract import operations as ops
from sync_check.harness.adapter.dialect import Dialect, permutation
from sync_check.harness.adapter.lexing import renamed

DIALECT = Dialect(
    paths={"/guilds/{guild_id}/leave": "/w/{guild_id}/exit", "/metrics": "/internal/metrics"},
    events={"message_create": "message.created", "subscribe": "enter"},
    fields={"guild_id": "workspace_id", "limit": "size", "a": "b", "b": "c"},
)
_NAMES = st.sampled_from(["guild_id", "workspace_id", "limit", "size", "a", "b", "c", "t", "other", 'q"u\\o'])
_VALUES = st.recursive(
    st.none() | st.integers() | st.text() | _NAMES,
    lambda inner: st.lists(inner) | st.dictionaries(_NAMES, inner),
    max_leaves=30,
)


@given(_VALUES, st.booleans())
def test_what_goes_out_and_comes_back_is_the_same(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert json.loads(DIALECT.incoming(DIALECT.outgoing(text))) == value


@given(st.text())
def test_whatever_is_no_json_does_not_matter(text: str) -> None:
    assert isinstance(DIALECT.incoming(text), str)
    if '"' not in text:
        assert DIALECT.incoming(text) == text


def test_only_members_and_the_outermost_name_of_an_event_are_renamed() -> None:
    text = (
        '{"v":1, "t" : "message.created","d":{"t":"message.created","workspace_id" : "guild_id","x":["a"]}}'
    )
    assert DIALECT.incoming(text) == (
        '{"v":1, "t" : "message_create","d":{"t":"message.created","guild_id" : "guild_id","x":["a"]}}'
    )


def test_what_is_wrong_with_a_text_stays_wrong() -> None:
    twice = '{"workspace_id":1,"workspace_id":2,"d":NaN,}'
    assert DIALECT.incoming(twice) == '{"guild_id":1,"guild_id":2,"d":NaN,}'


@pytest.mark.parametrize("text", ['"' + '\\"' * 500_000, '"' + '"a' * 500_000, '"' + "\\" * 1_000_001])
def test_a_long_text_without_an_end_takes_no_longer_than_any_other(text: str) -> None:
    # Looked through again from each of its quotation marks it would take hours.
    assert DIALECT.incoming(text) == text


def test_a_name_spelt_otherwise_is_the_same_name() -> None:
    assert DIALECT.incoming(r'{"workspace\u005fid":1,"oth\u0065r":2}') == r'{"guild_id":1,"oth\u0065r":2}'


def test_the_contracts_name_comes_in_as_an_unknown_one_where_another_was_declared() -> None:
    assert DIALECT.incoming('{"guild_id":1}') == '{"workspace_id":1}'
    assert DIALECT.incoming('{"t":"message_create","v":1,"d":{}}') == '{"t":"message.created","v":1,"d":{}}'


@pytest.mark.parametrize(
    ("renaming", "completed"),
    [
        ({}, {}),
        ({"a": "b"}, {"a": "b", "b": "a"}),
        ({"a": "b", "b": "a"}, {"a": "b", "b": "a"}),
        ({"a": "b", "b": "c"}, {"a": "b", "b": "c", "c": "a"}),
    ],
)
def test_a_renaming_is_completed(renaming: dict[str, str], completed: dict[str, str]) -> None:
    assert permutation(renaming) == completed


def test_paths_and_queries() -> None:
    assert DIALECT.url_path(ops.LeaveGuild(guild_id="a/b")) == "/w/a%2Fb/exit"
    assert DIALECT.url_path(ops.ReadMetrics()) == "/internal/metrics"
    query = ops.Search(guild_id="G", q="a b&c", limit=5)
    assert DIALECT.url_path(query) == "/guilds/G/search?q=a+b%26c&size=5"


def test_counters_name_events_by_the_contract() -> None:
    page = 'x_total{scope="channel",event_type="message.created"} 3\n# event_type="enter"\n'
    assert DIALECT.counters(page) == (
        'x_total{scope="channel",event_type="message_create"} 3\n# event_type="subscribe"\n'
    )


def test_without_names_of_its_own_nothing_is_touched() -> None:
    text = '{"workspace_id":1}'
    assert Dialect().incoming(text) is text
    assert renamed(text, {}, {}) is text


def test_the_contracts_own_names_are_found_where_others_are_declared() -> None:
    text = '{"t":"message_create","d":{"guild_id":1,"workspace_id":2,"b":3,"x":"limit"}}'
    assert DIALECT.undeclared(text) == ["rename.fields.guild_id", "rename.events.message_create"]
    assert DIALECT.undeclared('{"t":"message.created","d":{"content":"guild_id","size":1}}') == []
    assert DIALECT.undeclared_labels('x{event_type="subscribe"} 1') == ["rename.events.subscribe"]
    assert DIALECT.own("rename.fields.guild_id") == "workspace_id"
