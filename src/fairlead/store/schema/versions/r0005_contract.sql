-- What a release takes away from the database goes when no other release runs any more: as a run of
-- its own. `waiting` are the files that wait for that, `contracted` those that were applied.
ALTER TABLE fairlead.runs DROP CONSTRAINT runs_kind_check;
ALTER TABLE fairlead.runs
  ADD CONSTRAINT runs_kind_check CHECK (kind IN ('deploy', 'rollback', 'contract'));
ALTER TABLE fairlead.environments
  ADD COLUMN waiting text[] NOT NULL DEFAULT '{}',
  ADD COLUMN contracted text[] NOT NULL DEFAULT '{}';
