"""The replica follows the client rules of contract 9: events, snapshots, and what to read after them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_check.conformance.contract.features import ALL_FEATURES
from sync_check.harness.errors import HarnessError
from sync_check.harness.refetch import Fetched, Reading, Refetch
from sync_check.harness.replica import fresh_view
from tests.harness.wire import (
    BEN,
    CHANNELS,
    EVE,
    FEATURES,
    FIRST,
    GENERAL,
    GUILD,
    ME,
    NOW,
    OTHER,
    RANDOM,
    SECOND,
    SNAPSHOT_VIEW,
    THIRD,
    add_frame,
    avatar_frame,
    ban_frame,
    channel_frame,
    contents,
    create_frame,
    delete_frame,
    fetched,
    filled_replica,
    frame,
    make_id,
    message,
    new_replica,
    profile_frame,
    promote_frame,
    remove_frame,
    rename_frame,
    subscribed_frame,
    update_frame,
)


class TestStart:
    def test_ready_asks_for_the_own_profile(self) -> None:
        assert new_replica().apply(frame("ready", user_id=ME)) == (Refetch(Reading.PROFILE),)

    def test_first_subscription_asks_for_the_whole_guild_a_second_for_its_channel(self) -> None:
        replica = new_replica()
        replica.subscribing(GUILD, GENERAL)
        assert replica.apply(subscribed_frame()) == (
            Refetch(Reading.GUILDS),
            Refetch(Reading.CHANNELS, GUILD),
            Refetch(Reading.MEMBERS, GUILD),
            Refetch(Reading.PERMISSIONS, GUILD, GENERAL),
            Refetch(Reading.MESSAGES, GUILD, GENERAL),
        )
        replica.subscribing(GUILD, RANDOM)
        assert replica.apply(subscribed_frame(RANDOM)) == (
            Refetch(Reading.PERMISSIONS, GUILD, RANDOM),
            Refetch(Reading.MESSAGES, GUILD, RANDOM),
        )
        assert replica.apply(subscribed_frame()) == ()
        assert dict(replica.live) == {GENERAL: GUILD, RANDOM: GUILD}

    def test_subscribing_again_is_a_fresh_start(self) -> None:
        replica = new_replica()
        for _ in range(2):
            replica.subscribing(GUILD, GENERAL)
            assert Refetch(Reading.MESSAGES, GUILD, GENERAL) in replica.apply(subscribed_frame())
        assert replica.apply(subscribed_frame()) == ()

    def test_a_subscription_nobody_asked_for_has_no_effect(self) -> None:
        replica = new_replica()
        replica.subscribing(GUILD, RANDOM)
        before = replica.state
        assert replica.apply(subscribed_frame()) == ()
        assert replica.apply(frame("subscribed", guild_id=OTHER, channel_id=RANDOM)) == ()
        assert replica.state is before

    def test_view_after_the_snapshot(self) -> None:
        assert filled_replica().view([GUILD]) == SNAPSHOT_VIEW

    def test_view_covers_the_guilds_asked_for_and_the_own_profile(self) -> None:
        assert filled_replica().view([OTHER]) == {
            "workspaces": {},
            f"profiles/{ME}": SNAPSHOT_VIEW[f"profiles/{ME}"],
        }

    def test_slices_of_undeclared_features_exist_nowhere(self) -> None:
        replica = filled_replica(frozenset())
        assert set(replica.view([GUILD])) == {"workspaces", f"channels/{GUILD}", f"permissions/{GENERAL}"}
        assert {refetch.what for refetch in replica.reads_for([GUILD])} == {
            Reading.GUILDS,
            Reading.CHANNELS,
            Reading.PERMISSIONS,
        }

    def test_a_fresh_client_that_reads_the_same_has_the_same_view(self) -> None:
        replica = filled_replica()
        results = fetched(*replica.reads_for([GUILD]))
        assert fresh_view(ME, FEATURES, reversed(results), [GUILD]) == SNAPSHOT_VIEW

    def test_a_fresh_view_does_not_show_what_was_refused(self) -> None:
        replica = filled_replica()
        results = [
            Fetched(wanted=r, status=403) if r.what is Reading.MESSAGES else fetched(r)[0]
            for r in replica.reads_for([GUILD])
        ]
        view = fresh_view(ME, FEATURES, results, [GUILD])
        assert f"messages/{GENERAL}" not in view
        assert view[f"members/{GUILD}"] == [ME, BEN]


class TestEvents:
    def test_messages_are_created_edited_deleted_and_ordered(self) -> None:
        replica = filled_replica()
        replica.apply(create_frame(THIRD, "zero", NOW - 5))
        replica.apply(update_frame(SECOND, "two!"))
        replica.apply(delete_frame(FIRST))
        assert contents(replica) == ["zero", "two!"]

    def test_messages_of_one_second_are_ordered_by_id(self) -> None:
        replica = filled_replica()
        replica.apply(create_frame(THIRD, "b", NOW + 9))
        replica.apply(create_frame(make_id(29), "a", NOW + 9))
        assert contents(replica)[-2:] == ["a", "b"]

    def test_an_update_without_content_leaves_it(self) -> None:
        replica = filled_replica()
        before = replica.state
        changes = {"updated_fields": {"attachments": []}, "updated_at_unix": NOW}
        replica.apply(
            frame("message_update", guild_id=GUILD, channel_id=GENERAL, message_id=FIRST, **changes)
        )
        assert replica.state is before
        assert replica.parse_rejected == 0

    def test_workspace_fields_are_set_one_by_one(self) -> None:
        replica = filled_replica()
        replica.apply(rename_frame(name="home"))
        replica.apply(rename_frame(visibility="public"))
        assert replica.view([GUILD])["workspaces"] == {GUILD: {"name": "home", "visibility": "public"}}

    def test_channels_are_inserted_at_the_end_or_replaced(self) -> None:
        replica = filled_replica()
        replica.apply(channel_frame(make_id(19), "new"))
        replica.apply(channel_frame(GENERAL, "lobby"))
        assert [c["name"] for c in replica.view([GUILD])[f"channels/{GUILD}"]] == ["lobby", "21", "new"]

    def test_members_come_and_go(self) -> None:
        replica = filled_replica()
        replica.apply(add_frame(EVE))
        replica.apply(remove_frame(BEN))
        assert replica.view([GUILD])[f"members/{GUILD}"] == [ME, EVE]
        replica.apply(ban_frame(EVE))
        assert replica.view([GUILD])[f"members/{GUILD}"] == [ME]

    def test_profile_texts_are_set_an_empty_one_included_and_versions_only_grow(self) -> None:
        replica = filled_replica()
        replica.apply(profile_frame(ME, username="anna"))
        replica.apply(profile_frame(ME, about_markdown="hi", about_markdown_tokens=[]))
        replica.apply(profile_frame(ME, about_markdown="", about_markdown_tokens=[]))
        for version in (3, 2):
            replica.apply(avatar_frame(version))
        replica.apply(frame("profile_banner_update", user_id=ME, banner_version=1, updated_at_unix=NOW))
        assert replica.view([])[f"profiles/{ME}"] == {
            "username": "anna",
            "about_markdown": "",
            "avatar_version": 3,
            "banner_version": 1,
        }

    def test_own_ban_waits_for_the_removal_which_drops_the_workspace_at_once(self) -> None:
        replica = filled_replica()
        replica.apply(ban_frame(ME))
        assert replica.view([GUILD]) == SNAPSHOT_VIEW
        replica.apply(remove_frame(ME))
        assert replica.view([GUILD]) == {
            "workspaces": {},
            f"profiles/{ME}": SNAPSHOT_VIEW[f"profiles/{ME}"],
        }
        assert dict(replica.live) == {}

    @pytest.mark.witnesses("CLIENT-8")
    def test_after_the_own_removal_the_guild_is_ignored_until_it_is_fetched_anew(self) -> None:
        replica = filled_replica()
        replica.apply(remove_frame(ME))
        gone = replica.state
        for text in (
            create_frame(THIRD),
            rename_frame(name="ghost"),
            add_frame(EVE),
            channel_frame(RANDOM, "x"),
            promote_frame(ME),
        ):
            assert replica.apply(text) == ()
        assert replica.state is gone
        wanted = replica.apply(add_frame(ME))
        assert replica.state is gone
        assert wanted == (
            Refetch(Reading.GUILDS),
            Refetch(Reading.CHANNELS, GUILD),
            Refetch(Reading.MEMBERS, GUILD),
        )
        replica.begin_refetch()
        replica.finish_refetch(fetched(*wanted))
        replica.apply(rename_frame(name="again"))
        assert replica.view([GUILD])["workspaces"] == {GUILD: {"name": "again", "visibility": "private"}}

    @pytest.mark.parametrize(
        "text",
        [
            create_frame(THIRD, channel_id=RANDOM),
            create_frame(THIRD, guild_id=OTHER),
            update_frame(THIRD, "x"),
            delete_frame(THIRD),
            rename_frame(OTHER, name="x"),
            add_frame(EVE, OTHER),
            remove_frame(EVE),
            profile_frame(BEN, username="benny"),
            promote_frame(EVE),
            frame("presence_update", guild_id=OTHER, user_id=BEN, status="online"),
            frame("channel_delete", guild_id=GUILD, channel_id=THIRD, deleted_at_unix=NOW),
        ],
    )
    def test_what_is_not_held_or_has_no_effect_changes_nothing(self, text: str) -> None:
        replica = filled_replica()
        before = replica.state
        replica.apply(text)
        assert replica.state is before
        assert (replica.unknown_received, replica.parse_rejected) == (0, 0)

    def test_unknown_names_change_nothing_and_are_counted(self) -> None:
        replica = filled_replica()
        before = replica.state
        assert replica.apply(frame("workspace_exploded", guild_id=GUILD)) == ()
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
            frame("message_delete", guild_id=GUILD, channel_id=GENERAL, message_id=FIRST),
            frame("message_delete", guild_id=GUILD, channel_id=GENERAL, message_id="x", deleted_at_unix=NOW),
            frame("message_delete", guild_id=GUILD, channel_id=GENERAL, message_id=FIRST, deleted_at_unix=0),
            rename_frame(),
            rename_frame(name=None),
            create_frame(THIRD, created_at_unix=-1),
            avatar_frame(-1),
            rename_frame(name="x" * 70000),
            "[" * 100_000,
        ],
    )
    def test_malformed_frames_change_nothing_and_are_counted(self, text: str) -> None:
        replica = filled_replica()
        before = replica.state
        assert replica.apply(text) == ()
        assert replica.state is before
        assert (replica.unknown_received, replica.parse_rejected) == (0, 1)

    def test_unknown_members_are_ignored(self) -> None:
        replica = filled_replica()
        replica.apply(rename_frame(name="home", colour="red"))
        assert replica.view([GUILD])["workspaces"][GUILD]["name"] == "home"

    @pytest.mark.parametrize(
        "text",
        [
            promote_frame(ME),
            frame(
                "workspace_role_assignment_add",
                guild_id=GUILD,
                user_id=ME,
                role_id=make_id(5),
                assigned_at_unix=NOW,
            ),
            frame("workspace_role_delete", guild_id=GUILD, role_id=make_id(5), deleted_at_unix=NOW),
            frame(
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
        assert filled_replica().apply(text) == (
            Refetch(Reading.CHANNELS, GUILD),
            Refetch(Reading.PERMISSIONS, GUILD, GENERAL),
        )


_EVENTS = st.sampled_from(
    [
        *(
            create_frame(m, c, at)
            for m in (FIRST, SECOND, THIRD)
            for c in ("a", "b")
            for at in (NOW, NOW + 1)
        ),
        *(update_frame(m, c) for m in (FIRST, THIRD) for c in ("a", "b")),
        *(delete_frame(m) for m in (FIRST, THIRD)),
        *(step(u) for step in (add_frame, remove_frame, ban_frame, promote_frame) for u in (ME, BEN, EVE)),
        *(rename_frame(**f) for f in ({"name": "x"}, {"name": "y", "visibility": "public"})),
        *(profile_frame(ME, username=u) for u in ("x", "y")),
        *(avatar_frame(version) for version in (0, 1, 2)),
        *(channel_frame(c, n) for c in (GENERAL, make_id(22)) for n in ("x", "y")),
        subscribed_frame(),
        frame("unknown.name"),
        "no json",
    ]
)


class TestRepetition:
    @settings(deadline=None)
    @given(st.lists(_EVENTS, max_size=12), _EVENTS)
    def test_an_event_applied_twice_is_as_applied_once(self, before: list[str], text: str) -> None:
        replica = filled_replica()
        for earlier in before:
            replica.apply(earlier)
        replica.apply(text)
        once = replica.state
        replica.apply(text)
        assert replica.state is once

    @settings(deadline=None)
    @given(st.lists(_EVENTS.filter(lambda text: ME not in text or "profile" in text), max_size=12))
    def test_events_applied_again_in_order_end_in_the_same_state(self, texts: list[str]) -> None:
        replica = filled_replica()
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
        replica = filled_replica()
        replica.begin_refetch()
        replica.apply(create_frame(THIRD, "three", NOW + 2))
        replica.apply(update_frame(FIRST, "one!"))
        replica.apply(delete_frame(SECOND))
        replica.finish_refetch(fetched(Refetch(Reading.MESSAGES, GUILD, GENERAL)))
        assert contents(replica) == ["one!", "three"]

    def test_events_that_come_meanwhile_do_not_spoil_a_newer_snapshot(self) -> None:
        replica = filled_replica()
        replica.begin_refetch()
        replica.apply(create_frame(THIRD, "three", NOW + 2))
        newer = {"messages": [message(THIRD, "three?", NOW + 2), message(SECOND, "two", NOW + 1)]}
        wanted = Refetch(Reading.MESSAGES, GUILD, GENERAL)
        replica.finish_refetch([Fetched(wanted=wanted, status=200, body=newer)])
        replica.apply(delete_frame(FIRST))
        replica.apply(update_frame(THIRD, "three?"))
        assert contents(replica) == ["two", "three?"]

    def test_events_before_the_request_are_not_applied_again(self) -> None:
        replica = filled_replica()
        replica.apply(create_frame(THIRD, "three", NOW + 2))
        replica.begin_refetch()
        replica.finish_refetch(fetched(Refetch(Reading.MESSAGES, GUILD, GENERAL)))
        assert contents(replica) == ["one", "two"]

    def test_own_removal_meanwhile_is_not_undone_by_the_snapshot(self) -> None:
        replica = filled_replica()
        replica.begin_refetch()
        replica.apply(remove_frame(ME))
        replica.finish_refetch(fetched(*replica.reads_for([GUILD]), Refetch(Reading.CHANNELS, GUILD)))
        assert replica.view([GUILD])["workspaces"] == {}

    def test_a_change_of_access_before_the_first_snapshot_came_is_read_up_afterwards(self) -> None:
        replica = new_replica()
        replica.subscribing(GUILD, GENERAL)
        wanted = replica.apply(subscribed_frame())
        replica.begin_refetch()
        assert replica.apply(promote_frame(ME)) == ()  # the guild is not held yet
        assert replica.finish_refetch(fetched(*wanted)) == (
            Refetch(Reading.CHANNELS, GUILD),
            Refetch(Reading.PERMISSIONS, GUILD, GENERAL),
        )

    def test_an_older_list_does_not_undo_a_subscription_that_was_confirmed_meanwhile(self) -> None:
        replica = filled_replica()
        replica.subscribing(GUILD, RANDOM)
        replica.begin_refetch()
        assert replica.apply(subscribed_frame(RANDOM))
        older = {"channels": [channel for channel in CHANNELS["channels"] if channel["channel_id"] != RANDOM]}
        wanted = Refetch(Reading.CHANNELS, GUILD)
        assert replica.finish_refetch([Fetched(wanted=wanted, status=200, body=older)]) == ()
        assert RANDOM in replica.live

    def test_what_was_asked_for_when_it_came_is_not_asked_for_again(self) -> None:
        replica = filled_replica()
        replica.begin_refetch()
        assert replica.apply(promote_frame(ME))
        assert replica.finish_refetch(()) == ()

    @pytest.mark.parametrize("status", [403, 404])
    def test_a_channel_that_is_refused_is_pruned(self, status: int) -> None:
        replica = filled_replica()
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
        replica = filled_replica()
        replica.begin_refetch()
        assert replica.finish_refetch([Fetched(wanted=Refetch(what, GUILD), status=403)]) == (
            Refetch(Reading.GUILDS),
        )
        assert replica.view([GUILD])["workspaces"] == {}

    def test_what_is_gone_from_a_list_is_pruned(self) -> None:
        replica = filled_replica()
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
        replica = filled_replica()
        before = replica.state
        replica.begin_refetch()
        wanted = Refetch(Reading.CHANNELS, GUILD)
        assert replica.finish_refetch([Fetched(wanted=wanted, status=status, body=body)]) == ()
        assert replica.state is before
        assert replica.unread == 1

    @pytest.mark.parametrize("what", Reading)
    @pytest.mark.parametrize("junk", [None, True, 1.5, "x", [[]], [None], {"user_id": 1}])
    def test_no_body_whatsoever_raises(self, what: Reading, junk: object) -> None:
        replica = filled_replica()
        lists = ("guilds", "channels", "roles", "members", "messages", "friends", "incoming")
        members = (*lists, "permissions", "username")
        replica.begin_refetch()
        wanted = Refetch(what, GUILD, GENERAL if what > Reading.MEMBERS else "")
        bodies = (junk, dict.fromkeys(members, junk))
        replica.finish_refetch([Fetched(wanted=wanted, status=200, body=body) for body in bodies])
        assert replica.view([GUILD])["workspaces"]

    def test_permissions_of_an_odd_type_are_skipped(self) -> None:
        replica = filled_replica()
        replica.begin_refetch()
        body = {"permissions": [["create_message"], {"a": 1}, "create_message"]}
        wanted = Refetch(Reading.PERMISSIONS, GUILD, GENERAL)
        replica.finish_refetch([Fetched(wanted=wanted, status=200, body=body)])
        assert replica.view([GUILD])[f"permissions/{GENERAL}"] == ["create_message"]

    def test_a_fresh_snapshot_reads_whatever_is_in_force(self) -> None:
        assert filled_replica(ALL_FEATURES).reads_for([GUILD, OTHER]) == (
            Refetch(Reading.PROFILE),
            Refetch(Reading.FRIENDS),
            Refetch(Reading.FRIEND_REQUESTS),
            Refetch(Reading.GUILDS),
            Refetch(Reading.CHANNELS, GUILD),
            Refetch(Reading.ROLES, GUILD),
            Refetch(Reading.MEMBERS, GUILD),
            Refetch(Reading.PERMISSIONS, GUILD, GENERAL),
            Refetch(Reading.MESSAGES, GUILD, GENERAL),
        )
        what = [refetch.what for refetch in filled_replica().reads_for([GUILD])]
        assert not {Reading.ROLES, Reading.FRIENDS, Reading.FRIEND_REQUESTS}.intersection(what)

    def test_reads_for_guilds_that_are_not_held_find_out_whether_they_should_be(self) -> None:
        assert new_replica().reads_for([GUILD]) == (Refetch(Reading.PROFILE), Refetch(Reading.GUILDS))

    def test_only_one_batch_at_a_time(self) -> None:
        replica = new_replica()
        with pytest.raises(HarnessError):
            replica.finish_refetch(())
        replica.begin_refetch()
        with pytest.raises(HarnessError):
            replica.begin_refetch()
