"""The second factor that is asked for anew where money leaves the platform."""

from uuid import UUID


def is_stepped_up(user_id: UUID) -> bool:  # noqa: ARG001  # nobody has a second factor yet
    """Whether this person has just shown a second factor, or has none to show.

    Accounts have no second factors yet, so everybody is admitted. All that asks for one asks here.
    """
    return True
