from sync_check.conformance.contract.events import EVENTS, Event


def test_the_catalogue_leaves_no_event_out() -> None:
    def named(base: type[Event]) -> set[type[Event]]:
        found = {one for one in base.__subclasses__() if "name" in vars(one)}
        for one in base.__subclasses__():
            found |= named(one)
        return found

    assert set(EVENTS.values()) == named(Event)
