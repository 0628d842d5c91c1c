"""Friend requests and friendships (FRIEND-1 to 5, SCOPE-6)."""

import pytest

from tests.reference_server.running import Person, running

UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


async def ask(sender: Person, recipient: Person) -> str:
    answer = await sender.post("/friends/requests", {"recipient_user_id": recipient.user_id})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["request_id"])


async def befriend(sender: Person, recipient: Person) -> None:
    request_id = await ask(sender, recipient)
    assert (await recipient.post(f"/friends/requests/{request_id}/accept")).json() == {"accepted": True}


async def friends_of(person: Person) -> list[str]:
    return [friend["username"] for friend in (await person.get("/friends")).json()["friends"]]


@pytest.mark.witnesses("FRIEND-2", "FRIEND-3", "SCOPE-6")
async def test_a_request_is_told_to_both_and_listed_by_both() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        ears = [await person.connect() for person in (ana, ana, ben, eve)]
        made = (await ana.post("/friends/requests", {"recipient_user_id": ben.user_id})).json()
        assert made == {
            "request_id": made["request_id"],
            "sender_user_id": ana.user_id,
            "recipient_user_id": ben.user_id,
            "created_at_unix": made["created_at_unix"],
        }
        listed = made | {"sender_username": "ana", "recipient_username": "ben"}
        *told, stranger = [await ear.until_now() for ear in ears]
        assert told == [[("friend_request_create", listed)]] * 3
        assert stranger == []
        assert (await ana.get("/friends/requests")).json() == {"incoming": [], "outgoing": [listed]}
        assert (await ben.get("/friends/requests")).json() == {"incoming": [listed], "outgoing": []}


@pytest.mark.witnesses("FRIEND-3", "FRIEND-4")
async def test_each_side_of_an_acceptance_gets_its_own_copy() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        request_id = await ask(ana, ben)
        ears = [await person.connect() for person in (ana, ben, eve)]
        assert (await ben.post(f"/friends/requests/{request_id}/accept")).json() == {"accepted": True}
        (by_ana,), (by_ben,), by_eve = [await ear.until_now() for ear in ears]
        assert by_eve == []
        assert by_ana[0] == by_ben[0] == "friend_request_update"
        common = {"request_id": request_id, "state": "accepted", "actor_user_id": ben.user_id}
        for payload, user, friend in ((by_ana[1], ana, ben), (by_ben[1], ben, ana)):
            assert payload == payload | common
            assert (payload["user_id"], payload["friend_user_id"]) == (user.user_id, friend.user_id)
            assert payload["friend_username"] == ("ben" if friend is ben else "ana")
        (friend,) = (await ana.get("/friends")).json()["friends"]
        since = by_ana[1]["friendship_created_at_unix"]
        assert friend == {"user_id": ben.user_id, "username": "ben", "created_at_unix": since}
        assert await friends_of(ben) == ["ana"]
        for person in (ana, ben):
            assert (await person.get("/friends/requests")).json() == {"incoming": [], "outgoing": []}


@pytest.mark.witnesses("FRIEND-1")
async def test_what_is_no_request() -> None:
    async with running() as server:
        ana, ben, cat = server.person("ana"), server.person("ben"), server.person("cat")
        await ask(ana, ben)
        await befriend(ana, cat)
        watcher = await ana.connect()
        for sender, recipient_id in (
            (ana, ana.user_id),
            (ana, UNKNOWN),
            (ana, "ben"),
            (ana, ben.user_id),
            (ben, ana.user_id),
            (ana, cat.user_id),
            (cat, ana.user_id),
        ):
            refused = await sender.post("/friends/requests", {"recipient_user_id": recipient_id})
            assert (refused.status_code, refused.json()) == (400, {"error": "invalid_request"})
        assert (await ana.post("/friends/requests", {})).status_code == 422
        assert await watcher.until_now() == []


