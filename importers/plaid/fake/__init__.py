"""A Plaid of our own on loopback, for tests and the demo: banks with a life, and faults on demand.

It keeps what the real one keeps (logins, cursors, links), so that the real client can be pointed at
it. Only the standard library is needed.
"""
