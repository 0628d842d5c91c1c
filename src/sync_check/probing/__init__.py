"""Probing a server: what it has and which limits are in force, seen from outside and without damage.

Everything happens in a workspace of the probe's own, between accounts of its own. What could not be seen is
said, and is never taken for absent.
"""

from sync_check.probing.survey import Survey, survey
from sync_check.probing.writing import profile_text

__all__ = ["Survey", "profile_text", "survey"]
