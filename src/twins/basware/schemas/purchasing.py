"""Purchase orders that Basware exports, and goods receipts for them, as Basware publishes them.

The notation is explained in `notation`.
"""

from collections.abc import Mapping

PURCHASING: Mapping[str, str] = {
    "PurchaseGoodsReceiptEntity": (
        "externalCode*:1-100 externalGRNumber*:1-100 orderExternalCode*:1-100 "
        "processingStatus^=ImportInProgress|Imported|ImportFailed receiveDate*@instant "
        "referenceGRDocumentExternalCode:100 deliveryNoteNumber:250 lastUpdated^@instant receiver*>GoodsReceiver "
        "lineReceivings*>GoodsReceiptLine[]"
    ),
    "GoodsReceiver": "loginAccount:100 emailAddress:320/EMAIL/ externalCode:50",
    "GoodsReceiptLine": (
        "externalCode*:1-100 orderLineExternalCode*:1-100 deliveryNoteNumber:250 productSerialNumber:250 "
        "receivedQuantity@number receivedNetSum@number receivedGrossSum@number referenceGRLineExternalCode:100 "
        "comment:255 notifyFault^@flag"
    ),
    "ExportedPurchaseOrderEntity": (
        "externalCode*:1-100 orderNumber*:1-32 extOrderNumber:100 parentOrderNumber:32 "
        "parentOrderExternalCode:100 parentOrderExtOrderNumber:100 processingStatus*=WaitingForExport|Exported "
        "orderStatus^=Confirmed|ReadyForOrder|Ordered|SupplierRejected|SupplierConfirmed|ModifiedBySupplier|"
        "PartiallyReceived|Received|Canceled|OrderCreated|Closed "
        "reasonForPendingAction^=None|SendingFailed|ModifiedBySupplier|ModifiedByBuyer requisitionNumber*:1-32 "
        "extRequisitionNumber:100 organizationUnitCode:25 organizationUnitName:250 purchasingGroupCode:25 "
        "purchasingGroupName:250 purpose:2000 validityPeriodStartDate@instant validityPeriodEndDate@instant "
        "desiredDeliveryDate@instant desiredDeliveryEndDate@instant promisedDeliveryDate@instant "
        "promisedDeliveryEndDate@instant classification:250 cancellationNote:250 requisitionCreationTime*@instant "
        "orderCreationTime*@instant orderExportTimestamp*@instant "
        "documentSource*=P2P|ImportedAsRequisition|ImportedAsOrder sendingMethod*=BaswareNetwork|Email|SmartOrder "
        "salesOrderNumber:250 documentLink contractNumber:255 orderType^=Standard|Blanket|Release "
        "noteToSupplier:2000 noteFromSupplier:2000 companyCode:32 companyName:255 supplierCode:32 "
        "supplierName:255 supplierContactName:255 supplierOrderingEmail:1800 ownerOrderingEmail:1800/EMAIL/ "
        "otherOrderingEmail paymentTermCode:250 paymentTermName:2000 releaseOrdersRequired*@flag "
        "hidePricesFromSupplier*@flag attachPdfToNetworkOrder^@flag "
        "orderRecipientType^=Supplier|Owner|SupplierAndOwner deliveryLocation:250 deliveryTerm:100 "
        "deliveryReceiverName:255 purchaseCurrency:25 companyCurrency:25 groupCurrency:25 exchangeRateComp@number "
        "exchangeRateOrg@number grossSum^@number grossSumComp^@number grossSumOrg^@number netSum^@number "
        "netSumComp^@number netSumOrg^@number taxSum^@number taxSumComp^@number taxSumOrg^@number "
        "headerDataDate{1..5}@instant headerDataNum{1..5}@number headerDataText{1..5}:250 lastUpdated^@instant "
        "creator*>Creator owner*>Owner deliveryAddress*>DeliveryAddress "
        "orderLines>ExportedPurchaseOrderLineEntity[]"
    ),
    "Creator": "personCode:25 userName:227 loginAccount:100 emailAddress:320/EMAIL/ externalCode:50",
    "Owner": "personCode:25 userName:227 loginAccount:100 emailAddress:320/EMAIL/ externalCode:50",
    "DeliveryAddress": (
        "name*:1-250 pObox:250 streetName:250 additionalStreetName:250 blockName:250 buildingName:250 "
        "buildingNumber:250 department:250 floor:250 room:250 postalZone:250 city:250 region:250 district:250 "
        "countryCode:250 countryName:250 description:1000 globalLocationNumber:13 countrySubEntity:50 "
        "countrySubEntityDescription:50 addressId:2000 addressSchemeId:2000"
    ),
    "ExportedPurchaseOrderLineEntity": (
        "externalCode*:1-100 orderLineNumber*@int extOrderLineNumber:100 parentOrderLineExternalCode:100 "
        "lineStatus^=ReadyForOrder|Ordered|SupplierRejected|SupplierConfirmed|PartiallyReceived|Received|"
        "Canceled|Deleted|AttachedToOrder|Closed cancellationNote:250 categoryCode:100 categoryName:250 "
        "buyerProductCode:250 supplierProductCode:50 supplierProductName:250 manufacturerProductCode:255 "
        "description:2000 leadTime:255 desiredDeliveryDate@instant desiredDeliveryEndDate@instant "
        "promisedDeliveryDate@instant promisedDeliveryEndDate@instant deliveryTerm:100 "
        "allowPartialDeliveries^@flag noteFromSupplier:2000 noteToSupplier:2000 additionalInfo:2000 "
        "receivingRequired*@flag receiveAutomatically^@flag quoteReference:255 deliveryInstruction:250 plant:100 "
        "storageLocation:100 unspsc:64 grNote:100 lineType*=Catalog|FreeText|Punchout|CostLine|Marketplace "
        "lineDataDate{1..5}@instant lineDataNum{1..5} lineDataText{1..5}:250 quantity@number quantityUnit:10 "
        "quantityUnitName:250 receivedNetSum@number receivedGrossSum@number receivedQuantity@number "
        "receivalMethod=Quantity|NetSum|GrossSum priceType*=Net|Gross subUom:100 refundLine@flag "
        "discountPercent@number discountPercentReason:250 grossSum*@number grossSumComp*@number "
        "grossSumOrg*@number netSum*@number netSumComp*@number netSumOrg*@number tax1Sum@number "
        "tax1SumComp@number tax1SumOrg@number tax2Sum@number tax2SumComp@number tax2SumOrg@number "
        "taxTotal*@number taxTotalComp*@number taxTotalOrg*@number taxCategory:25 taxCode:32 "
        "taxJurisdictionCode:25 taxPercent@number taxPercent2@number grossUnitPrice@number "
        "grossUnitPriceComp*@number grossUnitPriceOrg*@number netPrice*@number netPriceComp*@number "
        "netPriceOrg*@number grossPrice*@number grossPriceComp*@number grossPriceOrg*@number netUnitPrice@number "
        "netUnitPriceComp*@number netUnitPriceOrg*@number conversionNumerator@number conversionDenumerator@number "
        "materialGroup:100 linePricingDate{1..5}@instant linePricingNum{1..5}@number linePricingText{1..5}:250 "
        "deliveryAddress*>DeliveryAddress codingRows>ExportedPurchaseOrderLineCodingRowEntity[] "
        "goodsReceipts>ExportedPurchaseOrderGoodsReceiptEntity[]"
    ),
    "ExportedPurchaseOrderLineCodingRowEntity": (
        "externalCode*:1-100 rowIndex*@int splitPercent*@number accountCode:25 accountName:2000 costCenterCode:25 "
        "costCenterName:2000 projectCode:25 projectName:255 fixedAssetCode:25 fixedAssetName:250 "
        "fixedAssetSubCode:25 fixedAssetSubName:250 internalOrderCode:25 internalOrderName:250 "
        "profitCenterCode:25 profitCenterName:250 businessUnitCode:25 businessUnitName:250 projectSubCode:25 "
        "projectSubName:250 employeeCode:25 employeeName:250 vehicleNumber:25 vehicleName:250 salesOrderCode:25 "
        "salesOrderName:250 salesOrderSubCode:25 salesOrderSubName:250 customerCode:25 customerName:250 "
        "accAssignmentCategoryCode:25 accAssignmentCategoryName:250 budgetCode:25 budgetName:250 serviceCode:25 "
        "serviceName:250 businessAreaCode:25 businessAreaName:250 workOrderCode:25 workOrderName:250 "
        "workOrderSubCode:25 workOrderSubName:250 distributionCode:25 distributionMode:250 dimCode{1..10}:25 "
        "dimName{1..10}:250 num{1..5}@number text{1..5}:250 date{1..5}@instant"
    ),
    "ExportedPurchaseOrderGoodsReceiptEntity": (
        "externalCode*:1-100 grHeaderExternalCode:100 goodsReceiptNumber:100 documentLink "
        "extGoodsReceiptNumber:250 deliveryNoteNumber:250 goodsReceiptDocumentCreationTime*@instant "
        "receivingDate*@instant goodsReceiptLocationAddress:2000 productSerialNumber:250 receivedQuantity*@number "
        "unitOfMeasure:30 receivedNetSum*@number receivedGrossSum*@number receivalMethod=Quantity|NetSum|GrossSum "
        "notifyFault*@flag information:255 referenceGRNumber:100 referenceGRExternalCode:100 receiver^>Receiver"
    ),
    "Receiver": "personCode:25 userName:227 loginAccount:100 emailAddress:320 externalCode:50",
}
