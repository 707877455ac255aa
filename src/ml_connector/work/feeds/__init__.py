"""What is read from Basware beside the invoices that wait for transfer, one file for each feed."""
