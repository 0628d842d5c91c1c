"""What a profile and the environment say together: a target that a run can reach."""

import ssl
from collections.abc import Mapping
from pathlib import Path

from sync_check.conformance.contract.features import ALL_FEATURES
from sync_check.harness.adapter.dialect import Dialect
from sync_check.harness.enrolment import AdminCall, Enrolment, Registration
from sync_check.harness.hazards import Hazard, hosts_away, is_loopback
from sync_check.harness.target import Metrics, Process, Target
from sync_check.profiles.model import Profile, Rename
from sync_check.profiles.problems import BadProfile
from sync_check.profiles.secrets import parts, roster, secret


def declared(profile: Profile, url: str, environment: Mapping[str, str]) -> Target:
    """The target at a URL, as the profile declares it.

    Raises `BadProfile` for a variable, a file of accounts or of certificates that it names and is not there.
    """
    headers = {
        name: secret(f"secret_headers.{name}", variable, environment)
        for name, variable in profile.secret_headers.items()
    }
    variable = profile.metrics.authorization
    authorization = None if variable is None else secret("metrics.authorization", variable, environment)
    enrolment = _enrolment(profile, environment)
    admin = enrolment.headers.values() if isinstance(enrolment, AdminCall) else ()
    return Target(
        label=url,
        url=url,
        gateways=profile.gateways,
        declared=profile.declared,
        limits=profile.limits,
        revision=profile.revision,
        migration_window=in_migration(profile),
        trusts_proxy=profile.trusts_proxy,
        address_header=profile.address_header.casefold(),
        metrics=Metrics(
            prefix=profile.metrics.prefix, urls=profile.metrics.urls, authorization=authorization
        ),
        shared=profile.shared,
        headers={**profile.headers, **headers},
        secrets=tuple(
            part
            for one in (*headers.values(), authorization, *admin)
            if one is not None
            for part in parts(one)
        ),
        ca=_trusted(profile.tls.ca),
        time_scale=profile.time_scale,
        dialect=Dialect(
            paths=profile.rename.paths, events=profile.rename.events, fields=profile.rename.fields
        ),
        enrolment=enrolment,
        visible_p99_ms=profile.slo.visible_p99_ms,
        eviction_s=profile.slo.eviction_s,
        bystander_ratio=profile.slo.bystander_ratio,
        process=_process(profile),
        allowed=allowed(profile, url),
        unmatched=_unmatched(profile, url),
        notes=tuple(_notes(profile)),
    )


def in_migration(profile: Profile) -> bool:
    """Whether overrides may be told of under their former name too: in revision 2, unless it says no."""
    return profile.revision > 1 and profile.migration_window is not False


def allowed(profile: Profile, url: str) -> frozenset[Hazard]:
    """What may be done to the target that is not safe: everything if all of it is on this machine.

    Elsewhere it is what `allow` lists, if `host` names all hosts concerned.
    """
    if all(map(is_loopback, _places(profile, url))):
        return frozenset(Hazard)
    return frozenset() if _elsewhere(profile, url) else frozenset(profile.allow)


def _unmatched(profile: Profile, url: str) -> str | None:
    elsewhere = _elsewhere(profile, url)
    if not profile.host or not elsewhere:
        return None
    given = repr(profile.host[0] if len(profile.host) == 1 else list(profile.host))
    return f"host = {given} does not match {', '.join(elsewhere)}, so allow permits nothing there"


def _elsewhere(profile: Profile, url: str) -> list[str]:
    """The hosts of the target that are neither this machine nor named by the profile."""
    named = {host.casefold() for host in profile.host}
    return [one for one in hosts_away(_places(profile, url)) if one not in named]


def _places(profile: Profile, url: str) -> tuple[str, ...]:
    return (url, *profile.gateways, *profile.metrics.urls)


def _notes(profile: Profile) -> list[str]:
    missing = ", ".join(sorted(ALL_FEATURES - profile.declared))
    features = f"all features but {missing}" if missing else "all features"
    notes = [f"by its profile: revision {profile.revision}, {features}"]
    if profile.shared:
        notes.append("the target has other traffic (shared): the judge of its counters is UNSUPPORTED")
    if profile.rename != Rename():
        notes.append("the profile renames: findings and history show the contract's names, not the target's")
    return notes


def _enrolment(profile: Profile, environment: Mapping[str, str]) -> Enrolment:
    accounts = profile.accounts
    if accounts.source == "file":
        return roster(accounts, environment)
    if accounts.source == "admin" and accounts.admin is not None:
        admin = accounts.admin
        headers = {
            name: secret(f"accounts.admin.secret_headers.{name}", variable, environment)
            for name, variable in admin.secret_headers.items()
        }
        return AdminCall(method=admin.method, path=admin.path, body=admin.body, headers=headers)
    return Registration()


def _process(profile: Profile) -> Process | None:
    given = profile.target.process
    if given is None:
        return None
    if not Path(given.folder).is_dir():
        raise BadProfile(f"target.process.folder = {given.folder!r} is no folder")
    return Process(**given.model_dump())


def _trusted(path: str | None) -> str | None:
    """A file of certificates, if it is one. Raises `BadProfile`."""
    if path is None:
        return None
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        raise BadProfile(f"tls.ca = {path!r} holds no certificates in PEM") from None
    except OSError as error:
        raise BadProfile(f"tls.ca = {path!r} cannot be read: {error.strerror}") from None
    except ValueError:
        raise BadProfile(f"tls.ca = {path!r} names no file") from None
    return path
