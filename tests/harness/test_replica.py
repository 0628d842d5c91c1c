"""The replica follows the client rules of contract 9: events, snapshots, and what to read after them."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_check.conformance.contract.features import Feature
from sync_check.harness.decoding import Decoder
from sync_check.harness.errors import HarnessError
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.replica import Replica, fresh_view
from sync_check.harness.rereading import Rereading
from sync_check.harness.state import State

FEATURES = frozenset((Feature.MESSAGES, Feature.MEMBERS, Feature.PROFILE, Feature.WORKSPACE_UPDATE))


def _id(number: int) -> str:
    return f"01{number:024d}"


ME, BEN, EVE = _id(1), _id(2), _id(3)
GUILD, OTHER = _id(10), _id(11)
GENERAL, RANDOM = _id(20), _id(21)
FIRST, SECOND, THIRD = _id(30), _id(31), _id(32)
NOW = 1_700_000_000

GUILDS = {"guilds": [{"guild_id": GUILD, "name": "house", "visibility": "private", "extra": 1}]}
CHANNELS = {"channels": [{"channel_id": c, "name": c[-2:], "kind": "text"} for c in (GENERAL, RANDOM)]}
MEMBERS = {"members": [{"user_id": u, "role_ids": []} for u in (ME, BEN)], "next_cursor": None}
PERMISSIONS = {"role": "member", "permissions": ["create_message", "fly", "subscribe_streams"]}
PROFILE = {
    "user_id": ME,
    "username": "ana",
    "about_markdown": "",
    "about_markdown_tokens": [],
    "avatar_version": 0,
    "banner_version": 0,
}


def _message(message_id: str, content: str = "hello", at: int = NOW) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "guild_id": GUILD,
        "channel_id": GENERAL,
        "author_id": BEN,
        "content": content,
        "markdown_tokens": [],
        "attachments": [],
        "reactions": [],
        "created_at_unix": at,
    }


MESSAGES = {"messages": [_message(SECOND, "two", NOW + 1), _message(FIRST, "one")]}
BODIES = {
    Reading.PROFILE: PROFILE,
    Reading.GUILDS: GUILDS,
    Reading.CHANNELS: CHANNELS,
    Reading.MEMBERS: MEMBERS,
    Reading.PERMISSIONS: PERMISSIONS,
    Reading.MESSAGES: MESSAGES,
}


def _frame(name: str, **payload: Any) -> str:
    return json.dumps({"v": 1, "t": name, "d": payload})


def _create(message_id: str, content: str = "hello", at: int = NOW, **more: Any) -> str:
    return _frame("message_create", **{**_message(message_id, content, at), **more})


def _update(message_id: str, content: str) -> str:
    return _frame(
        "message_update",
        guild_id=GUILD,
        channel_id=GENERAL,
        message_id=message_id,
        updated_fields={"content": content, "markdown_tokens": []},
        updated_at_unix=NOW,
    )


def _delete(message_id: str) -> str:
    return _frame(
        "message_delete", guild_id=GUILD, channel_id=GENERAL, message_id=message_id, deleted_at_unix=NOW
    )


def _rename(guild_id: str = GUILD, **fields: Any) -> str:
    return _frame("workspace_update", guild_id=guild_id, updated_fields=fields, updated_at_unix=NOW)


def _add(user_id: str, guild_id: str = GUILD) -> str:
    return _frame(
        "workspace_member_add", guild_id=guild_id, user_id=user_id, role="member", joined_at_unix=NOW
    )


def _remove(user_id: str) -> str:
    return _frame(
        "workspace_member_remove", guild_id=GUILD, user_id=user_id, reason="kick", removed_at_unix=NOW
    )


def _ban(user_id: str) -> str:
    return _frame("workspace_member_ban", guild_id=GUILD, user_id=user_id, banned_at_unix=NOW)


def _promote(user_id: str) -> str:
    return _frame(
        "workspace_member_update",
        guild_id=GUILD,
        user_id=user_id,
        updated_fields={"role": "moderator"},
        updated_at_unix=NOW,
    )


def _profile(user_id: str, **fields: Any) -> str:
    return _frame("profile_update", user_id=user_id, updated_fields=fields, updated_at_unix=NOW)


def _avatar(version: int) -> str:
    return _frame("profile_avatar_update", user_id=ME, avatar_version=version, updated_at_unix=NOW)


def _channel(channel_id: str, name: str) -> str:
    channel = {"channel_id": channel_id, "name": name, "kind": "text"}
    return _frame("channel_create", guild_id=GUILD, channel=channel)


def _subscribed(channel_id: str = GENERAL) -> str:
    return _frame("subscribed", guild_id=GUILD, channel_id=channel_id)


def _fetched(*wanted: Refetch) -> list[Fetched]:
    return [Fetched(wanted=refetch, status=200, body=BODIES[refetch.what]) for refetch in wanted]


def _new(features: frozenset[Feature] = FEATURES) -> Replica:
    return Replica(user_id=ME, features=features, decoder=Decoder())


def _filled(features: frozenset[Feature] = FEATURES) -> Replica:
    """A replica of a connection that is subscribed to GENERAL and has read everything."""
    replica = _new(features)
    wanted = replica.apply(_frame("ready", user_id=ME))
    replica.subscribing(GUILD, GENERAL)
    wanted += replica.apply(_subscribed())
    replica.begin_refetch()
    assert replica.finish_refetch(_fetched(*wanted)) == ()
    return replica


def _contents(replica: Replica) -> list[str]:
    return [message["content"] for message in replica.view([GUILD])[f"messages/{GENERAL}"]]


SNAPSHOT_VIEW = {
    "workspaces": {GUILD: {"name": "house", "visibility": "private"}},
    f"channels/{GUILD}": [
        {"channel_id": GENERAL, "name": "20", "kind": "text"},
        {"channel_id": RANDOM, "name": "21", "kind": "text"},
    ],
    f"members/{GUILD}": [ME, BEN],
    f"permissions/{GENERAL}": ["create_message", "subscribe_streams"],
    f"messages/{GENERAL}": [
        {"message_id": FIRST, "author_id": BEN, "content": "one", "created_at_unix": NOW},
        {"message_id": SECOND, "author_id": BEN, "content": "two", "created_at_unix": NOW + 1},
    ],
    f"profiles/{ME}": {"username": "ana", "about_markdown": "", "avatar_version": 0, "banner_version": 0},
}


class TestStart:
    def test_ready_asks_for_the_own_profile(self) -> None:
        assert _new().apply(_frame("ready", user_id=ME)) == (Refetch(Reading.PROFILE),)

    def test_first_subscription_asks_for_the_whole_guild_a_second_for_its_channel(self) -> None:
        replica = _new()
        replica.subscribing(GUILD, GENERAL)
        assert replica.apply(_subscribed()) == (
            Refetch(Reading.GUILDS),
            Refetch(Reading.CHANNELS, GUILD),
            Refetch(Reading.MEMBERS, GUILD),
            Refetch(Reading.PERMISSIONS, GUILD, GENERAL),
            Refetch(Reading.MESSAGES, GUILD, GENERAL),
        )
        replica.subscribing(GUILD, RANDOM)
        assert replica.apply(_subscribed(RANDOM)) == (
            Refetch(Reading.PERMISSIONS, GUILD, RANDOM),
            Refetch(Reading.MESSAGES, GUILD, RANDOM),
        )
        assert replica.apply(_subscribed()) == ()
        assert dict(replica.live) == {GENERAL: GUILD, RANDOM: GUILD}

    def test_a_subscription_nobody_asked_for_has_no_effect(self) -> None:
        replica = _new()
        replica.subscribing(GUILD, RANDOM)
        before = replica.state
        assert replica.apply(_subscribed()) == ()
        assert replica.apply(_frame("subscribed", guild_id=OTHER, channel_id=RANDOM)) == ()
        assert replica.state is before

    def test_view_after_the_snapshot(self) -> None:
        assert _filled().view([GUILD]) == SNAPSHOT_VIEW

    def test_view_covers_the_guilds_asked_for_and_the_own_profile(self) -> None:
        assert _filled().view([OTHER]) == {
            "workspaces": {},
            f"profiles/{ME}": SNAPSHOT_VIEW[f"profiles/{ME}"],
        }

    def test_slices_of_undeclared_features_exist_nowhere(self) -> None:
        replica = _filled(frozenset())
        assert set(replica.view([GUILD])) == {"workspaces", f"channels/{GUILD}", f"permissions/{GENERAL}"}
        assert {refetch.what for refetch in replica.reads_for([GUILD])} == {
            Reading.GUILDS,
            Reading.CHANNELS,
            Reading.PERMISSIONS,
        }

    def test_a_fresh_client_that_reads_the_same_has_the_same_view(self) -> None:
        replica = _filled()
        results = _fetched(*replica.reads_for([GUILD]))
        assert fresh_view(ME, FEATURES, reversed(results), [GUILD]) == SNAPSHOT_VIEW

    def test_a_fresh_view_does_not_show_what_was_refused(self) -> None:
        replica = _filled()
        results = [
            Fetched(wanted=r, status=403) if r.what is Reading.MESSAGES else _fetched(r)[0]
            for r in replica.reads_for([GUILD])
        ]
        view = fresh_view(ME, FEATURES, results, [GUILD])
        assert f"messages/{GENERAL}" not in view
        assert view[f"members/{GUILD}"] == [ME, BEN]


class TestEvents:
    def test_messages_are_created_edited_deleted_and_ordered(self) -> None:
        replica = _filled()
        replica.apply(_create(THIRD, "zero", NOW - 5))
        replica.apply(_update(SECOND, "two!"))
        replica.apply(_delete(FIRST))
        assert _contents(replica) == ["zero", "two!"]

    def test_messages_of_one_second_are_ordered_by_id(self) -> None:
        replica = _filled()
        replica.apply(_create(THIRD, "b", NOW + 9))
        replica.apply(_create(_id(29), "a", NOW + 9))
        assert _contents(replica)[-2:] == ["a", "b"]

    def test_an_update_without_content_leaves_it(self) -> None:
        replica = _filled()
        before = replica.state
        changes = {"updated_fields": {"attachments": []}, "updated_at_unix": NOW}
        replica.apply(
            _frame("message_update", guild_id=GUILD, channel_id=GENERAL, message_id=FIRST, **changes)
        )
        assert replica.state is before
        assert replica.parse_rejected == 0

    def test_workspace_fields_are_set_one_by_one(self) -> None:
        replica = _filled()
        replica.apply(_rename(name="home"))
        replica.apply(_rename(visibility="public"))
        assert replica.view([GUILD])["workspaces"] == {GUILD: {"name": "home", "visibility": "public"}}

    def test_channels_are_inserted_at_the_end_or_replaced(self) -> None:
        replica = _filled()
        replica.apply(_channel(_id(19), "new"))
        replica.apply(_channel(GENERAL, "lobby"))
        assert [c["name"] for c in replica.view([GUILD])[f"channels/{GUILD}"]] == ["lobby", "21", "new"]

    def test_members_come_and_go(self) -> None:
        replica = _filled()
        replica.apply(_add(EVE))
        replica.apply(_remove(BEN))
        assert replica.view([GUILD])[f"members/{GUILD}"] == [ME, EVE]
        replica.apply(_ban(EVE))
        assert replica.view([GUILD])[f"members/{GUILD}"] == [ME]

    def test_profile_texts_are_set_an_empty_one_included_and_versions_only_grow(self) -> None:
        replica = _filled()
        replica.apply(_profile(ME, username="anna"))
        replica.apply(_profile(ME, about_markdown="hi", about_markdown_tokens=[]))
        replica.apply(_profile(ME, about_markdown="", about_markdown_tokens=[]))
        for version in (3, 2):
            replica.apply(_avatar(version))
        replica.apply(_frame("profile_banner_update", user_id=ME, banner_version=1, updated_at_unix=NOW))
        assert replica.view([])[f"profiles/{ME}"] == {
            "username": "anna",
            "about_markdown": "",
            "avatar_version": 3,
            "banner_version": 1,
        }

    def test_own_ban_waits_for_the_removal_which_drops_the_workspace_at_once(self) -> None:
        replica = _filled()
        replica.apply(_ban(ME))
        assert replica.view([GUILD]) == SNAPSHOT_VIEW
        replica.apply(_remove(ME))
        assert replica.view([GUILD]) == {
            "workspaces": {},
            f"profiles/{ME}": SNAPSHOT_VIEW[f"profiles/{ME}"],
        }
        assert dict(replica.live) == {}

    def test_after_the_own_removal_the_guild_is_ignored_until_it_is_fetched_anew(self) -> None:
        replica = _filled()
        replica.apply(_remove(ME))
        gone = replica.state
        for text in (_create(THIRD), _rename(name="ghost"), _add(EVE), _channel(RANDOM, "x"), _promote(ME)):
            assert replica.apply(text) == ()
        assert replica.state is gone
        wanted = replica.apply(_add(ME))
        assert replica.state is gone
        assert wanted == (
            Refetch(Reading.GUILDS),
            Refetch(Reading.CHANNELS, GUILD),
            Refetch(Reading.MEMBERS, GUILD),
        )
        replica.begin_refetch()
        replica.finish_refetch(_fetched(*wanted))
        replica.apply(_rename(name="again"))
        assert replica.view([GUILD])["workspaces"] == {GUILD: {"name": "again", "visibility": "private"}}

    @pytest.mark.parametrize(
        "text",
        [
            _create(THIRD, channel_id=RANDOM),
            _create(THIRD, guild_id=OTHER),
            _update(THIRD, "x"),
            _delete(THIRD),
            _rename(OTHER, name="x"),
            _add(EVE, OTHER),
            _remove(EVE),
            _profile(BEN, username="benny"),
            _promote(BEN),
            _frame("presence_update", guild_id=GUILD, user_id=BEN, status="online"),
            _frame("channel_delete", guild_id=GUILD, channel_id=GENERAL, deleted_at_unix=NOW),
        ],
    )
    def test_what_is_not_held_or_has_no_effect_changes_nothing(self, text: str) -> None:
        replica = _filled()
        before = replica.state
        replica.apply(text)
        assert replica.state is before
        assert (replica.unknown_received, replica.parse_rejected) == (0, 0)

    def test_unknown_names_change_nothing_and_are_counted(self) -> None:
        replica = _filled()
        before = replica.state
        assert replica.apply(_frame("workspace_exploded", guild_id=GUILD)) == ()
        assert replica.state is before
        assert (replica.unknown_received, replica.parse_rejected) == (1, 0)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "[]",
            '{"v":1,"t":"message_delete"}',
            '{"v":2,"t":"ready","d":{}}',
            '{"v":1,"t":"ready","t":"ready","d":{}}',
            _frame("message_delete", guild_id=GUILD, channel_id=GENERAL, message_id=FIRST),
            _frame("message_delete", guild_id=GUILD, channel_id=GENERAL, message_id="x", deleted_at_unix=NOW),
            _frame("message_delete", guild_id=GUILD, channel_id=GENERAL, message_id=FIRST, deleted_at_unix=0),
            _rename(),
            _rename(name=None),
            _create(THIRD, created_at_unix=-1),
            _avatar(-1),
            _rename(name="x" * 70000),
            "[" * 100_000,
        ],
    )
    def test_malformed_frames_change_nothing_and_are_counted(self, text: str) -> None:
        replica = _filled()
        before = replica.state
        assert replica.apply(text) == ()
        assert replica.state is before
        assert (replica.unknown_received, replica.parse_rejected) == (0, 1)

    def test_unknown_members_are_ignored(self) -> None:
        replica = _filled()
        replica.apply(_rename(name="home", colour="red"))
        assert replica.view([GUILD])["workspaces"][GUILD]["name"] == "home"

    @pytest.mark.parametrize(
        "text",
        [
            _promote(ME),
            _frame(
                "workspace_role_assignment_add",
                guild_id=GUILD,
                user_id=ME,
                role_id=_id(5),
                assigned_at_unix=NOW,
            ),
            _frame("workspace_role_delete", guild_id=GUILD, role_id=_id(5), deleted_at_unix=NOW),
            _frame(
                "workspace_channel_role_override_update",
                guild_id=GUILD,
                channel_id=GENERAL,
                role="member",
                updated_fields={"allow": [], "deny": ["create_message"]},
                updated_at_unix=NOW,
            ),
        ],
    )
    def test_what_can_touch_the_own_access_is_read_again(self, text: str) -> None:
        assert _filled().apply(text) == (
            Refetch(Reading.CHANNELS, GUILD),
            Refetch(Reading.PERMISSIONS, GUILD, GENERAL),
        )


_EVENTS = st.sampled_from(
    [
        *(_create(m, c, at) for m in (FIRST, SECOND, THIRD) for c in ("a", "b") for at in (NOW, NOW + 1)),
        *(_update(m, c) for m in (FIRST, THIRD) for c in ("a", "b")),
        *(_delete(m) for m in (FIRST, THIRD)),
        *(step(u) for step in (_add, _remove, _ban, _promote) for u in (ME, BEN, EVE)),
        *(_rename(**f) for f in ({"name": "x"}, {"name": "y", "visibility": "public"})),
        *(_profile(ME, username=u) for u in ("x", "y")),
        *(_avatar(version) for version in (0, 1, 2)),
        *(_channel(c, n) for c in (GENERAL, _id(22)) for n in ("x", "y")),
        _subscribed(),
        _frame("unknown.name"),
        "no json",
    ]
)


class TestRepetition:
    @settings(deadline=None)
    @given(st.lists(_EVENTS, max_size=12), _EVENTS)
    def test_an_event_applied_twice_is_as_applied_once(self, before: list[str], text: str) -> None:
        replica = _filled()
        for earlier in before:
            replica.apply(earlier)
        replica.apply(text)
        once = replica.state
        replica.apply(text)
        assert replica.state is once

    @settings(deadline=None)
    @given(st.lists(_EVENTS.filter(lambda text: ME not in text or "profile" in text), max_size=12))
    def test_events_applied_again_in_order_end_in_the_same_state(self, texts: list[str]) -> None:
        replica = _filled()
        for text in texts:
            replica.apply(text)
        once = replica.view([GUILD])
        for text in texts:
            replica.apply(text)
        twice = replica.view([GUILD])
        # What was created and deleted is so again; a channel list keeps the order of insertion.
        assert twice == once


class TestRefetching:
    def test_events_that_come_meanwhile_win_over_an_older_snapshot(self) -> None:
        replica = _filled()
        replica.begin_refetch()
        replica.apply(_create(THIRD, "three", NOW + 2))
        replica.apply(_update(FIRST, "one!"))
        replica.apply(_delete(SECOND))
        replica.finish_refetch(_fetched(Refetch(Reading.MESSAGES, GUILD, GENERAL)))
        assert _contents(replica) == ["one!", "three"]

    def test_events_that_come_meanwhile_do_not_spoil_a_newer_snapshot(self) -> None:
        replica = _filled()
        replica.begin_refetch()
        replica.apply(_create(THIRD, "three", NOW + 2))
        newer = {"messages": [_message(THIRD, "three?", NOW + 2), _message(SECOND, "two", NOW + 1)]}
        wanted = Refetch(Reading.MESSAGES, GUILD, GENERAL)
        replica.finish_refetch([Fetched(wanted=wanted, status=200, body=newer)])
        replica.apply(_delete(FIRST))
        replica.apply(_update(THIRD, "three?"))
        assert _contents(replica) == ["two", "three?"]

    def test_events_before_the_request_are_not_applied_again(self) -> None:
        replica = _filled()
        replica.apply(_create(THIRD, "three", NOW + 2))
        replica.begin_refetch()
        replica.finish_refetch(_fetched(Refetch(Reading.MESSAGES, GUILD, GENERAL)))
        assert _contents(replica) == ["one", "two"]

    def test_own_removal_meanwhile_is_not_undone_by_the_snapshot(self) -> None:
        replica = _filled()
        replica.begin_refetch()
        replica.apply(_remove(ME))
        replica.finish_refetch(_fetched(*replica.reads_for([GUILD]), Refetch(Reading.CHANNELS, GUILD)))
        assert replica.view([GUILD])["workspaces"] == {}

    @pytest.mark.parametrize("status", [403, 404])
    def test_a_channel_that_is_refused_is_pruned(self, status: int) -> None:
        replica = _filled()
        replica.begin_refetch()
        wanted = replica.finish_refetch(
            [Fetched(wanted=Refetch(Reading.PERMISSIONS, GUILD, GENERAL), status=status)]
        )
        assert wanted == (Refetch(Reading.CHANNELS, GUILD),)
        assert dict(replica.live) == {}
        assert {key.partition("/")[0] for key in replica.view([GUILD])} == {
            "workspaces",
            "channels",
            "members",
            "profiles",
        }

    @pytest.mark.parametrize("what", [Reading.CHANNELS, Reading.MEMBERS])
    def test_a_guild_that_is_refused_is_pruned(self, what: Reading) -> None:
        replica = _filled()
        replica.begin_refetch()
        assert replica.finish_refetch([Fetched(wanted=Refetch(what, GUILD), status=403)]) == (
            Refetch(Reading.GUILDS),
        )
        assert replica.view([GUILD])["workspaces"] == {}

    def test_what_is_gone_from_a_list_is_pruned(self) -> None:
        replica = _filled()
        replica.begin_refetch()
        channels = {"channels": CHANNELS["channels"][1:]}
        wanted = Refetch(Reading.CHANNELS, GUILD)
        replica.finish_refetch([Fetched(wanted=wanted, status=200, body=channels)])
        assert (dict(replica.live), f"messages/{GENERAL}" in replica.view([GUILD])) == ({}, False)
        replica.begin_refetch()
        replica.finish_refetch([Fetched(wanted=Refetch(Reading.GUILDS), status=200, body={"guilds": []})])
        assert dict(replica.state.guilds) == {}

    @pytest.mark.parametrize("status", [None, 200, 204, 401, 429, 500])
    @pytest.mark.parametrize("body", [None, [], {}, {"channels": 1}, {"channels": [{"channel_id": 1}]}, "x"])
    def test_a_read_that_gives_nothing_usable_changes_nothing(self, status: int | None, body: object) -> None:
        replica = _filled()
        before = replica.state
        replica.begin_refetch()
        wanted = Refetch(Reading.CHANNELS, GUILD)
        assert replica.finish_refetch([Fetched(wanted=wanted, status=status, body=body)]) == ()
        assert replica.state is before
        assert replica.unread == 1

    @pytest.mark.parametrize("what", Reading)
    @pytest.mark.parametrize("junk", [None, True, 1.5, "x", [[]], [None], {"user_id": 1}])
    def test_no_body_whatsoever_raises(self, what: Reading, junk: object) -> None:
        replica = _filled()
        members = ("guilds", "channels", "members", "messages", "permissions", "username")
        replica.begin_refetch()
        wanted = Refetch(what, GUILD, GENERAL if what > Reading.MEMBERS else "")
        bodies = (junk, dict.fromkeys(members, junk))
        replica.finish_refetch([Fetched(wanted=wanted, status=200, body=body) for body in bodies])
        assert replica.view([GUILD])["workspaces"]

    def test_permissions_of_an_odd_type_are_skipped(self) -> None:
        replica = _filled()
        replica.begin_refetch()
        body = {"permissions": [["create_message"], {"a": 1}, "create_message"]}
        wanted = Refetch(Reading.PERMISSIONS, GUILD, GENERAL)
        replica.finish_refetch([Fetched(wanted=wanted, status=200, body=body)])
        assert replica.view([GUILD])[f"permissions/{GENERAL}"] == ["create_message"]

    def test_reads_for_guilds_that_are_not_held_find_out_whether_they_should_be(self) -> None:
        assert _new().reads_for([GUILD]) == (Refetch(Reading.PROFILE), Refetch(Reading.GUILDS))

    def test_only_one_batch_at_a_time(self) -> None:
        replica = _new()
        with pytest.raises(HarnessError):
            replica.finish_refetch(())
        replica.begin_refetch()
        with pytest.raises(HarnessError):
            replica.begin_refetch()


class TestRereading:
    async def test_what_is_asked_for_meanwhile_is_read_once_and_after(self) -> None:
        replica, batches = _new(), list[list[Refetch]]()
        replica.subscribing(GUILD, GENERAL)
        wanted = replica.apply(_subscribed())
        release = asyncio.Event()

        async def read(refetch: Refetch) -> Fetched:
            if refetch.what is Reading.GUILDS:
                batches.append([])
            batches[-1].append(refetch)
            await release.wait()
            return _fetched(refetch)[0]

        rereading = Rereading(replica, read)
        first = asyncio.create_task(rereading.fetch(wanted))
        await asyncio.wait((first,), timeout=0)
        again = [asyncio.create_task(rereading.fetch(wanted[:1])) for _ in range(5)]
        await asyncio.wait(again, timeout=0)
        release.set()
        await asyncio.gather(first, *again)
        assert batches == [list(wanted), [Refetch(Reading.GUILDS)]]
        assert replica.view([GUILD])[f"members/{GUILD}"] == [ME, BEN]

    async def test_what_turns_out_to_be_needed_is_read_too(self) -> None:
        replica, asked = _filled(), list[Refetch]()

        async def read(refetch: Refetch) -> Fetched:
            asked.append(refetch)
            refused = refetch.what is Reading.PERMISSIONS
            return Fetched(wanted=refetch, status=403) if refused else _fetched(refetch)[0]

        await Rereading(replica, read).fetch(replica.apply(_promote(ME))[1:])
        assert asked == [Refetch(Reading.PERMISSIONS, GUILD, GENERAL), Refetch(Reading.CHANNELS, GUILD)]

    async def test_a_target_that_lists_what_it_refuses_cannot_keep_it_going(self) -> None:
        replica, asked = _filled(), list[Refetch]()

        async def read(refetch: Refetch) -> Fetched:
            asked.append(refetch)
            refused = refetch.what is not Reading.GUILDS
            return Fetched(wanted=refetch, status=403) if refused else _fetched(refetch)[0]

        await Rereading(replica, read).fetch(replica.apply(_promote(ME))[1:])
        assert [refetch.what for refetch in asked] == [
            Reading.PERMISSIONS,
            Reading.CHANNELS,
            Reading.GUILDS,
        ]

    async def test_a_failed_read_leaves_the_replica_usable(self) -> None:
        replica = _filled()
        before = replica.state

        async def read(refetch: Refetch) -> Fetched:
            raise HarnessError

        with pytest.raises(HarnessError):
            await Rereading(replica, read).fetch((Refetch(Reading.GUILDS),))
        assert replica.state is before
        replica.begin_refetch()


class TestSharing:
    def test_a_state_compares_by_identity(self) -> None:
        assert State() != State()
        assert len({State(), State()}) == 2

    def test_frames_are_decoded_once_for_all_replicas(self) -> None:
        decoder = Decoder()
        text = _create(THIRD)
        assert decoder.decode(text) is decoder.decode(str(text.encode(), "utf-8"))
