"""Accounts, cost centres, projects, lists, tax codes, payment terms, exchange rates and companies as Basware publishes them.

The notation is explained in `notation`.
"""

from collections.abc import Mapping

LISTS: Mapping[str, str] = {
    "AccountEntity": (
        "accountCode*:1-25 accountNames*>LanguageTranslationEntity[] taxCode:25 text{1..5}:250 "
        "companies*>AccountCompanyEntity[] externalCode*:1-36 lastUpdated^@instant"
    ),
    "LanguageTranslationEntity": "translation*:2-2000 language*:2-10",
    "AccountCompanyEntity": "companyCode*:1-32 inherit*@flag active*@flag",
    "CostCenterEntity": (
        "costCenterCode*:1-25 costCenterNames*>LanguageTranslationEntity[] text{1..10}:250 date{1..5}@instant "
        "int{1..5}@int companies*>CostCenterCompanyEntity[] externalCode*:1-36 lastUpdated^@instant"
    ),
    "CostCenterCompanyEntity": "companyCode*:1-32 active*@flag",
    "ProjectEntity": (
        "projectCode*:1-25 projectNames*>LanguageTranslationEntity[] description:500 validFrom*@instant "
        "validUntil*@instant companies*>ProjectCompanyEntity[] externalCode*:1-36 lastUpdated^@instant"
    ),
    "ProjectCompanyEntity": "companyCode*:1-32 active*@flag",
    "ProjectEntityV2": (
        "projectCode*:1-25 projectName*:1-100 description:500 validFrom*@instant validUntil*@instant "
        "companies*>ProjectCompanyEntity[] externalCode*:1-36 lastUpdated^@instant"
    ),
    "GenericListEntity": (
        "externalCode*:1-36 text_{1..25} number_{1..15}@number dateValue_{1..15}@instant lastUpdated^@instant "
        "companies>GenericListCompanyEntity[] listContent=Plant|ProfitCenter|BusinessUnit|Project|ProjectSub|"
        "Employee|Vehicle|Customer|AccAssignmentCategory|Budget|Service|BusinessArea|PartnerProfitCenter|"
        "FixedAsset|FixedAssetSubCode|WorkOrderCode|WorkOrderSubCode|CommitmentItem|ControllingArea|"
        "FunctionalArea|Network|NetworkActivity|Tax|TaxJurisdiction|Dimension1|Dimension2|Dimension3|Dimension4|"
        "Dimension5|Dimension6|Dimension7|Dimension8|Dimension9|Dimension10|InternalOrder|SalesOrder|"
        "SalesOrderSub"
    ),
    "GenericListCompanyEntity": "companyCode*:1-32 active*@flag",
    "TaxCodeEntity": (
        "taxCode*:1-25 taxCodeNames*>LanguageTranslationEntity[] taxGroup:25 "
        "taxPercentage*@number[-1000000000..1000000000] taxPercentage2@number[-1000000000..1000000000] "
        "additionalData>TaxCodeAdditionalData[] companies*>TaxCodeCompanyEntity[] externalCode*:1-36 "
        "lastUpdated^@instant"
    ),
    "TaxCodeAdditionalData": (
        "externalCode:32 account:25 statistical:25 transactionType:25 taxPercent@number country:25 condition:25 "
        "active@flag"
    ),
    "TaxCodeCompanyEntity": "companyCode*:1-32 inherit*@flag active*@flag",
    "PaymentTermEntity": (
        "paymentTermCode*:1-25 paymentTermNames*>LanguageTranslationEntity[] sortOrder@int[0..2147483647] "
        "moveDueDatesTo/0|1|2/ dueDateCalc@int/0|1/ dueDateDays@int[0..2147483647] "
        "dueDateDays2@int[0..2147483647] dueDateEom@int[0..2147483647] cashDueDateCalc@int/0|1|2/ "
        "cashDueDateDays@int[0..2147483647] cashDueDateDays2@int[0..2147483647] "
        "cashDueDateEom@int[0..2147483647] cashDiscount@number[0..1000000000] validFrom*@instant "
        "validTo*@instant companies*>PaymentTermCompanyEntity[] "
        "paymentTermDiscountRules>PaymentTermDiscountRule[] externalCode*:1-36 lastUpdated^@instant"
    ),
    "PaymentTermCompanyEntity": "companyCode*:1-32 inherit*@flag active*@flag",
    "PaymentTermDiscountRule": (
        "externalCode*:1-36 discountDays@int[0..2147483647] discountPercent@number[0..1000000000] active*@flag"
    ),
    "ExchangeRateEntity": (
        "rate*@number[0..1000000000] currencyCodeTo*:2-3 currencyCodeFrom*:2-3 validFrom*@instant "
        "companies*>ExchangeRateCompanyEntity[] externalCode*:1-36 lastUpdated^@instant"
    ),
    "ExchangeRateCompanyEntity": "companyCode*:1-32 active*@flag",
    "CompanyEntity": (
        "companyCode*:1-32 sourceSystem:1-32 name*:1-100 description:250 lastUpdated^@instant bucompid:1-36 "
        "identifiers>CompanyIdentifierEntity[] addresses>CompanyAddressEntity[] contacts>CompanyContactEntity[] "
        "userDefaultLanguage:25 homeCurrency:3-3 active*@flag publishToBusinessDirectory@flag"
    ),
    "CompanyIdentifierEntity": "id*:1-36 schemeId*:1-36",
    "CompanyAddressEntity": (
        "externalCode*:1-36 name*:1-200 description:200 addressType*=AdditionalAddress|VisitingAddress|"
        "RemittanceAddress|DeliveryAddress|PostalAddress|RegistrationAddress|InvoicingAddress "
        "addressLine{1..3}:200 cityName:50 postalZone:50 poBox:50 streetName:50 locality:50 countrySubEntity:50 "
        "countrySubEntityDescription:50 countryId:2-2 default@flag"
    ),
    "CompanyContactEntity": (
        "name*:1-200 description:200 telephone:50 telefax:50 email:200 website:200 role*=AdditionalContact|"
        "PrimaryContact|SecondaryContact"
    ),
}
