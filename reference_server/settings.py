"""How a reference server is set up."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from sync_check.conformance.contract.limits import Limits
from sync_check.reference_server.defects import DEFECTS


class Settings(BaseModel):
    """Address, limits and deviations of one server; the defaults are the contract's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="0 lets the system choose")] = 0
    limits: Limits = Limits()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="peers whose cf-connecting-ip or x-forwarded-for is believed (contract 2.1)"
    )
    defect: str | None = Field(None, description="id of a seeded defect")
    seed: int | None = Field(None, description="makes ids and tokens repeat; without it they are unguessable")
    log_level: Literal["critical", "error", "warning", "info", "debug"] = "warning"

    @field_validator("defect")
    @classmethod
    def _is_known(cls, defect: str | None) -> str | None:
        if defect is not None and defect not in DEFECTS:
            raise ValueError(f"no defect is called {defect!r}; there are {', '.join(DEFECTS)}")
        return defect