@pytest.mark.witnesses("FRIEND-2")
async def test_only_those_concerned_can_answer_a_request() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        path = f"/friends/requests/{await ask(ana, ben)}"
        refused = [
            await ana.post(f"{path}/accept"),
            await eve.post(f"{path}/accept"),
            await eve.delete(path),
            await ben.post(f"/friends/requests/{UNKNOWN}/accept"),
            await ben.delete("/friends/requests/malformed"),
        ]
        assert [answer.status_code for answer in refused] == [404] * 5
        assert (await ben.post(f"{path}/accept")).status_code == 200
        assert (await ben.post(f"{path}/accept")).status_code == 404


@pytest.mark.parametrize("who", ["sender", "recipient"])
@pytest.mark.witnesses("FRIEND-2", "SCOPE-6")
async def test_a_deleted_request_is_told_to_both_and_can_be_made_again(who: str) -> None:
    async with running() as server:
        people = {"sender": server.person("ana"), "recipient": server.person("ben")}
        eve = server.person("eve")
        request_id = await ask(people["sender"], people["recipient"])
        ears = [await person.connect() for person in (*people.values(), eve)]
        deleter = people[who]
        assert (await deleter.delete(f"/friends/requests/{request_id}")).status_code == 204
        (by_sender,), (by_recipient,), by_eve = [await ear.until_now() for ear in ears]
        assert (by_eve, by_sender) == ([], by_recipient)
        assert by_sender[0] == "friend_request_delete"
        assert by_sender[1]["request_id"] == request_id
        assert by_sender[1]["actor_user_id"] == deleter.user_id
        assert await ask(people["recipient"], people["sender"]) != request_id


@pytest.mark.witnesses("FRIEND-4", "FRIEND-5")
async def test_a_friendship_ends_once_for_both() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        await befriend(ana, ben)
        ears = [await person.connect() for person in (ana, ben, eve)]
        for _ in range(2):
            assert (await ben.delete(f"/friends/{ana.user_id}")).status_code == 204
        assert (await ana.delete(f"/friends/{UNKNOWN}")).status_code == 204
        assert (await ana.delete(f"/friends/{ana.user_id}")).status_code == 400
        assert (await ana.delete("/friends/ben")).status_code == 400
        (by_ana,), (by_ben,), by_eve = [await ear.until_now() for ear in ears]
        assert by_eve == []
        assert by_ana[0] == by_ben[0] == "friend_remove"
        assert (by_ana[1]["user_id"], by_ana[1]["friend_user_id"]) == (ana.user_id, ben.user_id)
        assert (by_ben[1]["user_id"], by_ben[1]["friend_user_id"]) == (ben.user_id, ana.user_id)
        assert by_ana[1]["actor_user_id"] == ben.user_id
        assert (await friends_of(ana), await friends_of(ben)) == ([], [])


async def test_all_lists_are_newest_first() -> None:
    async with running() as server:
        ana = server.person("ana")
        others = [server.person(name) for name in ("ben", "cat", "dan")]
        for other in others:
            await ask(ana, other)
        outgoing = (await ana.get("/friends/requests")).json()["outgoing"]
        assert [one["recipient_username"] for one in outgoing] == ["dan", "cat", "ben"]
        for request in reversed(outgoing):
            recipient = next(one for one in others if one.user_id == request["recipient_user_id"])
            await recipient.post(f"/friends/requests/{request['request_id']}/accept")
        assert await friends_of(ana) == ["dan", "cat", "ben"]


@pytest.mark.witnesses("SCOPE-7")
async def test_friends_are_told_of_a_changed_profile() -> None:
    async with running() as server:
        ana, ben, eve = server.person("ana"), server.person("ben"), server.person("eve")
        await befriend(ana, ben)
        friend, stranger = await ben.connect(), await eve.connect()
        assert (await ana.patch("/users/me/profile", {"about_markdown": "new"})).status_code == 200
        assert await friend.names_until_now() == ["profile_update"]
        assert await stranger.until_now() == []
