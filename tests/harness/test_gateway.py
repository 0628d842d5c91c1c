"""The gateway connection without I/O, against the library's server side and against hand-made bytes."""

import logging
import struct

import pytest
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from sync_check.conformance.history import EndOfConnection
from sync_check.harness.errors import HandshakeFailed, TargetUnavailable, UpgradeRefused
from sync_check.harness.gateway import (
    MOST_FRAMES_BETWEEN,
    DefiantGateway,
    End,
    GatewayAddress,
    GatewayConnection,
    Phase,
    Received,
    Upgrade,
)
from sync_check.harness.randomness import Randomness

ADDRESS = GatewayAddress.of("http://target.test:8080/api")
TOKEN = "access-token-of-ana"


def _connection(max_frame: int = 1000) -> GatewayConnection:
    return GatewayConnection(ADDRESS, Upgrade(token=TOKEN, request_id="r-1"), max_frame=max_frame)


def _open(
    max_frame: int = 1000, connection: GatewayConnection | None = None
) -> tuple[GatewayConnection, ServerProtocol]:
    connection, server = connection or _connection(max_frame), ServerProtocol()
    server.receive_data(b"".join(connection.data_to_send()))
    request = server.events_received()[0]
    assert isinstance(request, Request)
    server.send_response(server.accept(request))
    assert connection.receive_data(b"".join(server.data_to_send())) == []
    assert connection.phase is Phase.OPEN
    return connection, server


def _frame(opcode: int, data: bytes, *, fin: bool = True) -> bytes:
    """A server's frame of up to 64 KiB, as it is on the wire."""
    head = (0x80 if fin else 0) | opcode
    if len(data) < 126:
        return bytes((head, len(data))) + data
    return struct.pack("!BBH", head, 126, len(data)) + data


def _receive(connection: GatewayConnection, server: ServerProtocol) -> list[Received]:
    return list(connection.receive_data(b"".join(server.data_to_send())))


def _end(connection: GatewayConnection) -> End | None:
    return connection.end


class TestAddress:
    @pytest.mark.parametrize(
        ("base_url", "expected"),
        [
            ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/gateway/ws"),
            ("https://chat.test", "wss://chat.test:443/gateway/ws"),
            ("http://chat.test/api/v1/", "ws://chat.test:80/api/v1/gateway/ws"),
            ("http://[::1]:9/a%20b", "ws://[::1]:9/a%20b/gateway/ws"),
            ("http://chat.test/tëam", "ws://chat.test:80/t%C3%ABam/gateway/ws"),
        ],
    )
    def test_lies_below_the_rest_base_url(self, base_url: str, expected: str) -> None:
        assert str(GatewayAddress.of(base_url)) == expected

    @pytest.mark.parametrize(
        "base_url", ["", "chat.test", "ftp://chat.test", "http://", "http://chat.test:port", "http://[::1"]
    )
    def test_refuses_what_is_no_http_url(self, base_url: str) -> None:
        with pytest.raises(TargetUnavailable, match="this is no"):
            GatewayAddress.of(base_url)

    def test_refuses_credentials_without_repeating_them(self) -> None:
        with pytest.raises(TargetUnavailable, match="user info") as raised:
            GatewayAddress.of("http://ana:hunter2@chat.test?token=hunter2")
        assert "hunter2" not in str(raised.value)


