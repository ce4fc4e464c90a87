"""Identifiers of both systems, each with its own type, so that they cannot be mixed up.

Procore's ids are integers that can exceed 32 bits; version 2 resources spell them as text.
Spectrum's identifiers are short upper case codes that people choose.
"""

from __future__ import annotations

from typing import NewType

__all__ = [
    "BudgetLineItemId",
    "BudgetViewId",
    "BusinessRegisterId",
    "ChangeEventId",
    "ChangeOrderBatchId",
    "ChangeOrderPackageId",
    "ChangeOrderRequestId",
    "ChangeReasonId",
    "ChangeRequestNumber",
    "CommitmentId",
    "CompanyCode",
    "ContactId",
    "ContractLineId",
    "ContractNumber",
    "ContractPaymentId",
    "CostCenter",
    "CostCodeId",
    "CostType",
    "CustomerCode",
    "DepartmentId",
    "DirectCostId",
    "DivisionCode",
    "EmployeeCode",
    "EquipmentCode",
    "GlAccount",
    "ImageId",
    "InvoiceNumber",
    "ItemCode",
    "JobNumber",
    "LineItemTypeId",
    "LocationId",
    "MarkupId",
    "OfficeId",
    "PhaseCode",
    "PotentialChangeOrderId",
    "PrimeChangeOrderId",
    "PrimeContractId",
    "ProcoreCompanyId",
    "ProcoreUserId",
    "ProgramId",
    "ProjectBidTypeId",
    "ProjectId",
    "ProjectOwnerTypeId",
    "ProjectRegionId",
    "ProjectSectorId",
    "ProjectStageId",
    "ProjectTemplateId",
    "ProjectTypeId",
    "PurchaseOrderNumber",
    "StandardCostCodeId",
    "StandardCostCodeListId",
    "SubJobId",
    "SubcontractNumber",
    "TaxCodeId",
    "TradeId",
    "VendorCode",
    "VendorGroupId",
    "VendorId",
    "WbsCodeId",
    "WbsPatternId",
    "WbsSegmentId",
    "WbsSegmentItemId",
    "WorkOrderNumber",
]

# ---------------------------------------------------------------- Procore

ProcoreCompanyId = NewType("ProcoreCompanyId", int)
ProcoreUserId = NewType("ProcoreUserId", int)
OfficeId = NewType("OfficeId", int)
DepartmentId = NewType("DepartmentId", int)
ProgramId = NewType("ProgramId", int)
TradeId = NewType("TradeId", int)

VendorId = NewType("VendorId", int)
VendorGroupId = NewType("VendorGroupId", int)
ContactId = NewType("ContactId", int)
BusinessRegisterId = NewType("BusinessRegisterId", int)

ProjectId = NewType("ProjectId", int)
ProjectTemplateId = NewType("ProjectTemplateId", int)
ProjectBidTypeId = NewType("ProjectBidTypeId", int)
ProjectOwnerTypeId = NewType("ProjectOwnerTypeId", int)
ProjectRegionId = NewType("ProjectRegionId", int)
ProjectSectorId = NewType("ProjectSectorId", int)
ProjectStageId = NewType("ProjectStageId", int)
ProjectTypeId = NewType("ProjectTypeId", int)
ImageId = NewType("ImageId", int)
SubJobId = NewType("SubJobId", int)

StandardCostCodeListId = NewType("StandardCostCodeListId", int)
StandardCostCodeId = NewType("StandardCostCodeId", int)
CostCodeId = NewType("CostCodeId", int)
LineItemTypeId = NewType("LineItemTypeId", int)
WbsPatternId = NewType("WbsPatternId", int)
WbsSegmentId = NewType("WbsSegmentId", int)
WbsSegmentItemId = NewType("WbsSegmentItemId", int)
WbsCodeId = NewType("WbsCodeId", int)

CommitmentId = NewType("CommitmentId", int)
ContractLineId = NewType("ContractLineId", int)
PrimeContractId = NewType("PrimeContractId", int)
ChangeOrderPackageId = NewType("ChangeOrderPackageId", int)
ChangeOrderRequestId = NewType("ChangeOrderRequestId", int)
PotentialChangeOrderId = NewType("PotentialChangeOrderId", int)
BudgetLineItemId = NewType("BudgetLineItemId", int)
BudgetViewId = NewType("BudgetViewId", int)
DirectCostId = NewType("DirectCostId", int)
TaxCodeId = NewType("TaxCodeId", int)
ChangeEventId = NewType("ChangeEventId", int)
ChangeOrderBatchId = NewType("ChangeOrderBatchId", int)
ChangeReasonId = NewType("ChangeReasonId", int)
ContractPaymentId = NewType("ContractPaymentId", int)
LocationId = NewType("LocationId", int)
MarkupId = NewType("MarkupId", int)
PrimeChangeOrderId = NewType("PrimeChangeOrderId", int)

# ---------------------------------------------------------------- Spectrum

CompanyCode = NewType("CompanyCode", str)
DivisionCode = NewType("DivisionCode", str)
CostCenter = NewType("CostCenter", str)
GlAccount = NewType("GlAccount", str)

JobNumber = NewType("JobNumber", str)
PhaseCode = NewType("PhaseCode", str)
CostType = NewType("CostType", str)
VendorCode = NewType("VendorCode", str)
CustomerCode = NewType("CustomerCode", str)
EmployeeCode = NewType("EmployeeCode", str)
EquipmentCode = NewType("EquipmentCode", str)
ItemCode = NewType("ItemCode", str)

SubcontractNumber = NewType("SubcontractNumber", str)
PurchaseOrderNumber = NewType("PurchaseOrderNumber", str)
ChangeRequestNumber = NewType("ChangeRequestNumber", str)
ContractNumber = NewType("ContractNumber", str)
InvoiceNumber = NewType("InvoiceNumber", str)
WorkOrderNumber = NewType("WorkOrderNumber", str)
