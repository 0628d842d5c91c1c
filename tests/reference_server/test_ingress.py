import json

import pytest

from sync_check.reference_server.ingress import (
    InvalidEnvelope,
    InvalidPayload,
    read_envelope,
    read_message_create,
    read_subscribe,
)

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def nested(levels: int) -> str:
    """An envelope with so many levels of nesting, its own object included."""
    return '{"v":1,"t":"x","d":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


@pytest.mark.parametrize(
    "text",
    [
        '{"v":1,"t":"subscribe","d":{}}',
        '{"d":{},"t":"subscribe","v":1}',
        ' \t\r\n{ "v" : 1 , "t" : "subscribe" , "d" : { } }\n',
        '{"v":1,"t":"a.b_9","d":null}',
        '{"v":1,"t":"x","d":[1,2.5,"\\u00e4",{"v":2,"v":3}]}',
        '{"v":1,"t":"' + "x" * 64 + '","d":0}',
        '{"v":1,"t":"x","d":' + "9" * 5000 + "}",
        nested(64),
        nested(128),
        '{"v":1,"t":"x","d":"' + "[" * 500 + '"}',
    ],
)
@pytest.mark.witnesses("ENV-4")
def test_accepts_every_spelling_of_a_valid_envelope(text: str) -> None:
    assert read_envelope(text).name == json.loads(text, parse_int=float)["t"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "1",
        '"x"',
        "{}",
        "{",
        '{"v":1,"t":"x","d":{}',
        '{"v":1,"t":"x","d":{}}x',
        '{"v":1,"t":"x","d":{}}{"v":1,"t":"x","d":{}}',
        '\ufeff{"v":1,"t":"x","d":{}}',
        '{"v":1,"t":"x","d":NaN}',
        '{"v":1,"t":"x","d":[Infinity]}',
        '{"v":1,"t":"x","d":-Infinity}',
        "{'v':1,'t':'x','d':{}}",
        '{"v":1,"t":"x","d":{},}',
        '[{"v":1,"t":"x","d":{}}]',
        nested(129),
        nested(5000),
        '{"v":1,"t":"x"}',
        '{"v":1,"d":{}}',
        '{"t":"x","d":{}}',
        '{"v":1,"t":"x","d":{},"e":0}',
        '{"v":1,"v":1,"t":"x","d":{}}',
        '{"v":1,"t":"x","t":"x","d":{}}',
        '{"v":1,"t":"x","d":{},"d":{}}',
        *(
            f'{{"v":{v},"t":"x","d":{{}}}}'
            for v in ("2", "0", "-1", "1.0", '"1"', "true", "70000", "null", "[1]")
        ),
        *(
            f'{{"v":1,"t":{t},"d":{{}}}}'
            for t in ('""', '"X"', '"a b"', '"x\\n"', '"ä"', "1", "null", '["x"]')
        ),
        '{"v":1,"t":"' + "x" * 65 + '","d":{}}',
    ],
)
@pytest.mark.witnesses("ENV-5", "ENV-6", "ENV-7", "ENV-8")
def test_refuses_what_is_no_envelope(text: str) -> None:
    with pytest.raises(InvalidEnvelope):
        read_envelope(text)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {},
        {"guild_id": ULID},
        {"guild_id": ULID, "channel_id": None},
        {"guild_id": ULID, "channel_id": 1},
        {"guild_id": ULID, "channel_id": ULID.lower()},
        {"guild_id": ULID, "channel_id": ULID + "\n"},
        {"guild_id": ULID, "channel_id": "8" + ULID[1:]},
        {"guild_id": ULID, "channel_id": "\ud800"},
        {"guild_id": ULID, "channel_id": ULID, "more": 1},
    ],
)
@pytest.mark.witnesses("BAD-4")
def test_refuses_a_malformed_subscribe(payload: object) -> None:
    with pytest.raises(InvalidPayload) as refused:
        read_subscribe(payload)
    assert str(refused.value) == "the payload of subscribe is malformed"


def test_reads_subscribe() -> None:
    read = read_subscribe({"guild_id": ULID, "channel_id": ULID})
    assert (read.guild_id, read.channel_id) == (ULID, ULID)


@pytest.mark.parametrize(
    "extra", [{}, {"attachment_ids": None}, {"attachment_ids": []}, {"attachment_ids": [ULID]}]
)
def test_reads_message_create(extra: dict[str, object]) -> None:
    assert read_message_create({"guild_id": ULID, "channel_id": ULID, "content": "x", **extra}).content == "x"


@pytest.mark.parametrize(
    "change",
    [
        {"content": 1},
        {"content": None},
        {"content": "\ud800"},
        {"attachment_ids": "x"},
        {"attachment_ids": ["x"]},
        {"guild_id": "x"},
        {"nonce": "x"},
    ],
)
@pytest.mark.witnesses("BAD-5")
def test_refuses_a_malformed_message_create(change: dict[str, object]) -> None:
    with pytest.raises(InvalidPayload):
        read_message_create({"guild_id": ULID, "channel_id": ULID, "content": "x"} | change)
