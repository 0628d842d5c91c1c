from sync_check.conformance.contract.events import EVENTS, Event

EVENTS_PACKAGE = "sync_check.conformance.contract.events"


def test_the_catalogue_leaves_no_event_out() -> None:
    def named(base: type[Event]) -> set[type[Event]]:
        # Seeded defects of the reference server make up events of their own.
        ours = (one for one in base.__subclasses__() if one.__module__.startswith(EVENTS_PACKAGE))
        found = {one for one in ours if "name" in vars(one)}
        for one in base.__subclasses__():
            found |= named(one)
        return found

    assert set(EVENTS.values()) == named(Event)
