"""Vendors as Basware's specification publishes them: VendorEntity and what is inside. The notation is explained in `notation`."""

from collections.abc import Mapping

VENDORS: Mapping[str, str] = {
    "VendorEntity": (
        "externalCode*:1-36 vendorCode*:1-25 vendorParent buvid:36 name*:1-250 sourceSystem:36 description:250 "
        "lastUpdated^@instant supplierAssignedAccountId:128 eligibleForSourcing@flag vendorClass:100 "
        "identifiers>VendorIdentifierEntity[] addresses>VendorAddressEntity[] contacts>VendorContactEntity[] "
        "deliveryTerm^>VendorDeliveryTermEntity paymentMeans>VendorPaymentMeanEntity[] "
        "paymentTerms^>VendorPaymentTermEntity orderingDetails^>VendorOrderingDetailsEntity "
        "processingStatus^>VendorProcessingStatusEntity tags>VendorTagEntity[] "
        "customFields>VendorAdditionalFieldEntity[] companies*>VendorCompanyEntity[]"
    ),
    "VendorIdentifierEntity": "id*:1-36 schemeId*:1-32 defaultPartyId@flag",
    "VendorAddressEntity": (
        "externalCode*:1-36 name*:1-200 description:200 addressType=AdditionalAddress|VisitingAddress|"
        "RemittanceAddress|DeliveryAddress|PostalAddress|RegistrationAddress addressLine{1..3}:200 cityName:50 "
        "postalZone:50 poBox:50 streetName:50 locality:50 countrySubEntity:50 countrySubEntityDescription:50 "
        "countryId:2-2 default@flag additionalAddressFields>VendorAddressPartEntity[]"
    ),
    "VendorAddressPartEntity": (
        "key^=AdditionalField1|AdditionalField2|AdditionalStreetName|BlockName|BuildingName|BuildingNumber|"
        "CitySubDivisionName|Country|Department|District|Email|Floor|GlobalLocationNumber|InhouseEmail|"
        "MarkAttention|MarkCare|Region|Room|CoordinateSystemCode|PlotIdentification|LatitudeDegreesMeasure|"
        "LatitudeDirectionCode|LatitudeMinutesMeasure|LongitudeDegreesMeasure|LongitudeDirectionCode|"
        "LongitudeMinutesMeasure value:200"
    ),
    "VendorContactEntity": (
        "name*:1-200 description:200 telephone:50 telefax:50 email:200 website:200 role^=AdditionalContact|"
        "PrimaryContact|SecondaryContact"
    ),
    "VendorDeliveryTermEntity": "deliveryTermCode*:1-25 deliveryLocation:100 description:200",
    "VendorPaymentMeanEntity": (
        "paymentMeansCode*:1-25 description:200 currencyCode:3-3 "
        "financialAccounts>VendorfinancialAccountsEntity[] default@flag"
    ),
    "VendorfinancialAccountsEntity": (
        "financialInstitution^>FinancialInstitutionEntity "
        "financialAccountIdentifiers>FinancialAccountIdentifierEntity[]"
    ),
    "FinancialInstitutionEntity": "name*:250 id*:1-20 schemeId*:1-36 branchId:50 branchIdSchemeId:36 countryId:2-2",
    "FinancialAccountIdentifierEntity": (
        "schemeId*:1-36 description:200 id:50 accountHolderName:200 currencyCode:3-3 "
        "accountAdditionalData{1..2}:200 default@flag linkedBbanOrIban:50"
    ),
    "VendorPaymentTermEntity": "paymentTermCode*:1-25 description:200",
    "VendorOrderingDetailsEntity": (
        "orderingFormat=UBL|EHFXML21|email|other|none|BaswareNetwork orderingMessageLanguage:10 "
        "orderingLanguage:25 orderEmail:3-320/EMAIL/ orderProcessType:50 minimumOrderAllowed@number "
        "isTaxable@flag automaticallyReceiveOnInvoice@flag automaticallyReceiveOnOrder@flag "
        "hasActiveCatalog@flag createOrderAutomatically@flag deliverOrderAutomatically@flag noFreeformItems@flag "
        "sendToNetwork@flag"
    ),
    "VendorProcessingStatusEntity": "active@flag paymentDenied@flag",
    "VendorTagEntity": "name*:1-50 value*:1-250 tagGroup:50",
    "VendorAdditionalFieldEntity": "name*:1-25 value*:1-250 groupName:500",
    "VendorCompanyEntity": "companyCode*:1-32 inheritToChildUnits@flag",
}
