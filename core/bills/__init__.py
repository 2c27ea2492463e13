"""What has to be paid and comes in: recurring payments, open bills and invoices, and the forecast.

``recurring`` reads what comes again and again, ``matching`` finds it in the books, ``open_items``
what a bill or an invoice still leaves open, ``forecast`` puts it all on the days to come. Nothing
here is a rule; ``plugins/bills`` makes findings of it.
"""
