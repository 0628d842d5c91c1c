"""The executable specification: what an operation changes, what each user may see, who must hear of it.

It computes access on its own, never with the reference server's code: a fault would have to be made twice.
"""
