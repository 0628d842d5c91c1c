"""The profile of a target (contract 0.3): what its owner declares of it in a TOML file.

Unsupported is what the profile declares absent; it is never inferred from a failure.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sync_check.conformance.contract.features import ALL_FEATURES, SINCE, Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.target import Target
from sync_check.targets import OWN, BadTarget, check_target_text

_LIMITS: Final = "limits"


class BadProfile(ValueError):
    """A text is no profile; each of `problems` names a key and says what is wrong with it."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "; ".join(self.problems)


class Profile(BaseModel):
    """What a target declares; what is left out is as the contract has it.

    `features` lists what it has, or `absent` what it lacks. In the `migration_window` a target of revision 2
    may tell of overrides under their former name too (contract 10.2).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str | None = None
    features: tuple[Feature, ...] | None = None
    absent: tuple[Feature, ...] | None = None
    revision: Annotated[int, Field(ge=1, le=2)] = 2
    migration_window: bool | None = None
    limits: Limits = Limits()
    trusts_proxy: bool = False
    metric_prefix: Annotated[str, Field(pattern=r"^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$")] = ""

    @property
    def declared(self) -> frozenset[Feature]:
        """The features that the target has."""
        listed = ALL_FEATURES if self.features is None else frozenset(self.features)
        later = {feature for feature, since in SINCE.items() if since > self.revision}
        return listed - frozenset(self.absent or ()) - later

    def target(self, url: str) -> Target:
        """The target at a URL, as declared."""
        missing = ", ".join(sorted(ALL_FEATURES - self.declared))
        features = f"all features but {missing}" if missing else "all features"
        return Target(
            label=url,
            url=url,
            declared=self.declared,
            limits=self.limits,
            revision=self.revision,
            migration_window=self.revision > 1 and self.migration_window is not False,
            trusts_proxy=self.trusts_proxy,
            metric_prefix=self.metric_prefix,
            notes=(f"by its profile: revision {self.revision}, {features}",),
        )


def read_profile(text: str) -> Profile:
    """The profile that a TOML text is; raises `BadProfile` with all that is wrong with it."""
    try:
        # Read as JSON, so that "60" is no number and 1 is no truth value.
        given = json.dumps(tomllib.loads(text), default=str)
        profile = Profile.model_validate_json(given, strict=True)
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"it is no TOML: {error}") from None
    except RecursionError:
        raise BadProfile("it is nested deeper than a profile can be") from None
    except ValidationError as error:
        raise BadProfile(*(_problem({**one}) for one in error.errors())) from None
    problems = tuple(_contradictions(profile))
    if problems:
        raise BadProfile(*problems)
    return profile


# --- one sentence for each mistake


def _problem(error: Mapping[str, Any]) -> str:
    where = [part for part in error["loc"] if isinstance(part, str)]
    key = ".".join(where)
    match error["type"]:
        case "extra_forbidden":
            known = Limits.model_fields if where[0] == _LIMITS else Profile.model_fields
            what = "limit" if where[0] == _LIMITS else "key of a profile"
            return f"{key} is no {what}{_meant(where[-1], known)}"
        case "enum":
            return (
                f"{key} names {error['input']!r}, which is no feature{_meant(str(error['input']), Feature)}"
            )
        case _ if key == "revision":
            return f"{key} = {_shown(error['input'])} is none of 1, 2"
        case "string_pattern_mismatch":
            return f"{key} = {_shown(error['input'])} begins no metric's name: give letters, digits, _ and :"
        case "missing" | "model_type":
            return f"{key} is no table: write [{key}] and one limit a line under it"
        case _:
            wanted = error["msg"].removeprefix("Input should be ")
            return f"{key} = {_shown(error['input'])} should be {wanted}"


def _contradictions(profile: Profile) -> Iterator[str]:
    if profile.features is not None and profile.absent is not None:
        yield "features and absent say the same in two ways: give one of them"
    later = [one for one in profile.features or () if SINCE.get(one, 1) > profile.revision]
    if later:
        yield f"features names {', '.join(later)}, for which revision must be 2"
    if profile.revision == 1 and profile.migration_window:
        yield "migration_window is of revision 2 alone: leave it out, or set revision = 2"
    if profile.url is not None:
        yield from _problems_of_url(profile.url)


def _problems_of_url(url: str) -> Iterator[str]:
    if url in OWN:
        yield f"url = {url!r} is a server of our own, which needs no profile"
        return
    try:
        check_target_text(url)
    except BadTarget as error:
        yield f"url = {error.text!r} {error.reason}"


def _meant(name: str, known: Mapping[str, Any] | type[Feature]) -> str:
    """The nearest known name, or all of them where none is near."""
    names = [str(one) for one in known]
    near = get_close_matches(name.casefold(), names, n=1)
    return f"; did you mean {near[0]}?" if near else f" (there are {', '.join(names)})"


def _shown(value: Any) -> str:
    """A value of the file as JSON, cut."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:59]}…"
