"""What a payer said: whose answer it is, which line each service decides, and what that comes to."""
