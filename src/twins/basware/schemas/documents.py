"""The accounting document with its rows, lines and files, as Basware publishes it.

The notation is explained in `notation`.
"""

from collections.abc import Mapping

DOCUMENTS: Mapping[str, str] = {
    "AccountingDocumentEntity": (
        "invoiceId*:1-36 bumid:36 p2pProcessingMode^=Standard|InvoiceEnrichment invoiceNumber:100 "
        "voucherNumber{1..2}:25 voucherDate@instant "
        "processingStatus*=WaitingForPrebook|PrebookInProgress|Prebooked|PrebookFailed|WaitingForTransfer|"
        "TransferInProgress|Transferred|TransferFailed|WaitingForPrebookCancelation|PrebookCancelationInProgress|"
        "PrebookCanceled|PrebookCancelFailed|WaitingToBeRemoved|Removed|RemoveFailed|WaitingToBeReturned|"
        "Returned|ReturnFailed|WaitingToBeCompleted|CompletionInProgress|Completed|CompletionFailed|Paid|New|"
        "WaitingForEnrichmentTransfer|EnrichmentTransferInProgress|EnrichmentTransferred|"
        "EnrichmentTransferFailed|InDocumentFilter|DocumentFilterReleased originService^@int companyCode*:1-32 "
        "companyName:2-250 organizationCode:25 organizationName:250 supplierCode*:25 supplierName:250 "
        "currencyCode*:2-3 netSum@number grossSum@number taxCode:25 taxPercent1@number[-1000000000..1000000000] "
        "taxPercent2@number taxSum{1..2}@number invoiceDate@instant baseLineDate@instant dueDate@instant "
        "cashDate@instant cashPercent@number[0..100] cashSum@number referencePerson:255 contractNumber:250 "
        "description:250 invoiceTypeCode:25 invoiceTypeName:250 paymentMethod:25 paymentBlock*@flag "
        "paymentTermCode:25 paymentTermName:250 paymentTermExternalCode:100 paymentPlanReference:255 "
        "paymentRevelsalDocument:250 codingDate@instant prebooked@flag referenceNumber:50 supplierBankIBAN:50 "
        "supplierBankBBAN:50 supplierBankBIC:250 supplierBankName:250 accountingPeriod:50 accountingGroup:50 "
        "removalReason^=NotDefined|Duplicate|MissingData|MissingPO|Statement|NonInvoice|ProcessingTimeExpired|"
        "InvoiceMatched|ZeroValue|Confidential|Reprocessed|IncorrectVAT|ErrorInBankDetails|CreditorUnknown|"
        "IncorrectRecipient|IncorrectValidator|InvoiceNotCompliantWithOrder|SupportingDocumentationMissing|"
        "NotCompliantWithDelivery|ContractEnded|IncorrectInvoiceAmount|SupplierUnknown|InvoiceProcessedElsewhere|"
        "PaymentNotReceivedOrCanceled|ReasonOtherThanIncorrectValidator|OtherContactYourBuyer|Other "
        "removalReasonComment:250 disputeInfo^>DisputeInfo clearingReferenceId:100 clearingCountry:25 "
        "clearingDate@instant paymentMessage:100 text{1..10}:250 text{31..60}:250 text{11..30}:100 "
        "numeric{1..30}@number date{1..10}@instant invoiceImageURL:250 invoiceImageToken:250 orderNumbers>text[] "
        "lastUpdated^@instant codingRows>StandardCodingEntity[] invoiceLines>InvoiceLine[] "
        "attachments>Attachment[] transferParameters>TransferParameterEntity[] "
        "enrichmentResponses>EnrichmentResponseEntity[] prebookResponses>PrebookResponseEntity[] "
        "transferResponses>TransferResponseEntity[] paymentResponses>PaymentResponseEntity[] "
        "removeResponses>RemoveResponseEntity[] cashSumCompany@number cashSumOrganization@number "
        "exchangeRateBaseDate@instant exchangeRateCompany@number exchangeRateOrganization@number "
        "taxSum1Company@number taxSum1Organization@number taxSum2Company@number taxSum2Organization@number "
        "currencyCodeCompany:3 currencyCodeOrganization:2-3 organizationElementCode:1-25 "
        "organizationElementName:1-250 grossSumCompany@number grossSumOrganization@number netSumCompany@number "
        "netSumOrganization@number parentInvoiceBumId:36 supplierSourceSystemId:36 removedBeforeTransfer@flag"
    ),
    "DisputeInfo": "isDisputed^@flag disputeReason disputeDate@instant",
    "StandardCodingEntity": (
        "externalCode*:1-36 rowIndex@int[0..100000] accountCode:50 accountName:250 costCenterCode:200 "
        "costCenterName:250 deliveryNoteNumber:250 lastComment:1000 matchingType@int grossTotal@number "
        "grossTotalCompany@number grossTotalOrganization@number netTotal@number netTotalCompany@number "
        "netTotalOrganization@number orderLineNetTotal@number orderLineGrossTotal@number receivedQuantity@number "
        "receivedNetPrice@number receivedGrossPrice@number receivedNetTotal@number receivedGrossTotal@number "
        "organizationElementName:250 organizationElementCode:250 freightSlip conversionNumerator@number "
        "conversionDeNumerator@number conversionDenominator@number orderedQuantity@number orderNetTotal@number "
        "orderGrossTotal@number orderedNetPrice@number orderedGrossPrice@number internalOrderCode:250 "
        "internalOrderName:250 orderItemNumber orderNumber:1000 orderLineNumber:2000 contractNumber:255 "
        "allocatedQuantity@number matchedQuantity@number matchedNetSum@number matchedGrossSum@number "
        "closeOrder:100 plant:250 profitCenterCode:250 profitCenterName:250 businessUnitCode:250 "
        "businessUnitName:250 projectCode:250 projectName:250 projectSubCode:250 projectSubName:250 "
        "employeeCode:250 employeeName:250 vehicleNumber:250 vehicleName:250 salesOrderCode:250 "
        "salesOrderName:250 salesOrderSubCode:250 salesOrderSubName:250 customerCode:250 customerName:250 "
        "conditionType:250 accAssignmentCategoryCode:250 accAssignmentCategoryName:250 budgetCode:250 "
        "budgetName:250 serviceCode:250 serviceName:250 businessAreaCode:250 businessAreaName:250 productCode:250 "
        "productName:250 buyerName:250 orderLineDescription:250 orderLinePriceUnit:250 "
        "orderLinePriceUnitDescription:250 partnerProfitCenter:250 fixedAssetCode:250 fixedAssetName:250 "
        "goodsReceiptItemNumber:250 goodsReceiptNumber:250 materialGroup:250 fiscalYear:250 fixedAssetSubCode:250 "
        "fixedAssetSubName:250 orderLineUOM:250 subUOM:250 workOrderCode:250 workOrderName:250 "
        "workOrderSubCode:250 workOrderSubName:250 commitmentItem:250 controllingArea:250 functionalArea:250 "
        "network:250 networkActivity:250 orderCodingRowNumber:250 ownerName:250 taxCode:250 "
        "taxJurisdictionCode:250 taxPercent@number[-1000000000..1000000000] "
        "taxPercent2@number[-1000000000..1000000000] taxSum@number taxSumCompany@number taxSumOrganization@number "
        "taxSum2@number taxSum2Company@number taxSum2Organization@number rowOrigin:50 "
        "plannedAdditionalCostType^@int dimCode{1..10}:250 dimName{1..10}:250 num{1..5}@number text{1..5}:250 "
        "text{84..85}:250 date{1..5}@instant"
    ),
    "InvoiceLine": (
        "externalCode rowIndex@int productCode productName quantity@number orderNumber netPrice@number "
        "taxPercent@number taxSum@number quantityUnit infoItem@int grossPrice@number additionalCost@flag "
        "additionalCostRecognition:200 deliveryNoteNumber:250 discountAmount@number discountPercent@number "
        "grossSum@number itemTotalSum@number lineType@int netSum@number orderRowNumber:50 taxCode:250 "
        "taxPercent2@number taxSum2@number date{1..5}@instant numeric{1..10}@number text{1..10}:250"
    ),
    "Attachment": "externalCode category filename isConfidential^@flag creationTime^@instant",
    "TransferParameterEntity": "key*:1-250 value*:1-250",
    "RemoveResponseEntity": "externalCode*:2-36 success@flag responseMessage*:250 sourceSystem:32",
}
