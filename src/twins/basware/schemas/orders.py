"""Matching orders, their lines, coding and goods receipts as Basware publishes them. The notation is explained in `notation`."""

from collections.abc import Mapping

ORDERS: Mapping[str, str] = {
    "OrderEntity": (
        "externalCode*:1-36 orderNumber*:1-100 sourceSystem*:1-36 companyCode*:1-25 companyName:250 "
        "organizationElementCode*:2-25 organizationElementName:250 orderTypeCode:25 currencyCode*:2-3 "
        "created@instant isClosed@flag description:1000 purchaseOrganizationCode:25 purchaseOrganizationName:250 "
        "supplierCode*:1-25 supplierName:250 invoicingSupplierCode:25 invoicingSupplierName:250 "
        "requestedDeliveryDate@instant actualDeliveryDate@instant validFrom@instant validTo@instant "
        "paymentTermCode:25 paymentTermName:250 text{1..10}:250 numeric{1..5}@number date{1..5}@instant "
        "isInvoiced@flag isDelivered@flag lastUpdated^@instant orderReference:100"
    ),
    "OrderLineEntity": (
        "externalCode*:1-36 orderExternalCode*:1-36 lineNumber*:1-100 sortNumber@int quantity*@number "
        "netSum@number grossSum@number currencyCode:2-3 matchingMode*=Standard|Blanket|Return|Service "
        "isReceiptRequired@flag isReceiptBasedMatching@flag isOverreceivalAllowed@flag isClosed@flag "
        "isDeleted@flag isSelfApproved@flag uom:25 subUOM:250 netPrice@number grossPrice@number priceUnit:25 "
        "priceUnitDescription:250 taxCode:25 taxPercent@number[0..1000000000] taxPercent2@number taxSum@number "
        "taxSum2@number invoicedQuantity@number invoicedNetSum@number invoicedGrossSum@number validFrom@instant "
        "validTo@instant productCode:250 productName:250 materialGroup:250 globalTradeItemNumber:250 unspsc:25 "
        "buyerProductCode:250 contractNumber:255 description:1000 comment:1000 requestedDeliveryDate@instant "
        "actualDeliveryDate@instant text{1..10}:250 numeric{1..5}@number date{1..5}@instant "
        "orderLineCoding>OrderLineCodingEntity[] goodsReceipts>GoodsReceiptEntity[] "
        "referenceUsers>OrderLineUserEntity[] lastUpdated^@instant"
    ),
    "OrderLineCodingEntity": (
        "externalCode*:1-36 rowIndex*@int[0..100000] netTotal@number grossTotal@number accountCode:50 "
        "accountName:250 costCenterCode:200 costCenterName:250 projectCode:25 projectName:250 "
        "conversionNumerator@number conversionDenominator@number conversionDeNumerator@number taxCode:25 "
        "taxPercent@number[-1000000000..1000000000] taxPercent2@number[-1000000000..1000000000] taxSum@number "
        "taxSum2@number partnerProfitCenter:250 fixedAssetCode:250 fixedAssetName:250 materialGroup:100 "
        "fixedAssetSubCode:50 fixedAssetSubName:50 internalOrderCode:50 internalOrderName:50 profitCenterCode:50 "
        "profitCenterName:50 businessUnitCode:50 businessUnitName:50 projectSubCode:50 projectSubName:50 "
        "employeeCode:50 employeeName:50 vehicleNumber:50 vehicleName:50 salesOrderCode:50 salesOrderName:50 "
        "salesOrderSubCode:50 salesOrderSubName:50 customerCode:50 customerName:50 accAssignmentCategoryCode:50 "
        "accAssignmentCategoryName:50 budgetCode:50 budgetName:50 serviceCode:50 serviceName:50 "
        "businessAreaCode:50 businessAreaName:50 taxJurisdictionCode:50 subUOM:50 workOrderCode:50 "
        "workOrderName:50 workOrderSubCode:50 workOrderSubName:50 commitmentItem:50 controllingArea:50 "
        "functionalArea:50 dimCode{1..10}:100 dimName{1..10}:100 num{1..5}@number allocatedQuantity*@number "
        "text{1..5}:250 date{1..5}@instant network:250 networkActivity:250"
    ),
    "GoodsReceiptEntity": (
        "externalCode*:1-36 goodsReceiptNumber*:1-100 goodsReceiptLineNumber:25 referenceGRExternalCode:36 "
        "deliveryNoteNumber:250 bestFitGrouping:250 quantity*@number netSum@number grossSum@number "
        "netPrice@number grossPrice@number isDeleted@flag notifyFault@flag invoicedQuantity@number "
        "invoicedNetSum@number invoicedGrossSum@number unitOfMeasure:25 subUnitOfMeasure:250 "
        "goodsReceiptType@int receiveMethod@int voucherNumber:100 goodsReceiptNote:250 fiscalYear@instant "
        "deliveryDate@instant productSerialNumber:250 comment:255 text{1..10}:250 numeric{1..5}@number "
        "date{1..5}@instant serviceEntrySheetDocId:100 receiptCoding>OrderLineCodingEntity[]"
    ),
    "OrderLineUserEntity": "userExternalCode:36 userEmail:250 userRole=Buyer|Owner|ReferencePerson|Other lastUpdated^@instant",
}