class TestUpgrade:
    def test_request_carries_token_request_id_and_headers_once(self) -> None:
        upgrade = Upgrade(token=TOKEN, request_id="r-1", headers=(("x-forwarded-for", "192.0.2.7"),))
        request = b"".join(GatewayConnection(ADDRESS, upgrade).data_to_send()).decode()
        assert request.startswith("GET /api/gateway/ws HTTP/1.1\r\n")
        assert request.count(f"Authorization: Bearer {TOKEN}\r\n") == 1
        assert "x-request-id: r-1\r\n" in request
        assert "x-forwarded-for: 192.0.2.7\r\n" in request
        assert "Extensions" not in request

    def test_token_goes_into_the_query_on_demand(self) -> None:
        upgrade = Upgrade(token="a b&c", request_id="r-1", token_in_query=True)
        request = b"".join(GatewayConnection(ADDRESS, upgrade).data_to_send()).decode()
        assert request.startswith("GET /api/gateway/ws?access_token=a+b%26c HTTP/1.1\r\n")
        assert "Authorization" not in request

    def test_no_token_sends_none(self) -> None:
        connection = GatewayConnection(ADDRESS, Upgrade(token=None, request_id="r-1", token_in_query=True))
        assert b"ccess_token" not in b"".join(connection.data_to_send())

    @pytest.mark.parametrize("token", ["two\r\nlines: x", "\ud800", "snow\u2603man"])
    def test_unsendable_token_is_refused_without_repeating_it(self, token: str) -> None:
        with pytest.raises(HandshakeFailed) as raised:
            GatewayConnection(ADDRESS, Upgrade(token=token, request_id="r-1"))
        assert token not in str(raised.value)
        assert raised.value.__cause__ is None

    def test_other_status_is_a_refusal_with_its_body(self) -> None:
        connection = _connection()
        body = b'{"error":"invalid_credentials"}'
        head = f"HTTP/1.1 401 Unauthorized\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        connection.receive_data(head + body)
        assert connection.phase is Phase.REFUSED
        assert isinstance(connection.failure, UpgradeRefused)
        assert (connection.failure.status, connection.failure.body) == (401, body.decode())

    def test_of_a_refusals_headers_those_are_kept_that_may_tell_something(self) -> None:
        connection = _connection()
        fields = ("Content-Length: 0", "X-Request-Id: r-1", "X-News: a", "x-news: b", "ETag: 192.0.2.1")
        connection.receive_data("\r\n".join(("HTTP/1.1 401 No", *fields, "", "")).encode())
        assert isinstance(connection.failure, UpgradeRefused)
        assert connection.failure.headers == {"x-news": "a, b", "etag": "192.0.2.1"}

    @pytest.mark.parametrize(
        ("name", "value", "told"),
        [
            ("Server", "a/1", None),
            ("Set-Cookie", "a=b", {"set-cookie": "a=b"}),
            ("Server", "a/1 7f3a9c2b4d5e6f70", {"server": "a/1 7f3a9c2b4d5e6f70"}),
        ],
    )
    def test_of_the_headers_that_accept_an_upgrade_too(
        self, name: str, value: str, told: dict[str, str] | None
    ) -> None:
        connection, server = _connection(), ServerProtocol()
        server.receive_data(b"".join(connection.data_to_send()))
        request = server.events_received()[0]
        assert isinstance(request, Request)
        answer = server.accept(request)
        answer.headers[name] = value
        server.send_response(answer)
        assert _receive(connection, server) == []
        assert (connection.phase, connection.headers) == (Phase.OPEN, told)

    def test_refusal_does_not_print_the_body(self) -> None:
        connection = _connection()
        connection.receive_data(f"HTTP/1.1 403 No\r\nContent-Length: {len(TOKEN)}\r\n\r\n{TOKEN}".encode())
        assert TOKEN not in str(connection.failure)
        assert "403" in str(connection.failure)

    @pytest.mark.parametrize(
        "answer",
        [
            b"<html>hello</html>\r\n",
            b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
            b"\x00\x01\x02\x03\r\n\r\n",
            b"HTTP/1.0 101 Switching Protocols\r\n\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
            b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: n\r\n\r\n",
            b"HTTP/1.1 101 X\r\nConnection: ,,;\r\nUpgrade: \xff\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            b"HTTP/1.1 101 X\r\n" + b"a: b\r\n" * 500 + b"\r\n",
            b"HTTP/1.1 101 X\r\nlong: " + b"x" * 20000 + b"\r\n\r\n",
        ],
    )
    def test_nonsense_is_a_failed_handshake(self, answer: bytes) -> None:
        connection = _connection()
        connection.receive_data(answer)
        assert connection.phase is Phase.REFUSED
        assert isinstance(connection.failure, HandshakeFailed)
        assert "ws://target.test:8080/api/gateway/ws" in str(connection.failure)
        assert connection.end is None
        # Whatever follows is swallowed.
        assert connection.receive_data(b"more") == []
        assert connection.receive_eof() == []

    def test_an_extension_nobody_offered_is_a_failed_handshake(self) -> None:
        connection, server = _connection(), ServerProtocol()
        server.receive_data(b"".join(connection.data_to_send()))
        request = server.events_received()[0]
        assert isinstance(request, Request)
        response = server.accept(request)
        response.headers["Sec-WebSocket-Extensions"] = "permessage-deflate"
        server.send_response(response)
        connection.receive_data(b"".join(server.data_to_send()))
        assert isinstance(connection.failure, HandshakeFailed)

    def test_end_of_stream_instead_of_an_answer(self) -> None:
        connection = _connection()
        connection.receive_data(b"HTTP/1.1 101 Swit")
        connection.receive_eof()
        assert isinstance(connection.failure, HandshakeFailed)

    def test_nothing_of_the_token_is_logged_at_level_debug(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            connection = _connection()
            connection.data_to_send()
            connection.receive_data(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
        assert connection.phase is Phase.REFUSED
        assert caplog.text == ""


class TestFrames:
    def test_text_and_binary_arrive_in_order(self) -> None:
        connection, server = _open()
        server.send_text("grün".encode())
        server.send_binary(b"\xff\x00")
        server.send_text(b"")
        assert _receive(connection, server) == [("grün", False), (b"\xff\x00", True), ("", False)]

    def test_frames_behind_the_upgrade_in_one_segment(self) -> None:
        connection, server = _connection(), ServerProtocol()
        server.receive_data(b"".join(connection.data_to_send()))
        request = server.events_received()[0]
        assert isinstance(request, Request)
        server.send_response(server.accept(request))
        server.send_text(b"ready")
        assert _receive(connection, server) == [("ready", False)]

    def test_every_split_of_the_bytes_gives_the_same_frames(self) -> None:
        _, server = _open()
        server.send_text("erstes ü".encode())
        server.send_ping(b"p")
        server.send_text(b"x" * 300)
        stream = b"".join(server.data_to_send())
        for size in (1, 2, 3, 7):
            connection, _ = _open()
            received: list[Received] = []
            for start in range(0, len(stream), size):
                received += connection.receive_data(stream[start : start + size])
            assert received == [("erstes ü", False), ("x" * 300, False)]

    def test_fragments_are_put_together_even_inside_a_character_and_around_a_ping(self) -> None:
        connection, _ = _open()
        raw = "aü€".encode()
        first = connection.receive_data(_frame(Opcode.TEXT, raw[:2], fin=False))
        ping = connection.receive_data(_frame(Opcode.PING, b"now"))
        second = connection.receive_data(_frame(Opcode.CONT, raw[2:4], fin=False))
        last = connection.receive_data(_frame(Opcode.CONT, raw[4:]))
        assert (first, ping, second, last) == ([], [], [], [("aü€", False)])

    def test_fragments_of_a_binary_message(self) -> None:
        connection, _ = _open()
        stream = _frame(Opcode.BINARY, b"\xff", fin=False) + _frame(Opcode.CONT, b"\xfe")
        assert connection.receive_data(stream) == [(b"\xff\xfe", True)]

    def test_a_ping_is_answered(self) -> None:
        connection, server = _open()
        server.send_ping(b"are you there")
        assert _receive(connection, server) == []
        server.receive_data(b"".join(connection.data_to_send()))
        pong = server.events_received()[0]
        assert (pong.opcode, pong.data) == (Opcode.PONG, b"are you there")  # type: ignore[union-attr]

    def test_each_ping_has_a_pong_behind_it_and_the_last_is_waited_for(self) -> None:
        connection, server = _open()
        connection.ping([b"1", b"2"])
        server.receive_data(b"".join(connection.data_to_send()))
        sent = [(one.opcode, bytes(one.data)) for one in server.events_received() if isinstance(one, Frame)]
        pong = (Opcode.PONG, b"")
        assert sent == [(Opcode.PING, b"1"), pong, (Opcode.PING, b"2"), pong]
        awaited = []
        for payload in (b"1", b"", b"2", b"2"):
            assert connection.receive_data(_frame(Opcode.PONG, payload)) == []
            awaited.append(connection.awaits_pong)
        assert (awaited, connection.pongs) == ([True, True, False, False], 4)

    def test_answers_to_many_pings_are_no_flood(self) -> None:
        connection, _ = _open()
        pings = MOST_FRAMES_BETWEEN + 1
        connection.ping([b""] * pings)
        connection.receive_data(_frame(Opcode.PONG, b"") * pings)
        assert (connection.phase, connection.pongs) == (Phase.OPEN, pings)
        connection.receive_data(_frame(Opcode.PONG, b"") * (MOST_FRAMES_BETWEEN + 1))
        assert connection.phase is Phase.FAILED

    def test_nothing_is_pinged_after_the_end(self) -> None:
        connection, _ = _open()
        connection.close()
        connection.data_to_send()
        connection.ping([b"1"])
        assert (connection.data_to_send(), connection.awaits_pong) == ([], False)

    def test_what_is_sent_arrives(self) -> None:
        connection, server = _open()
        assert connection.send_text('{"t":"grün"}')
        server.receive_data(b"".join(connection.data_to_send()))
        assert server.events_received()[0].data == '{"t":"grün"}'.encode()  # type: ignore[union-attr]


class TestEnds:
    def test_close_by_the_target_is_answered_and_told(self) -> None:
        connection, server = _open()
        server.send_text(b"last")
        server.send_close(1008, "slow_consumer")
        assert _receive(connection, server) == [("last", False)]
        assert connection.end is not None
        assert connection.end.how is EndOfConnection.CLOSED_BY_TARGET
        assert (connection.end.code, connection.end.reason) == (1008, "slow_consumer")
        server.receive_data(b"".join(connection.data_to_send()))
        assert server.close_rcvd is not None
        assert not connection.send_text("too late")

    def test_close_frame_without_a_code(self) -> None:
        connection, _ = _open()
        connection.receive_data(_frame(Opcode.CLOSE, b""))
        assert connection.end is not None
        assert (connection.end.how, connection.end.code) == (EndOfConnection.CLOSED_BY_TARGET, None)

    def test_our_close_waits_for_the_answer_and_still_receives(self) -> None:
        connection, server = _open()
        connection.close()
        assert connection.phase is Phase.CLOSING
        server.send_text(b"in flight")
        assert _receive(connection, server) == [("in flight", False)]
        assert _end(connection) is None
        server.receive_data(b"".join(connection.data_to_send()))
        _receive(connection, server)
        assert _end(connection) == End(how=EndOfConnection.CLOSED_BY_US, code=1000)

    def test_stream_ends_after_our_close_without_an_answer(self) -> None:
        connection, _ = _open()
        connection.close()
        connection.receive_eof()
        assert connection.end is not None
        assert (connection.end.how, connection.end.code) == (EndOfConnection.CLOSED_BY_US, None)

    @pytest.mark.parametrize("cut", [1, 3, 20])
    def test_half_a_frame_and_then_nothing(self, cut: int) -> None:
        connection, _ = _open()
        assert connection.receive_data(_frame(Opcode.TEXT, b"x" * 30)[:cut]) == []
        connection.receive_eof()
        assert connection.end is not None
        assert (connection.end.how, connection.end.code) == (EndOfConnection.DROPPED, None)
        connection.receive_eof()
        assert connection.phase is Phase.DROPPED

    def test_text_that_is_not_utf8_is_handed_over_and_ends_it(self) -> None:
        connection, _ = _open()
        stream = _frame(Opcode.TEXT, b"ok") + _frame(Opcode.TEXT, b"\xff{}") + _frame(Opcode.TEXT, b"after")
        assert connection.receive_data(stream) == [("ok", False), (b"\xff{}", False)]
        assert connection.end is not None
        assert (connection.end.how, connection.end.code) == (EndOfConnection.CLOSED_BY_US, 1007)
        assert "broke the protocol" in str(connection.end.reason)
        assert connection.receive_data(_frame(Opcode.TEXT, b"later")) == []

    @pytest.mark.parametrize(
        ("stream", "code"),
        [
            (b"\xc1\x01x", 1002),  # a reserved bit
            (b"\x83\x01x", 1002),  # an unknown opcode
            (b"\x81\x81abcdx", 1002),  # a masked frame
            (_frame(Opcode.CONT, b"x"), 1002),
            (_frame(Opcode.TEXT, b"x", fin=False) + _frame(Opcode.TEXT, b"y"), 1002),
            (_frame(Opcode.PING, b"x" * 126), 1002),
            (_frame(Opcode.CLOSE, b"\x03"), 1002),
            (_frame(Opcode.CLOSE, struct.pack("!H", 999)), 1002),
            (_frame(Opcode.CLOSE, struct.pack("!H", 1000) + b"\xff"), 1007),
            (_frame(Opcode.TEXT, b"x" * 1001), 1009),
            (_frame(Opcode.TEXT, b"x" * 600, fin=False) + _frame(Opcode.CONT, b"x" * 600), 1009),
            (b"\x81\x7f" + struct.pack("!Q", 1 << 62), 1009),
        ],
    )
    def test_protocol_violation_ends_it_from_our_side(self, stream: bytes, code: int) -> None:
        connection, _ = _open()
        connection.receive_data(stream)
        assert connection.phase is Phase.FAILED
        assert connection.end is not None
        assert (connection.end.how, connection.end.code) == (EndOfConnection.CLOSED_BY_US, code)
        assert connection.data_to_send() != []

    def test_violation_while_we_are_closing_keeps_its_own_code(self) -> None:
        connection, _ = _open()
        connection.close()
        connection.receive_data(b"\xc1\x01x")
        assert connection.end is not None
        assert connection.end.code == 1002

    @pytest.mark.parametrize(
        ("begin", "more"),
        [
            (b"", _frame(Opcode.PING, b"")),
            (b"", _frame(Opcode.PONG, b"x")),
            (_frame(Opcode.TEXT, b"", fin=False), _frame(Opcode.CONT, b"", fin=False)),
        ],
    )
    def test_a_flood_of_frames_that_are_no_message_ends_it(self, begin: bytes, more: bytes) -> None:
        connection, _ = _open()
        connection.receive_data(begin + more * (MOST_FRAMES_BETWEEN - 1))
        assert _end(connection) is None
        connection.receive_data(more * 2)
        ended = _end(connection)
        assert ended is not None
        assert ended.code == 1002
        assert "in a row without a message" in (ended.reason or "")
        assert connection.receive_data(more) == []

    def test_a_message_between_them_makes_it_no_flood(self) -> None:
        connection, _ = _open()
        for _ in range(3):
            connection.receive_data(_frame(Opcode.PING, b"") * (MOST_FRAMES_BETWEEN - 1))
            assert connection.receive_data(_frame(Opcode.TEXT, b"x")) == [("x", False)]
        assert connection.end is None

    def test_empty_fragments_take_no_room_and_change_nothing(self) -> None:
        connection, _ = _open()
        empty = _frame(Opcode.CONT, b"", fin=False)
        connection.receive_data(_frame(Opcode.TEXT, b"", fin=False) + empty * 100)
        assert len(connection._parts) == 1
        stream = _frame(Opcode.CONT, b"a", fin=False) + empty + _frame(Opcode.CONT, b"b")
        assert connection.receive_data(stream) == [("ab", False)]

    def test_an_abort_can_say_why(self) -> None:
        connection, _ = _open()
        connection.abort("a flood")
        assert connection.end == End(how=EndOfConnection.CLOSED_BY_US, reason="a flood")

    def test_abort_ends_it_at_once_and_only_once(self) -> None:
        connection, server = _open()
        connection.abort()
        ended = connection.end
        assert ended is not None
        assert ended.how is EndOfConnection.CLOSED_BY_US
        server.send_close(1001)
        _receive(connection, server)
        connection.receive_eof()
        connection.close()
        assert connection.end is ended


@pytest.mark.parametrize("seed", range(20))
def test_however_the_bytes_are_cut_the_messages_are_the_same(seed: int) -> None:
    texts = [("x" * size, False) for size in (0, 1, 125, 126, 127, 600)]
    stream = b"".join(_frame(Opcode.TEXT, text.encode()) for text, _ in texts)
    stream += _frame(Opcode.PING, b"p") + _frame(Opcode.BINARY, b"\x00\xff")
    stream += _frame(Opcode.TEXT, b"in ", fin=False) + _frame(Opcode.PING, b"q")
    stream += _frame(Opcode.CONT, b"parts") + _frame(Opcode.TEXT, b"last")
    random = Randomness(seed).stream("cuts")
    connection, _ = _open()
    received: list[Received] = []
    sent: list[bytes] = []
    while stream:
        cut = random.randint(1, 400 if seed % 2 else 9)
        received += connection.receive_data(stream[:cut])
        sent += connection.data_to_send()
        stream = stream[cut:]
    assert received == [*texts, (b"\x00\xff", True), ("in parts", False), ("last", False)]
    assert len(sent) == 2  # pongs
    assert connection.phase is Phase.OPEN


def test_frames_behind_the_upgrade_in_the_same_segment_are_not_lost() -> None:
    connection, server = _connection(), ServerProtocol()
    server.receive_data(b"".join(connection.data_to_send()))
    request = server.events_received()[0]
    assert isinstance(request, Request)
    server.send_response(server.accept(request))
    answer = b"".join(server.data_to_send()) + _frame(Opcode.TEXT, b"first") + _frame(Opcode.TEXT, b"second")
    assert connection.receive_data(answer[:-3]) == [("first", False)]
    assert connection.receive_data(answer[-3:]) == [("second", False)]


class TestDefiance:
    """Whoever takes no notice of a Close frame."""

    @staticmethod
    def _told(close: bytes) -> GatewayConnection:
        connection, _ = _open(connection=DefiantGateway(ADDRESS, Upgrade(token=TOKEN, request_id="r-1")))
        assert connection.receive_data(_frame(Opcode.TEXT, b"{}") + _frame(Opcode.CLOSE, close)) == [
            ("{}", False)
        ]
        assert connection.phase is Phase.TOLD
        return connection

    def test_answers_none_and_ends_with_the_stream(self) -> None:
        connection = self._told(b"\x03\xf0too bad")
        assert connection.end is None
        assert connection.data_to_send() == []
        assert connection.receive_data(_frame(Opcode.PING, b"still there")) == []
        assert connection.data_to_send() == []
        connection.receive_eof()
        assert _end(connection) == End(how=EndOfConnection.CLOSED_BY_TARGET, code=1008, reason="too bad")

    def test_is_told_without_a_code(self) -> None:
        connection = self._told(b"")
        connection.receive_eof()
        assert _end(connection) == End(how=EndOfConnection.CLOSED_BY_TARGET)

    def test_is_not_told_anything_more(self) -> None:
        connection = self._told(b"\x03\xf0")
        assert connection.receive_data(_frame(Opcode.TEXT, b"{}")) == []
        end = _end(connection)
        assert end is not None
        assert (end.how, end.code) == (EndOfConnection.CLOSED_BY_US, 1002)
        assert end.reason == "the target broke the protocol: a message behind its Close frame"

    def test_gives_up_by_itself(self) -> None:
        connection = self._told(b"\x03\xf0")
        connection.abort("enough")
        assert _end(connection) == End(how=EndOfConnection.CLOSED_BY_US, reason="enough")
