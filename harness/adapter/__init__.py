"""The edge of the harness: where a target's own names become the contract's, both ways."""
