import pytest
from pydantic import ValidationError

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
