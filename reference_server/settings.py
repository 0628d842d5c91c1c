"""How a reference server is set up."""

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.defects import DEFECTS
from sync_check.reference_server.variants import VARIANTS

LogFormat = Literal["text", "json", "off"]
LogLevel = Literal["critical", "error", "warning", "info", "debug"]
LOG_FORMATS: Final[tuple[LogFormat, ...]] = get_args(LogFormat)
LOG_LEVELS: Final[tuple[LogLevel, ...]] = get_args(LogLevel)
METRICS_PATH: Final = r"^(?:/[A-Za-z0-9._~-]+)+$"
_SINCE_REVISION_2: Final = frozenset((Feature.VOICE, Feature.PROFILE_BANNER, Feature.CHANNELS_REORDER))


class Revision(StrEnum):
    """The revision of the contract that a server speaks; `BOTH` is 2 in the migration window (10.2)."""

    ONE = "1"
    TWO = "2"
    BOTH = "both"


class Settings(BaseModel):
    """Address, limits and deviations of one server; the defaults are the contract's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="0 lets the system choose")] = 0
    gateway_port: Annotated[
        int | None, Field(ge=0, le=65535, description="the gateway's own; without one it is at `port`")
    ] = None
    nodes: Annotated[
        int, Field(ge=1, le=8, description="gateway nodes, each at a port of its own if there are several")
    ] = 1
    limits: Limits = Limits()
    revision: Revision = Revision.BOTH
    without: frozenset[Feature] = Field(frozenset(), description="features that are not served (FEAT-1)")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="peers whose cf-connecting-ip or x-forwarded-for is believed (contract 2.1)"
    )
    metric_prefix: Annotated[
        str, Field(pattern=r"^(?:[a-zA-Z_:][a-zA-Z0-9_:]*)?$", description="before the name of each counter")
    ] = ""
    metrics_path: Annotated[str, Field(pattern=METRICS_PATH)] = "/metrics"
    metrics_token: SecretStr | None = Field(None, description="the bearer token that metrics are read with")
    defect: str | None = Field(None, description="id of a seeded defect")
    variants: tuple[str, ...] = Field((), description="ids of legal choices that differ from ours")
    seed: int | None = Field(None, description="makes ids and tokens repeat; without it they are unguessable")
    state: Path | None = Field(None, description="the file in which what is stored outlives the process")
    state_descriptor: int | None = Field(None, description="the same as an open file, of an embedded server")
    log: LogFormat = Field("text", description="what standard error gets; json also tells of every event")
    log_level: LogLevel = "warning"

    @field_validator("defect")
    @classmethod
    def _is_known(cls, defect: str | None) -> str | None:
        if defect is not None and defect not in DEFECTS:
            raise ValueError(f"no defect is called {defect!r}; there are {', '.join(DEFECTS)}")
        return defect

    @field_validator("variants")
    @classmethod
    def _are_known(cls, variants: tuple[str, ...]) -> tuple[str, ...]:
        for variant in variants:
            if variant not in VARIANTS:
                raise ValueError(f"no variant is called {variant!r}; there are {', '.join(VARIANTS)}")
        return variants

    @property
    def gateway_ports(self) -> tuple[int, ...]:
        """One for each node, in a row, 0 for free ones; none where the gateway is served at `port`."""
        if self.gateway_port is None and self.nodes == 1:
            return ()
        first = self.port and self.port + 1 if self.gateway_port is None else self.gateway_port
        return tuple(first and first + node for node in range(self.nodes))

    def has(self, feature: Feature) -> bool:
        """Whether the server serves a feature (contract 0.2 and 0.3)."""
        too_new = self.revision is Revision.ONE and feature in _SINCE_REVISION_2
        return feature not in self.without and not too_new
