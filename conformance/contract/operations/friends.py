"""Friend requests and friendships (contract 2.3)."""

from sync_check.conformance.contract import events, shapes
from sync_check.conformance.contract.features import Feature
from sync_check.conformance.contract.operations.operation import Authority, Operation, Sending


class ListFriends(Operation):
    name = "list_friends"
    method = "GET"
    path = "/friends"
    result = shapes.FriendList
    authority = Authority.ANY_USER
    feature = Feature.FRIENDS


class ListFriendRequests(Operation):
    name = "list_friend_requests"
    method = "GET"
    path = "/friends/requests"
    result = shapes.FriendRequestList
    authority = Authority.ANY_USER
    feature = Feature.FRIENDS


class RequestFriend(Operation):
    name = "request_friend"
    method = "POST"
    path = "/friends/requests"
    sending = Sending.JSON
    result = shapes.CreatedFriendRequest
    authority = Authority.ANY_USER
    feature = Feature.FRIENDS
    causes = (events.FriendRequestCreate,)
    recipient_user_id: str


class AcceptFriend(Operation):
    name = "accept_friend"
    method = "POST"
    path = "/friends/requests/{request_id}/accept"
    result = shapes.Accepted
    authority = Authority.RECIPIENT
    feature = Feature.FRIENDS
    causes = (events.FriendRequestUpdate,)
    request_id: str


class DeleteFriendRequest(Operation):
    name = "delete_friend_request"
    method = "DELETE"
    path = "/friends/requests/{request_id}"
    success = 204
    result = None
    authority = Authority.SENDER_OR_RECIPIENT
    feature = Feature.FRIENDS
    causes = (events.FriendRequestDelete,)
    request_id: str


class RemoveFriend(Operation):
    name = "remove_friend"
    method = "DELETE"
    path = "/friends/{user_id}"
    success = 204
    result = None
    authority = Authority.ANY_USER
    feature = Feature.FRIENDS
    causes = (events.FriendRemove,)
    user_id: str
