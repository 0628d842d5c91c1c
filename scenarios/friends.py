"""Friend requests and friendships: whom they concern hears of them in all sessions, and nobody else does."""

from sync_check.conformance.contract import operations as ops
from sync_check.conformance.contract.features import Feature
from sync_check.harness.scenario import Needs
from sync_check.harness.stage import Stage
from sync_check.scenarios.registry import scenario

_FEATURES = (Feature.FRIENDS, Feature.MEMBERS, Feature.PROFILE, Feature.CHANNELS_CREATE, Feature.MESSAGES)
_NOBODY = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
"""A well-formed id that is nobody's."""


def _delete(request_id: str) -> ops.DeleteFriendRequest:
    return ops.DeleteFriendRequest(request_id=request_id)


@scenario(
    "friends/request",
    covers=["FRIEND-1", "FRIEND-2", "SCOPE-6", "DELIV-1", "DELIV-4", "DELIV-8", "DELIV-10"],
    features=_FEATURES,
    needs=Needs(operations=15, settles=3),
)
async def request_concerns_two_users_alone(stage: Stage) -> None:
    """A friend request reaches all sessions of both users, and so does its end; nobody else hears of it."""
    room = await stage.workspace()
    owner, ana, *_ = await stage.cast(room)
    await stage.stranger()
    await stage.settle()
    request_id = await stage.ask_to_be_friends(owner, ana)
    await stage.ask_to_be_friends(owner, ana, refused=True)
    await stage.ask_to_be_friends(ana, owner, refused=True)
    await stage.ask_to_be_friends(ana, ana, refused=True)
    await stage.do(ana, ops.RequestFriend(recipient_user_id=_NOBODY), refused=True)
    stranger = await stage.stranger()
    await stage.do(stranger, _delete(request_id), refused=True)
    await stage.do(stranger, _delete(_NOBODY), refused=True)
    await stage.do(owner, ops.AcceptFriend(request_id=request_id), refused=True)
    # From here on some know the request by another name than others.
    await stage.change_username(ana)
    await stage.settle()
    await stage.do(ana, _delete(request_id))
    await stage.do(owner, _delete(request_id), refused=True)
    await stage.do(owner, _delete(await stage.ask_to_be_friends(owner, ana)))


@scenario(
    "friends/accept",
    covers=["FRIEND-1", "FRIEND-2", "FRIEND-3", "FRIEND-4", "SCOPE-6", "SCOPE-7", "DELIV-1", "DELIV-10"],
    features=_FEATURES,
    needs=Needs(operations=7, settles=3),
)
async def accepting_makes_friends_of_both(stage: Stage) -> None:
    """Accepting makes each the other's friend, in all sessions, and friends hear of each other's profile."""
    room = await stage.workspace()
    _, ana, *_ = await stage.cast(room)
    afar, stranger = await stage.stranger(), await stage.stranger()
    await stage.settle()
    request_id = await stage.ask_to_be_friends(afar, ana)
    await stage.do(stranger, ops.AcceptFriend(request_id=request_id), refused=True)
    await stage.do(ana, ops.AcceptFriend(request_id=request_id))
    await stage.do(ana, ops.AcceptFriend(request_id=request_id), refused=True)
    await stage.ask_to_be_friends(ana, afar, refused=True)
    await stage.settle()
    await stage.update_profile(ana, about="has a friend afar")
    await stage.change_username(afar)


@scenario(
    "friends/remove",
    covers=["FRIEND-4", "FRIEND-5", "SCOPE-6", "SCOPE-7", "DELIV-1", "DELIV-10"],
    features=_FEATURES,
    needs=Needs(operations=8, settles=3),
)
async def removing_ends_it_for_both(stage: Stage) -> None:
    """Who removes a friend is removed alike, doing so again is silent, and profiles are not told any more."""
    room = await stage.workspace()
    _, ana, *_ = await stage.cast(room)
    afar = await stage.stranger()
    await stage.stranger()
    await stage.befriend(ana, afar)
    await stage.settle()
    await stage.do(afar, ops.RemoveFriend(user_id=ana.user_id))
    await stage.do(ana, ops.RemoveFriend(user_id=afar.user_id))
    await stage.do(ana, ops.RemoveFriend(user_id=ana.user_id), refused=True)
    await stage.settle()
    await stage.update_profile(ana, about="has lost a friend")
    await stage.befriend(afar, ana)
