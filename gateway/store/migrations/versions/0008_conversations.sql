-- said_at: when a frame of the latest sending was last written into the journal; a frame with an effect moves sent_at as
-- well. harmless: none with an effect was in that sending, and no earlier one is in doubt. That holds only while said_at
-- is not before sent_at: a process of the version before sends without writing either. So of what was sent before this
-- revision every sending counts as one that may have filed something.
ALTER TABLE attempts
    ADD COLUMN said_at timestamptz,
    ADD COLUMN harmless boolean NOT NULL DEFAULT false;
