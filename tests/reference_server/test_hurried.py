import asyncio

from tests.reference_server.hurried import hurry, pass_by
from tests.reference_server.running import running


def test_an_hour_passes_at_once_and_is_measured_exactly() -> None:
    async def main() -> None:  # a test that waits is ended long before
        loop = asyncio.get_running_loop()
        began = loop.time()
        await pass_by(3600)
        assert loop.time() - began == 3600

    hurry(main())


def test_timers_keep_their_order() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        fired: list[tuple[int, float]] = []

        def fire(due: int) -> None:
            fired.append((due, loop.time()))

        for due in (3, 1, 2):
            loop.call_later(due, fire, due)
        await pass_by(4)
        assert fired == [(1, 1), (2, 2), (3, 3)]

    hurry(main())


def test_no_time_passes_while_anything_is_on_its_way() -> None:
    async def main() -> None:
        async with running() as server:
            ana, ben = server.person("ana"), server.person("ben")
            room = server.room(ana, ben)
            watcher = await ben.connect(room)
            for number in range(20):
                await ana.say(room, str(number))
            assert len(await watcher.until_now()) == 20
            assert asyncio.get_running_loop().time() == 0

    hurry(main())
