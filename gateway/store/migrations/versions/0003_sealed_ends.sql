-- A keyed tag over a journal's count and head. Null for a case from before, and for one whose end was changed since:
-- nothing shows that its journal has no later entries.
ALTER TABLE requests ADD COLUMN journal_tag bytea;
