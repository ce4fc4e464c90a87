"""Who sends and who decides, and how exports are approved."""

from __future__ import annotations

import attrs

from procore_spectrum.plan.approvals import Role

__all__ = ["ApprovalSettings", "Person"]


@attrs.frozen(kw_only=True)
class Person:
    """Somebody who sends or decides."""

    name: str
    roles: frozenset[Role] = frozenset({Role.SENDER, Role.APPROVER})


@attrs.frozen(kw_only=True)
class ApprovalSettings:
    """How exports are approved.

    Args:
        four_eyes: whether the sender of an export may not accept it.
        automatic: features whose exports are accepted without a person, as long as every field
            that is asked for has a proposal that can be used. The setting is the recorded
            decision.
        confirm_unread: whether the acceptance of a document needs a reason where Spectrum cannot be
            read, so that a record of the same number would be changed; such a document is not
            accepted automatically then.
        senders: names of those who may send and retrieve; empty: everybody.
        approvers: names of those who may accept, reject, retry and unlink; empty: everybody.
    """

    four_eyes: bool = False
    automatic: tuple[str, ...] = ()
    confirm_unread: bool = False
    senders: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()

    def roles_of(self, name: str) -> frozenset[Role]:
        """What somebody of that name may do."""
        asked = ((Role.SENDER, self.senders), (Role.APPROVER, self.approvers))
        return frozenset(role for role, names in asked if not names or name in names)
