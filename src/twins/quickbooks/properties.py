"""The properties of every entity, in the notation of `shapes.py`. Anything else in a body is refused with 2010.

Names are those of the XSDs of Intuit's SDK, lengths and words those of its API reference. `UNPUBLISHED` names what only
the reference knows.
"""

COMMON = "Id:30 SyncToken MetaData>MetaData CustomField>CustomField[] AttachableRef>AttachableRef[] domain status sparse!bool"

PERSON = (
    "IntuitId Organization!bool Title:16 GivenName:100 MiddleName:100 FamilyName:100 Suffix:16 FullyQualifiedName "
    "CompanyName:100 DisplayName:500 PrintOnCheckName:110 UserId Active!bool V4IDPseudonym PrimaryPhone>Phone "
    "AlternatePhone>Phone Mobile>Phone Fax>Phone PrimaryEmailAddr>Email WebAddr>Web OtherContactInfo>Contact[] "
    "DefaultTaxCodeRef!ref Notes:4000"
)
BUSINESS = (
    "ContactName AltContactName BillAddr>Address ShipAddr>Address OtherAddr>Address[] ParentRef!ref Balance!money "
    "OpenBalanceDate!date CreditLimit!money AcctNum:100 CurrencyRef!ref TDSEnabled!bool BusinessNumber:10 GSTIN:15 "
    "GSTRegistrationType:15 Source"
)
TRANSACTION = (
    "DocNumber:21 TxnDate!date TxnSubType DepartmentRef!ref CurrencyRef!ref ExchangeRate!number PrivateNote:4000 TxnStatus "
    "LinkedTxn>LinkedTxn[] Line>Line[] TxnTaxDetail>TaxSummary TxnSource TaxFormType TaxFormNum TransactionLocationType "
    "Tag>Tag[] TxnApprovalInfo>Approval RecurDataRef!ref RecurringInfo>Recurring ProjectRef!ref TotalCostAmount!money "
    "HomeTotalCostAmount!money"
)
TAX_MODE = "GlobalTaxCalculation=TaxExcluded|TaxInclusive|NotApplicable"
PURCHASE = f"VendorRef!ref APAccountRef!ref TotalAmt!money BillEmail>Email ReplyEmail>Email Memo:4000 {TAX_MODE} VendorAddr>Address"
ACCOUNT_TYPES = (
    "Bank|Accounts~Receivable|Other~Current~Asset|Fixed~Asset|Other~Asset|Accounts~Payable|Credit~Card|Other~Current~Liability"
    "|Long~Term~Liability|Equity|Income|Cost~of~Goods~Sold|Expense|Other~Income|Other~Expense|Non-Posting"
)
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"

