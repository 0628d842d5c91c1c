"""The audit log (AUDIT-1, REST-6, PAGE-1, PAGE-2)."""

import pytest

from tests.reference_server.running import running

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.mark.witnesses("AUDIT-1")
async def test_the_row_of_a_mutation_is_there_with_its_answer() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben, eve)
        message = await ben.say(room, "first")
        await ana.patch(room.member(ben), {"role": "moderator"})
        await ana.delete(f"{room.messages}/{message['message_id']}")
        await ana.post(f"{room.member(eve)}/kick")
        rows = (await ana.get(f"{room.guild}/audit")).json()["events"]
        assert [(row["action"], row["target_user_id"]) for row in rows] == [
            ("member.kick", eve.user_id),
            ("message.delete.moderation", ben.user_id),
            ("member.role.update", ben.user_id),
        ]
        assert {row["actor_user_id"] for row in rows} == {ana.user_id}
        assert {row["ip_ban_match"] for row in rows} == {False}


@pytest.mark.witnesses("PAGE-1", "PAGE-2")
async def test_pages_yield_each_row_once_and_end() -> None:
    async with running() as server:
        ana, ben = server.person("ana"), server.person("ben")
        room = server.room(ana, ben)
        for role in ("moderator", "member", "moderator"):
            await ana.patch(room.member(ben), {"role": role})
        await ana.post(f"{room.member(ben)}/ban")
        whole = (await ana.get(f"{room.guild}/audit")).json()
        assert whole["next_cursor"] is None
        page = (await ana.get(f"{room.guild}/audit?limit=1")).json()
        walked = page["events"]
        for _ in range(3):
            page = (await ana.get(f"{room.guild}/audit?limit=1&cursor={page['next_cursor']}")).json()
            walked += page["events"]
        assert page["next_cursor"] is None
        assert walked == whole["events"]
        only = (await ana.get(f"{room.guild}/audit?action_prefix=member.role.")).json()["events"]
        assert [row["action"] for row in only] == ["member.role.update"] * 3


@pytest.mark.witnesses("REST-6")
async def test_who_may_not_read_it_is_told_so() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        room = server.room(ana, ben)
        for who, path in ((ben, room.guild), (eve, room.guild), (eve, f"/guilds/{UNKNOWN}")):
            answer = await who.get(f"{path}/audit")
            assert (answer.status_code, answer.json()) == (403, {"error": "audit_access_denied"})


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "cursor=x", "action_prefix=", "action_prefix=A"])
@pytest.mark.witnesses("REST-4")
async def test_senseless_queries_are_refused(query: str) -> None:
    async with running() as server:
        ana = server.person("ana")
        room = server.room(ana)
        assert (await ana.get(f"{room.guild}/audit?{query}")).status_code == 400
