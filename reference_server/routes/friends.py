"""Friend requests and friendships (contract 2.3, feature `friends`)."""

from fastapi import Response

from sync_check.conformance.contract import shapes
from sync_check.conformance.contract.events import (
    FriendRemove,
    FriendRequestCreate,
    FriendRequestDelete,
    FriendRequestUpdate,
)
from sync_check.conformance.contract.shapes import (
    Accepted,
    CreatedFriendRequest,
    Friend,
    FriendList,
    FriendRequestList,
)
from sync_check.conformance.contract.values import ULID_PATTERN
from sync_check.reference_server.errors import InvalidRequest, NotFound
from sync_check.reference_server.routes.caller import Caller, ThisCaller, well_formed
from sync_check.reference_server.routes.strict import Body, strict_router
from sync_check.reference_server.store import FriendRequest, User
from sync_check.reference_server.text import Text

router = strict_router()


class NewRequest(Body):
    recipient_user_id: Text


@router.get("/friends")
async def list_friends(caller: ThisCaller) -> FriendList:
    users = caller.backend.store.users
    return FriendList(
        friends=[
            Friend(user_id=user_id, username=users[user_id].username, created_at_unix=since)
            for user_id, since in reversed(caller.user.friends.items())
        ]
    )


@router.get("/friends/requests")
async def list_requests(caller: ThisCaller) -> FriendRequestList:
    pending = list(reversed(caller.backend.store.friend_requests.values()))
    return FriendRequestList(
        incoming=[_shape(caller, one) for one in pending if one.recipient_id == caller.user_id],
        outgoing=[_shape(caller, one) for one in pending if one.sender_id == caller.user_id],
    )


@router.post("/friends/requests")
async def request_friend(body: NewRequest, caller: ThisCaller) -> CreatedFriendRequest:
    backend = caller.backend
    recipient_id = body.recipient_user_id
    if not ULID_PATTERN.fullmatch(recipient_id) or not _may_be_asked(caller, recipient_id):
        raise InvalidRequest
    made = FriendRequest(
        request_id=backend.ids.friend_request(),
        sender_id=caller.user_id,
        recipient_id=recipient_id,
        created_at_unix=backend.clock.unix(),
    )
    backend.store.friend_requests[made.request_id] = made
    event = FriendRequestCreate(**dict(_shape(caller, made)))
    backend.fanout.to_users(event, user_ids=(caller.user_id, recipient_id), cause=caller.user_id)
    return CreatedFriendRequest(
        request_id=made.request_id,
        sender_user_id=made.sender_id,
        recipient_user_id=made.recipient_id,
        created_at_unix=made.created_at_unix,
    )


@router.post("/friends/requests/{request_id}/accept")
async def accept_request(request_id: str, caller: ThisCaller) -> Accepted:
    """Make sender and recipient friends (FRIEND-3); only the recipient can (FRIEND-2)."""
    store = caller.backend.store
    pending = store.friend_requests.get(request_id)
    if pending is None or pending.recipient_id != caller.user_id:
        raise NotFound
    del store.friend_requests[request_id]
    now = caller.backend.clock.unix()
    sender, recipient = store.users[pending.sender_id], caller.user
    sender.friends[recipient.user_id] = recipient.friends[sender.user_id] = now
    for user, friend in ((sender, recipient), (recipient, sender)):
        event = FriendRequestUpdate(
            request_id=request_id,
            state="accepted",
            user_id=user.user_id,
            friend_user_id=friend.user_id,
            friend_username=friend.username,
            friendship_created_at_unix=now,
            updated_at_unix=now,
            actor_user_id=caller.user_id,
        )
        caller.backend.fanout.to_users(event, user_ids=(user.user_id,), cause=caller.user_id)
    return Accepted(accepted=True)


@router.delete("/friends/requests/{request_id}", status_code=204)
async def delete_request(request_id: str, caller: ThisCaller) -> Response:
    """Cancel or decline a request (FRIEND-2)."""
    backend = caller.backend
    pending = backend.store.friend_requests.get(request_id)
    if pending is None or caller.user_id not in (pending.sender_id, pending.recipient_id):
        raise NotFound
    del backend.store.friend_requests[request_id]
    event = FriendRequestDelete(
        request_id=request_id, deleted_at_unix=backend.clock.unix(), actor_user_id=caller.user_id
    )
    both = (pending.sender_id, pending.recipient_id)
    backend.fanout.to_users(event, user_ids=both, cause=caller.user_id)
    return Response(status_code=204)


@router.delete("/friends/{user_id}", status_code=204)
async def remove_friend(user_id: str, caller: ThisCaller) -> Response:
    """End a friendship, if there is one (FRIEND-5)."""
    if well_formed(user_id) == caller.user_id:
        raise InvalidRequest
    if user_id in caller.user.friends:
        _part(caller, caller.backend.store.users[user_id])
    return Response(status_code=204)


def _part(caller: Caller, former: User) -> None:
    del caller.user.friends[former.user_id], former.friends[caller.user_id]
    for user_id, friend_id in ((caller.user_id, former.user_id), (former.user_id, caller.user_id)):
        event = FriendRemove(
            user_id=user_id,
            friend_user_id=friend_id,
            removed_at_unix=caller.backend.clock.unix(),
            actor_user_id=caller.user_id,
        )
        caller.backend.fanout.to_users(event, user_ids=(user_id,), cause=caller.user_id)


def _may_be_asked(caller: Caller, recipient_id: str) -> bool:
    """Whether a request to this user is possible (FRIEND-1)."""
    store = caller.backend.store
    if recipient_id == caller.user_id or recipient_id not in store.users:
        return False
    both = {caller.user_id, recipient_id}
    is_pending = any({one.sender_id, one.recipient_id} == both for one in store.friend_requests.values())
    return recipient_id not in caller.user.friends and not is_pending


def _shape(caller: Caller, request: FriendRequest) -> shapes.FriendRequest:
    users = caller.backend.store.users
    return shapes.FriendRequest(
        request_id=request.request_id,
        sender_user_id=request.sender_id,
        sender_username=users[request.sender_id].username,
        recipient_user_id=request.recipient_id,
        recipient_username=users[request.recipient_id].username,
        created_at_unix=request.created_at_unix,
    )