PROPERTIES = {
    "Vendor": f"{PERSON} {BUSINESS} TaxCountry TaxIdentifier:20 TaxIdEffectiveDate!date VendorTypeRef!ref TermRef!ref "
    "PrefillAccountRef!ref BillRate!number Vendor1099!bool T4AEligible!bool T5018Eligible!bool TDSEntityTypeId!int "
    "TDSSectionTypeId!int TDSOverrideThreshold!bool TaxReportingBasis APAccountRef!ref VendorEx!any IsSubContractor!bool "
    "SubcontractorType CISRate HasTPAR!bool VendorPaymentBankDetail>VendorBank CostRate!number "
    "AgencyVerificationStatus=MATCHED|UNMATCHED|PENDING|FAILED AgencyVerificationStatusMsg AgencyVerificationTSUTC!datetime "
    "CompanyRegistrationNumber",
    "Customer": f"{PERSON} {BUSINESS} Taxable!bool Job!bool BillWithParent!bool RootCustomerRef!ref Level!int "
    "CustomerTypeRef!ref SalesTermRef!ref SalesRepRef!ref TaxGroupCodeRef!ref TaxRateRef!ref PaymentMethodRef!ref "
    "CCDetail>CreditCharge PriceLevelRef!ref BalanceWithJobs!money OverDueBalance!money TotalRevenue!money "
    "TotalExpense!money PreferredDeliveryMethod ResaleNum:16 JobInfo>JobInfo CustomerEx!any SecondaryTaxIdentifier "
    "ARAccountRef!ref PrimaryTaxIdentifier TaxExemptionReasonId IsProject!bool IsCISContractor!bool ClientCompanyId "
    "ClientEntityId TaxRegime",
    "Employee": f"{PERSON} EmployeeType EmployeeNumber:100 SSN PrimaryAddr>Address OtherAddr>Address[] BillableTime!bool "
    "BillRate!number BirthDate!date Gender=Male|Female HiredDate!date ReleasedDate!date "
    "UseTimeEntry=NotSet|DoNotUseTimeEntry|UseTimeEntry EmployeeEx!any CostRate!number",
    "Account": "Name:100 SubAccount!bool ParentRef!ref Description:100 FullyQualifiedName AccountAlias TxnLocationType "
    "Active!bool Classification=Asset|Equity|Expense|Liability|Revenue "
    f"AccountType={ACCOUNT_TYPES} AccountSubType AccountPurposes!refs AcctNum AcctNumExtn BankNum OpeningBalance!money "
    "OpeningBalanceDate!date CurrentBalance!money CurrentBalanceWithSubAccounts!money CurrencyRef!ref TaxAccount!bool "
    "TaxCodeRef!ref OnlineBankingEnabled!bool FIName JournalCodeRef!ref AccountEx!any",
    "Department": "Name:100 SubDepartment!bool ParentRef!ref FullyQualifiedName Active!bool DepartmentEx!any Address>Address",
    "Class": "Name:100 SubClass!bool ParentRef!ref FullyQualifiedName Active!bool ClassEx!any",
    "Term": "Name:31 Active!bool Type=STANDARD|DATE_DRIVEN DiscountPercent!number DueDays!int DiscountDays!int "
    "DayOfMonthDue!int DueNextMonthDays!int DiscountDayOfMonth!int SalesTermEx!any",
    "Item": "Name:100 Sku:100 Description:4000 Active!bool SubItem!bool ParentRef!ref Level!int FullyQualifiedName "
    "Taxable!bool SalesTaxIncluded!bool PercentBased!bool UnitPrice!number RatePercent!number "
    "Type=Service|NonInventory|Inventory|Group|Category PaymentMethodRef!ref UOMSetRef!ref IncomeAccountRef!ref "
    "PurchaseDesc:1000 PurchaseTaxIncluded!bool PurchaseCost!number ExpenseAccountRef!ref COGSAccountRef!ref "
    "AssetAccountRef!ref PrefVendorRef!ref AvgCost!number TrackQtyOnHand!bool QtyOnHand!number QtyOnPurchaseOrder!number "
    "QtyOnSalesOrder!number ReorderPoint!number ManPartNum DepositToAccountRef!ref SalesTaxCodeRef!ref "
    "PurchaseTaxCodeRef!ref InvStartDate!date BuildPoint!number PrintGroupedItems!bool SpecialItem!bool "
    "SpecialItemType=FinanceCharge|ReimbursableExpenseGroup|ReimbursableExpenseSubtotal ItemGroupDetail>ItemGroup "
    "ItemAssemblyDetail>ItemAssembly AbatementRate!number ReverseChargeRate!number ServiceType ItemCategoryType ItemEx!any "
    "TaxClassificationRef!ref UQCDisplayText UQCId ClassRef!ref Source DeferredRevenue!bool CustomExtensions>Extension[]",
    "TaxCode": "Name:100 Description Active!bool Hidden!bool Taxable!bool TaxGroup!bool SalesTaxRateList>TaxRateList "
    "PurchaseTaxRateList>TaxRateList AdjustmentTaxRateList>TaxRateList TaxCodeEx!any "
    "TaxCodeConfigType=SYSTEM_GENERATED|USER_DEFINED|SCRA_DEFINED|HIDDEN_AGENCY",
    "TaxRate": "Name:100 Description Active!bool RateValue!number AgencyRef!ref TaxReturnLineRef!ref "
    "EffectiveTaxRate>EffectiveRate[] SpecialTaxType=NONE|ZERO_RATE|FOREIGN_TAX|REVERSE_CHARGE|ADJUSTMENT_RATE "
    "DisplayType=ReadOnly|HideInTransactionForms|HideInPrintedForms|HideInAll TaxRateEx!any OriginalTaxRate!ref",
    "TaxAgency": "DisplayName:100 TaxTrackedOnPurchases!bool TaxTrackedOnSales!bool TaxRegistrationNumber LastFileDate!date "
    "TaxAgencyConfig",
    "CompanyCurrency": "Code:3 Name:100 Active!bool CompanyCurrencyEx!any",
    "ExchangeRate": "SourceCurrencyCode:3 TargetCurrencyCode:3 Rate!number AsOfDate!date ExchangeRateEx!any",
    "Attachable": "FileName:1000 FileAccessUri TempDownloadUri Size!int ContentType:100 Category:100 Lat Long PlaceName:2000 "
    "Note:2000 Tag:2000 ThumbnailFileAccessUri ThumbnailTempDownloadUri AttachableEx!any documentId",
    "Bill": f"{TRANSACTION} {PURCHASE} PayerRef!ref SalesTermRef!ref DueDate!date RemitToAddr>Address ShipAddr>Address "
    "Balance!money HomeBalance!money BillEx!any LessCIS!money IncludeInAnnualTPAR!bool",
    "VendorCredit": f"{TRANSACTION} {PURCHASE} VendorCreditEx!any Balance!money IncludeInAnnualTPAR!bool",
    "JournalEntry": f"{TRANSACTION} Adjustment!bool HomeCurrencyAdjustment!bool EnteredInHomeCurrency!bool {TAX_MODE} "
    "TotalAmt!money HomeTotalAmt!money JournalEntryEx!any",
    "BillPayment": f"{TRANSACTION} VendorRef!ref VendorAddr>Address APAccountRef!ref PayType=Check|CreditCard "
    "CheckPayment>CheckPayment CreditCardPayment>CardPayment TotalAmt!money BillPaymentEx!any",
    "PurchaseOrder": f"{TRANSACTION} {PURCHASE} TaxCodeRef!ref ClassRef!ref ReimbursableInfoRef!ref SalesTermRef!ref "
    "DueDate!date ExpectedDate!date ShipTo!ref DropShipToEntity!ref InventorySiteRef!ref ShipAddr>Address "
    "ShipMethodRef!ref FOB POEmail>Email TemplateRef!ref PrintStatus=NotSet|NeedToPrint|PrintComplete "
    "EmailStatus=NotSet|NeedToSend|EmailSent ManuallyClosed!bool POStatus=Open|Closed PurchaseOrderEx!any",
    "CompanyInfo": "CompanyName:1024 LegalName:1024 CompanyAddr>Address CustomerCommunicationAddr>Address LegalAddr>Address "
    "CompanyEmailAddr>Email CustomerCommunicationEmailAddr>Email CompanyURL>Web PrimaryPhone>Phone "
    "OtherContactInfo>Contact[] CompanyFileName FlavorStratum SampleFile!bool CompanyUserId CompanyUserAdminEmail "
    f"CompanyStartDate!date EmployerId FiscalYearStartMonth={MONTHS} TaxYearStartMonth={MONTHS} QBVersion Country "
    "ShipAddr>Address OtherAddr>Address[] Mobile>Phone Fax>Phone Email>Email WebAddr>Web LastImportedTime!datetime "
    "LastSyncTime!datetime SupportedLanguages DefaultTimeZone MultiByteCharsSupported!bool NameValue>NameValue[] "
    "FifoCalculationStatus=None|InProgress|Completed|Error CompanyInfoEx!any",
    "Preferences": "AccountingInfoPrefs>AccountingPrefs AdvancedInventoryPrefs!any ProductAndServicesPrefs>ProductPrefs "
    "SalesFormsPrefs>SalesPrefs EmailMessagesPrefs>EmailPrefs PrintDocumentPrefs>PrintPrefs "
    "VendorAndPurchasesPrefs>PurchasePrefs TimeTrackingPrefs>TimePrefs TaxPrefs>TaxPrefs FinanceChargesPrefs>ChargePrefs "
    "CurrencyPrefs>CurrencyPrefs ReportPrefs>ReportPrefs OtherPrefs>OtherPrefs",
    "TaxService": "TaxCode:100 TaxCodeId TaxRateDetails>TaxServiceRate[]",
}
"""All entities' own properties; `COMMON` comes on top."""

UNPUBLISHED = {
    "TaxAgency": "the XSDs leave the whole entity out",
    "PurchasePrefs.UseCustomTxnNumbers": "API reference of Preferences",
    "ReferenceType.value": "the text of the element in XML",
}
"""What the API reference names and the XSDs do not, with the reason to keep it."""
