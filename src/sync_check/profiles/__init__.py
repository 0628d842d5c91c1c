"""The profile of a target (contract 0.3): what its owner declares of it, and how it is reached.

Unsupported is what the profile declares absent; it is never inferred from a failure.
"""

from sync_check.profiles.layers import Layered, layered
from sync_check.profiles.model import Profile
from sync_check.profiles.problems import BadProfile
from sync_check.profiles.reading import read_profile

__all__ = ["BadProfile", "Layered", "Profile", "layered", "read_profile"]
