"""From a TOML text, or from its values, to a profile."""

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from sync_check.profiles.model import Profile
from sync_check.profiles.problems import BadProfile, contradictions, mistake


def read_profile(text: str) -> Profile:
    """The profile that a TOML text is; raises `BadProfile` with all that is wrong with it."""
    return checked(parsed(text))


def parsed(text: str) -> dict[str, Any]:
    """The values of a TOML text; raises `BadProfile` where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"it is no TOML: {error}") from None
    except RecursionError:
        raise BadProfile("it is nested deeper than a profile can be") from None


def checked(values: Mapping[str, Any]) -> Profile:
    """The profile that these values are; raises `BadProfile` with all that is wrong with them."""
    try:
        # Read as JSON, so that "60" is no number and 1 is no truth value.
        profile = Profile.model_validate_json(json.dumps(values, default=str), strict=True)
    except RecursionError:
        raise BadProfile("it is nested deeper than a profile can be") from None
    except ValidationError as error:
        raise BadProfile(*(mistake({**one}) for one in error.errors())) from None
    problems = tuple(contradictions(profile))
    if problems:
        raise BadProfile(*problems)
    return profile
