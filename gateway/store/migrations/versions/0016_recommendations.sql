-- recommends: a delegate was asked whose yes is no authorization; the payer itself is asked after it.
ALTER TABLE submissions ADD COLUMN recommends boolean NOT NULL DEFAULT false;
