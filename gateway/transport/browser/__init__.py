"""A browser for payers that have only a web site: found, proved and started. The only code that knows Playwright.

It knows no payer, no site and no page: what is said in a browser comes as frames.
"""
