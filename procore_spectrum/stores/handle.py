"""What all stores share: the handle of one company."""

from __future__ import annotations

import copy
from types import TracebackType
from typing import Self

from procore_spectrum.errors import StoreError
from procore_spectrum.ports import CompanyKey
from procore_spectrum.stores.codec import company_to_row

__all__ = ["CompanyHandle"]


class CompanyHandle:
    """A store as it is opened (of no company) or one company's handle of it.

    Handles share the store's data and connections; they own nothing, so closing one leaves
    the store open.
    """

    _company: CompanyKey | None = None

    def for_company(self, company: CompanyKey) -> Self:
        """The handle of one company. Its data is out of reach of every other handle.

        Raises:
            StoreError: this is the handle of another company.
            InvalidValueError: the company's keys are not text.
        """
        company_to_row(company)
        if self._company not in {None, company}:
            raise StoreError(
                "the handle of one company does not lead to another",
                path=str(self._company),
                hint="ask the store itself for the other company",
            )
        handle = copy.copy(self)
        handle._company = company
        return handle

    @property
    def company(self) -> CompanyKey:
        """The company that this handle belongs to.

        Raises:
            StoreError: it belongs to none.
        """
        if self._company is None:
            raise StoreError(
                "a store keeps each company's data apart",
                hint="call for_company() first and use the handle that it returns",
            )
        return self._company

    def close(self) -> None:
        """Release files and connections. Closing twice, or a company's handle, does nothing."""
        if self._company is None:
            self._close()

    def _close(self) -> None:
        """Release what the store itself holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
