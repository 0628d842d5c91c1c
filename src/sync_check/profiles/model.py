"""The keys of a profile and the values that they take. What is left out is as the contract has it.

Secrets are no values: a key names the environment variable that holds one.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveFloat

from sync_check.conformance.contract.features import ALL_FEATURES, SINCE, Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.harness.addresses import FORWARDED_FOR
from sync_check.harness.hazards import Hazard

VARIABLE_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_]*$"
HEADER_PATTERN: Final = r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
Variable = Annotated[str, Field(pattern=VARIABLE_PATTERN)]
"""The name of an environment variable."""
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
EventName = Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,64}$")]
HeaderName = Annotated[str, Field(pattern=HEADER_PATTERN)]


def _several(value: object) -> object:
    """One text stands for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


class Table(BaseModel):
    """A table of a profile."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Metrics(Table):
    """How the counters are read; `authorization` names the variable with the value of that header."""

    prefix: Annotated[str, Field(pattern=r"^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$")] = ""
    urls: tuple[str, ...] = ()
    authorization: Variable | None = None


class Admin(Table):
    """The target's own call that makes an account. `secret_headers` name variables."""

    method: Literal["POST", "PUT"] = "POST"
    path: Annotated[str, Field(pattern=r"^/[^\s?#]*$")]
    body: dict[str, Any] = {"username": "{username}", "password": "{password}"}
    secret_headers: dict[HeaderName, Variable] = {}


class Accounts(Table):
    """How clients get accounts: `file` lists their names, `password` names the variable for those without."""

    source: Literal["register", "file", "admin"] = Field("register", alias="from")
    file: str | None = None
    password: Variable | None = None
    admin: Admin | None = None


class Tls(Table):
    """`ca` is a PEM file of the certificates to trust in place of the system's."""

    ca: str | None = None


class Slo(Table):
    """What the target's owner promises beyond the contract."""

    visible_p99_ms: PositiveFloat | None = None
    eviction_s: PositiveFloat | None = None
    bystander_ratio: Annotated[float, Field(ge=1)] | None = None


class Rename(Table):
    """By the contract's name the target's: paths as `docs/GATEWAY_EVENTS.md` has them, events, fields."""

    paths: dict[str, str] = {}
    events: dict[EventName, EventName] = {}
    fields: dict[Name, Name] = {}


class Process(Table):
    """A command that is the target: started, waited for and stopped by the run, its process group and all."""

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    folder: str = "."
    environment: dict[Variable, str] = {}
    ready_within_s: PositiveFloat = 30.0
    stop: Literal["SIGTERM", "SIGINT", "SIGQUIT", "SIGKILL"] = "SIGTERM"
    stop_within_s: PositiveFloat = 5.0
    log: str | None = None


class Managed(Table):
    """A target that the run starts."""

    process: Process | None = None


class Profile(Table):
    """What a target declares.

    `features` lists what it has, or `absent` what it lacks. In the `migration_window` a target of revision 2
    may tell of overrides under their former name too (contract 10.2). One that is `shared` has other traffic.
    `allow` permits what is not safe on `host`, one or several.
    """

    url: str | None = None
    gateways: tuple[str, ...] = ()
    features: tuple[Feature, ...] | None = None
    absent: tuple[Feature, ...] | None = None
    revision: Annotated[int, Field(ge=1, le=2)] = 2
    migration_window: bool | None = None
    trusts_proxy: bool = False
    address_header: HeaderName = FORWARDED_FOR
    shared: bool = False
    time_scale: Annotated[float, Field(ge=1, le=100)] = 1.0
    allow: tuple[Hazard, ...] = ()
    host: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    limits: Limits = Limits()
    metrics: Metrics = Metrics()
    accounts: Accounts = Accounts()
    headers: dict[HeaderName, str] = {}
    secret_headers: dict[HeaderName, Variable] = {}
    tls: Tls = Tls()
    slo: Slo = Slo()
    rename: Rename = Rename()
    target: Managed = Managed()

    @property
    def declared(self) -> frozenset[Feature]:
        """The features that the target has."""
        listed = ALL_FEATURES if self.features is None else frozenset(self.features)
        later = {feature for feature, since in SINCE.items() if since > self.revision}
        return listed - frozenset(self.absent or ()) - later

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of all variables that hold a secret."""
        admin = () if self.accounts.admin is None else self.accounts.admin.secret_headers.values()
        named = (
            self.metrics.authorization,
            self.accounts.password,
            *admin,
            *self.secret_headers.values(),
        )
        return tuple(dict.fromkeys(name for name in named if name is not None))
