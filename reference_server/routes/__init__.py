"""REST routes, one module for each family of endpoints (contract 2.3 to 2.5).

Handlers are coroutines that never wait: what they store and what they announce happens in one step of the
event loop, in the order store, event, response (DELIV-3).
"""
