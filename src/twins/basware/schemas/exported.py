"""Requisitions, contracts and their spends that Basware exports, as Basware publishes them.

The notation is explained in `notation`.
"""

from collections.abc import Mapping

EXPORTED: Mapping[str, str] = {
    "ExportedPurchaseRequisitionEntity": (
        "externalCode*:1-100 requisitionNumber*:1-32 extRequisitionNumber:100 extOrderNumber:100 "
        "requisitionStatus^=Approved|Canceled|Rejected processingStatus*=WaitingForExport|Exported "
        "companyCode*:1-25 companyName*:1-250 organizationUnitCode*:1-25 organizationUnitName*:1-250 "
        "purchasingGroupCode:25 purchasingGroupName:250 purpose:2000 desiredDeliveryDate@instant "
        "desiredDeliveryEndDate@instant deliveryInstructions:250 classification:250 "
        "requisitionCreationTime*@instant requisitionExportTimestamp*@instant "
        "documentSource^=P2P|ImportedAsRequisition|ImportedAsOrder documentLink purchaseCurrency*:1-25 "
        "companyCurrency*:1-25 groupCurrency*:1-25 exchangeRateComp*@number exchangeRateOrg*@number "
        "grossSum*@number grossSumComp*@number grossSumOrg*@number netSum*@number netSumComp*@number "
        "netSumOrg*@number taxSum*@number taxSumComp*@number taxSumOrg*@number headerDataDate{1..5}@instant "
        "headerDataNum{1..5}@number headerDataText{1..5}:250 lastUpdated^@instant creator*>Creator owner*>Owner "
        "deliveryAddress*>DeliveryAddress lines>ExportedPurchaseRequisitionLineEntity[] "
        "orderGrouping>OrderGrouping[]"
    ),
    "ExportedPurchaseRequisitionLineEntity": (
        "externalCode*:1-100 requisitionLineNumber*:1-100 extRequisitionLineNumber:100 isRejected^@flag "
        "lineStatus^=Approved|Canceled|Rejected categoryCode:100 categoryName:250 supplierCode:32 "
        "supplierName:255 contractNumber:255 orderType^=Standard|Blanket releaseOrdersRequired*@flag "
        "sendingMethod=BaswareNetwork|Email buyerProductCode:250 supplierProductName:250 supplierProductCode:50 "
        "manufacturerProductCode:255 description:2000 validityPeriodStartDate@instant "
        "validityPeriodEndDate@instant leadTime:255 desiredDeliveryDate@instant desiredDeliveryEndDate@instant "
        "paymentTermCode:255 paymentTermName:2000 deliveryTerm:100 deliveryLocation:250 "
        "allowPartialDeliveries@flag hidePricesFromSupplier*@flag deliveryInstruction:250 "
        "supplierOrderingEmail:1800 ownerOrderingEmail:1800 otherOrderingEmail attachPdfToNetworkOrder@flag "
        "noteToSupplier:2000 additionalInfo:2000 receiveAutomatically@flag plant:10 storageLocation:100 unspsc:64 "
        "grNote:100 lineType^=Catalog|FreeText|Punchout|Marketplace lineDataDate{1..5}@instant "
        "lineDataNum{1..5}@number lineDataText{1..5}:250 quantity@number quantityUnit:10 quantityUnitName:250 "
        "priceType^=Net|Gross subUOM:100 refundLine*@flag discountPercent@number[0..1000000000] "
        "discountPercentReason:250 purchaseCurrency:25 companyCurrency*:1-25 groupCurrency*:1-25 grossSum^@number "
        "grossSumComp^@number grossSumOrg^@number netSum^@number netSumComp^@number netSumOrg^@number "
        "tax1Sum@number tax1SumComp@number tax1SumOrg^@number tax2Sum@number tax2SumComp@number tax2SumOrg@number "
        "taxTotal^@number taxTotalComp^@number taxTotalOrg^@number taxCategory:25 taxCode:32 "
        "taxJuristictionCode:25 taxPercent@number[-1000000000..1000000000] taxPercent2@number grossPrice^@number "
        "grossPriceComp^@number grossPriceOrg^@number grossUnitPrice@number grossUnitPriceComp@number "
        "grossUnitPriceOrg@number netPrice^@number netPriceComp^@number netPriceOrg^@number netUnitPrice@number "
        "netUnitPriceComp@number netUnitPriceOrg@number conversionNumerator@number conversionDenominator@number "
        "materialGroup:100 linePricingDate{1..5}@instant linePricingNum{1..5}@number linePricingText{1..5}:250 "
        "receivers>ExportedPurchaseRequisitionUserEntity[] "
        "receiverToContact^>ExportedPurchaseRequisitionUserEntity deliveryAddress^>DeliveryAddress "
        "codingRows>ExportedPurchaseRequisitionCodingRow[]"
    ),
    "ExportedPurchaseRequisitionUserEntity": "personCode userName loginAccount emailAddress externalCode",
    "ExportedPurchaseRequisitionCodingRow": (
        "externalCode*:1-36 rowIndex^@int splitPercent^@number accountCode:25 accountName:2000 costCenterCode:25 "
        "costCenterName:2000 projectCode:25 projectName:255 fixedAssetCode:25 fixedAssetName:250 "
        "fixedAssetSubCode:25 fixedAssetSubName:250 internalOrderCode:25 internalOrderName:250 "
        "profitCenterCode:25 profitCenterName:250 businessUnitCode:25 businessUnitName:250 projectSubCode:25 "
        "projectSubName:250 employeeCode:25 employeeName:250 vehicleName:255 vehicleNumber:25 salesOrderCode:25 "
        "salesOrderName:250 salesOrderSubCode:25 salesOrderSubName:250 customerCode:25 customerName:250 "
        "accAssignmentCategoryCode:25 accAssignmentCategoryName:250 budgetCode:25 budgetName:250 serviceCode:25 "
        "serviceName:250 businessAreaCode:25 businessAreaName:250 workOrderCode:25 workOrderName:250 "
        "workOrderSubCode:25 workOrderSubName:250 distributionCode:25 distributionMode:250 dimCode{1..10}:25 "
        "dimName{1..10}:250 num{1..5}@number text{1..5}:250 date{1..5}@instant"
    ),
    "OrderGrouping": (
        "supplierCode:32 supplierName:255 paymentTermCode:255 paymentTermName:2000 contractNumber:255 "
        "orderType^=Standard|Blanket validityPeriodStartDate@instant validityPeriodEndDate@instant "
        "deliveryTerm:100 deliveryLocation:250 deliveryInstruction:250 sendingMethod=BaswareNetwork|Email "
        "orderRecipientType^=Supplier|Owner|SupplierAndOwner supplierOrderingEmail:1800 ownerOrderingEmail:1800 "
        "otherOrderingEmail releaseOrdersRequired*@flag hidePricesFromSupplier*@flag attachPdfToNetworkOrder@flag "
        "grossSum^@number netSum^@number receivers>ExportedPurchaseRequisitionUserEntity[] "
        "receiverToContact^>ExportedPurchaseRequisitionUserEntity requisitionLines>GroupingLine[]"
    ),
    "GroupingLine": "externalCode*:1-100 requisitionLineNumber*:1-100",
    "ExportedContractEntity": (
        "externalCode*:1-100 referenceCode*:1-255 processingStatus^=WaitingForExport|Exported companyCode*:1-25 "
        "companyName:250 title*:1-250 description:2000 type:1-100 validFrom*@instant validTo*@instant "
        "total*@number amountType^=Net|Gross currencyCode*:2-3 paymentTermCode:250 owner*:1-100 contactPerson:100 "
        "active*@flag suppliers*>ExportedContractSupplier[] externalLinks>ExportedContractExternalLink[] "
        "spendTotals>ExportedContractSpendTotal[] orderSpend^@flag spendPlanSpend^@flag invoiceSpend^@flag "
        "lastUpdated^@instant"
    ),
    "ExportedContractSupplier": "supplierCode*:1-25 supplierName:250",
    "ExportedContractExternalLink": "externalLinkName*:1-512 externalLinkURL:1-2000",
    "ExportedContractSpendTotal": (
        "documentType^=AccountingDocument|PurchaseOrder|SpendPlan netSumContract^@number grossSumContract^@number "
        "currencyCodeContract netSumCompany^@number grossSumcompany^@number currencyCodecompany:2-3 "
        "netSumOrganization^@number grossSumOrganization^@number currencyCodeOrganization:2-3"
    ),
    "ExportedContractSpendEntity": (
        "externalCode*:1-100 processingStatus*=WaitingForExport|Exported contractNumber*:1-255 "
        "contractExternalCode:100 companyCode:25 companyName:250 supplierCode:25 supplierName:250 "
        "documentType^=AccountingDocument|PurchaseOrder|SpendPlan documentExternalCode:1-100 documentNumber:100 "
        "netSumDocument^@number grossSumDocument^@number currencyCodeDocument:2-3 netSumContract^@number "
        "grossSumContract^@number currencyCodeContract:2-3 netSumCompany^@number grossSumCompany^@number "
        "currencyCodeCompany:2-3 netSumOrganization^@number grossSumOrganization^@number "
        "currencyCodeOrganization:2-3 isCancelled^@flag lastUpdated^@instant"
    ),
    "AcknowledgeRequest": "lastUpdated@instant externalCodes>text[]",
    "ContractSpendAcknowledgeRequest": "lastUpdated@instant externalCodes>text[]",
}
