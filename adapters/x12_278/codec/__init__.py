"""X12 as bytes: cut into segments, and put together again just as it was. Knows delimiters, not meanings.

``tokens.split`` takes a whole file, ``stream.stream`` a file as it comes, ``tree.read`` gives interchanges, groups and
transactions, and ``envelope.faults`` tells what does not fit in them. Whatever the bytes are, the answer is that or
``malformed.Malformed``, in time and memory that their number bounds.
"""
