"""The gateway, the payers and a customer, each as a customer meets them: processes, sockets, files, signals.

Nothing in this folder reaches into the gateway. It starts commands, speaks HTTP to them, reads what they wrote and
kills them.
"""
