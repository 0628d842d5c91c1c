"""How bytes reach a target: real sockets here."""
