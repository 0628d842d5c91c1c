"""Faults of the network between simulated clients and the target, made by a proxy of ours in this process.

The words are those of toxiproxy: a toxic is put on one direction of one connection, and taken off again. The
proxy lies between a client's protocol and the connection that the event loop made to the target, on sockets
and in virtual time alike: it opens no port, nobody else can use it, and TLS ends behind it, so that it sees
frames. Like toxiproxy it holds bytes back and ends connections, but never loses or changes a byte of a
connection that goes on.
"""
