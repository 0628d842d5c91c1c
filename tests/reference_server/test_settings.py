import pytest
from pydantic import ValidationError

from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.settings import Settings


def test_defaults_are_the_contracts() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.defect) == ("127.0.0.1", 0, None)
    assert settings.limits.guilds_per_user == 5


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"defect": "nonsense"}, "no defect is called 'nonsense'; there are message-update-dropped"),
        ({"port": 70000}, "less than or equal to 65535"),
        ({"limits": {"guilds_per_user": 0}}, "greater than 0"),
        ({"trusted_proxies": ["x"]}, "not a valid IPv4 network"),
        ({"more": 1}, "Extra inputs"),
    ],
)
def test_refuses_other_settings(given: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Settings.model_validate(given)


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), float("-inf"), None, "", "x"])
def test_every_limit_is_a_finite_number_above_0(value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({"limits": dict.fromkeys(Limits.model_fields, value)})
    assert [error["loc"] for error in refused.value.errors()] == [
        ("limits", name) for name in Limits.model_fields
    ]
