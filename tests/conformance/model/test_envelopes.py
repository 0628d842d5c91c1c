"""What a message is by the contract alone: a command, refused for a rule, unknown, or left open."""

import json
from typing import Any

import pytest

from sync_check.conformance.contract.limits import Limits
from sync_check.conformance.model.envelopes import Said, Unclear, Unknown, Wrong, understand

ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
PLACE = {"guild_id": ULID, "channel_id": ULID}
LIMITS = Limits()


def of(text: str | bytes) -> object:
    return understand(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text, LIMITS)


def command(name: str = "message_create", **payload: Any) -> object:
    whole = {"v": 1, "t": name, "d": {**PLACE, **payload}}
    return of(json.dumps(whole))


def nested(levels: int) -> str:
    return '{"v":1,"t":"x","d":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


@pytest.mark.parametrize(
    "text",
    [
        '{"v":1,"t":"x","d":{}}',
        ' \t\r\n{ "d" : null , "t" : "x" , "v" : 1 }\n',
        '{"\\u0076":1,"t":"\\u0078","d":[1.5,"\\u0000",{"v":2,"v":3}]}',
        '{"v":1,"t":"x","d":' + "9" * 5000 + "}",
        nested(64),
    ],
)
@pytest.mark.witnesses("ENV-4")
def test_every_spelling_of_a_valid_envelope_is_one(text: str) -> None:
    assert of(text) == Unknown("x")


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        *(
            (text, "ENV-5")
            for text in ("", " ", "{", "[]", "1", "null", '"x"', "{}{}", '{"v":1,"t":"x","d":{}},')
        ),
        ("\ufeff" + nested(1), "ENV-5"),
        *(
            (nested(1).replace("}", f',"e":{value}}}'), "ENV-5")
            for value in ("NaN", "Infinity", "-Infinity", "01", ".5")
        ),
        ('{"v":1,"t":"x","d":"\x00"}', "ENV-5"),
        ('{"v":1,"t":"x","d":{}}\x00', "ENV-5"),
        ("\xa0" + nested(1), "ENV-5"),
        (nested(130), "ENV-5"),
        ("[" * 60_000, "ENV-5"),
        *((text, "ENV-6") for text in ("{}", '{"v":1,"t":"x"}', '{"v":1,"t":"x","d":{},"e":0}')),
        ('{"v":1,"t":"x","d":{},"d":{}}', "ENV-6"),
        ('{"v":1,"t":"x","\\u0074":"x","d":{}}', "ENV-6"),
        *(
            (f'{{"v":{v},"t":"x","d":{{}}}}', "ENV-7")
            for v in ("2", "-1", "1.0", "1e0", '"1"', "true", "null", "[1]")
        ),
        *(
            (f'{{"v":1,"t":{t},"d":{{}}}}', "ENV-8")
            for t in ('""', '"X"', "1", "null", '"a b"', '"ä"', '"a\\n"')
        ),
        ('{"v":1,"t":"' + "x" * 65 + '","d":{}}', "ENV-8"),
        (b"\xff", "BAD-3"),
    ],
)
def test_an_invalid_envelope_breaks_a_rule(text: str | bytes, broken: str) -> None:
    assert of(text) == Wrong("invalid_envelope", broken)


def test_between_the_two_depths_the_contract_leaves_it_open() -> None:
    labels = frozenset(("invalid_envelope", "unknown_event"))
    assert of(nested(65)) == of(nested(129)) == Unclear(labels, refused=True, event="x")


@pytest.mark.parametrize("attachments", [{}, {"attachment_ids": None}, {"attachment_ids": [ULID]}])
def test_a_command_is_said(attachments: dict[str, Any]) -> None:
    assert command("subscribe") == Said("subscribe", PLACE)
    assert command(content="x", **attachments) == Said(
        "message_create", {**PLACE, "content": "x", **attachments}
    )
    assert isinstance(command(content="", attachment_ids=[ULID]), Said)
    assert isinstance(command(content="x" * 2000), Said)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"content": 1},
        {"content": None},
        {"content": ""},
        {"content": "", "attachment_ids": []},
        {"content": "ä" * 1001},
        {"content": "x", "guild_id": "x"},
        {"content": "x", "guild_id": ULID + "\n"},
        {"content": "x", "channel_id": "8" + ULID[1:]},
        {"content": "x", "more": 1},
        {"content": "x", "attachment_ids": {}},
        {"content": "x", "attachment_ids": [1]},
        {"content": "x", "attachment_ids": [ULID] * 6},
    ],
)
def test_a_malformed_message_is_refused(payload: dict[str, Any]) -> None:
    assert command(**payload) == Wrong("invalid_message_create_payload", "BAD-5")


@pytest.mark.parametrize("payload", [{"more": 1}, {"guild_id": None}, {"channel_id": 5}, {"content": "x"}])
def test_a_malformed_subscribe_is_refused(payload: dict[str, Any]) -> None:
    assert command("subscribe", **payload) == Wrong("invalid_subscribe_payload", "BAD-4")


@pytest.mark.parametrize("payload", ["null", "1", '"x"', "[]"])
def test_a_payload_is_an_object(payload: str) -> None:
    assert of(f'{{"v":1,"t":"subscribe","d":{payload}}}') == Wrong("invalid_subscribe_payload", "BAD-4")


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (
            f'{{"v":1,"t":"subscribe","d":{{"guild_id":"{ULID}","guild_id":1,"channel_id":"{ULID}"}}}}',
            {"invalid_subscribe_payload"},
        ),
        (
            f'{{"v":1,"t":"subscribe","d":{{"guild_id":"{ULID.lower()}","channel_id":"{ULID}"}}}}',
            {"invalid_subscribe_payload"},
        ),
        (
            f'{{"v":1,"t":"message_create","d":{{"guild_id":"{ULID}","channel_id":"{ULID}","content":"\\u0000"}}}}',
            {"invalid_message_create_payload", "message_rejected"},
        ),
        (
            f'{{"v":1,"t":"message_create","d":{{"guild_id":"{ULID}","channel_id":"{ULID}","content":"\\ud800"}}}}',
            {"invalid_message_create_payload", "message_rejected", "invalid_envelope"},
        ),
    ],
)
def test_what_has_no_defined_meaning_is_left_open(text: str, labels: set[str]) -> None:
    found = of(text)
    assert isinstance(found, Unclear)
    assert found.labels == labels
    assert not found.refused
