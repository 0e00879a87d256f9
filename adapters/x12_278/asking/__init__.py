"""What is said to a payer: a request, a change, documents, an inquiry; with its losses and faults."""
