-- The server works as this role: it may add to the record, never change it.
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fairlead_server') THEN
    CREATE ROLE fairlead_server NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- a neighbour database on the same server has just made it
END $$;
DO $$ BEGIN
  GRANT fairlead_server TO CURRENT_USER;
EXCEPTION WHEN insufficient_privilege THEN
  -- An administrator made the role; then it is enough that they granted it.
  IF NOT pg_has_role(CURRENT_USER, 'fairlead_server', 'MEMBER') THEN RAISE; END IF;
END $$;
GRANT USAGE ON SCHEMA fairlead TO fairlead_server;

CREATE TABLE fairlead.people (
  name        text PRIMARY KEY,
  email       text NOT NULL,
  role        text NOT NULL CHECK (role IN ('viewer', 'deployer', 'approver', 'admin')),
  created_at  timestamptz NOT NULL,
  disabled_at timestamptz
);
CREATE UNIQUE INDEX people_email ON fairlead.people (lower(email));

CREATE TABLE fairlead.tokens (
  digest     text PRIMARY KEY,
  person     text NOT NULL REFERENCES fairlead.people,
  label      text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz
);

CREATE TABLE fairlead.releases (
  app        text NOT NULL,
  id         text NOT NULL,
  sha        text NOT NULL,
  manifest   jsonb NOT NULL,
  digest     text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (app, id)
);

CREATE TABLE fairlead.runs (
  id              text PRIMARY KEY,
  app             text NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('deploy', 'rollback')),
  commit          jsonb NOT NULL,
  release         text NOT NULL DEFAULT '',
  repository      text NOT NULL DEFAULT '',
  spec            jsonb NOT NULL,
  status          text NOT NULL,
  because         text NOT NULL DEFAULT '',
  submitted_by    text NOT NULL,
  submitter_email text NOT NULL,
  created_at      timestamptz NOT NULL,
  finished_at     timestamptz
);
CREATE INDEX runs_newest ON fairlead.runs (app, created_at DESC);

CREATE TABLE fairlead.stages (
  run         text NOT NULL REFERENCES fairlead.runs,
  index       integer NOT NULL,
  name        text NOT NULL,
  kind        text NOT NULL,
  environment text NOT NULL,
  gates       text[] NOT NULL,
  leg         integer NOT NULL,
  status      text NOT NULL,
  started_at  timestamptz,
  finished_at timestamptz,
  because     text NOT NULL DEFAULT '',
  trouble_since timestamptz,
  PRIMARY KEY (run, index)
);

CREATE TABLE fairlead.gate_results (
  run           text NOT NULL,
  stage         integer NOT NULL,
  gate          text NOT NULL,
  status        text NOT NULL,
  exit_status   integer,
  because       text NOT NULL DEFAULT '',
  inputs_digest text,
  reused_from   text,
  started_at    timestamptz NOT NULL,
  finished_at   timestamptz,
  PRIMARY KEY (run, stage, gate),
  FOREIGN KEY (run, stage) REFERENCES fairlead.stages (run, index)
);
CREATE INDEX gate_results_reusable ON fairlead.gate_results (gate, inputs_digest, finished_at DESC)
  WHERE status = 'passed';

CREATE TABLE fairlead.approvals (
  run         text NOT NULL REFERENCES fairlead.runs,
  environment text NOT NULL,
  plan_hash   text NOT NULL,
  answer      text NOT NULL CHECK (answer IN ('approved', 'rejected')),
  person      text NOT NULL,
  reason      text NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (run, environment)
);

CREATE TABLE fairlead.intentions (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run     text NOT NULL REFERENCES fairlead.runs,
  kind    text NOT NULL CHECK (kind IN ('stop', 'rollback')),
  person  text NOT NULL,
  reason  text NOT NULL,
  at      timestamptz NOT NULL
);
CREATE INDEX intentions_run ON fairlead.intentions (run);

CREATE TABLE fairlead.environments (
  app        text NOT NULL,
  name       text NOT NULL,
  listen     text NOT NULL,
  live       text NOT NULL DEFAULT '',
  previous   text NOT NULL DEFAULT '',
  weights    jsonb NOT NULL DEFAULT '{}',
  held_by    text NOT NULL DEFAULT '',
  production boolean NOT NULL DEFAULT false,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (app, name)
);

CREATE TABLE fairlead.slots (
  id          text PRIMARY KEY,
  app         text NOT NULL,
  environment text NOT NULL,
  release     text NOT NULL,
  component   text NOT NULL,
  kind        text NOT NULL,
  units       text[] NOT NULL,
  permissions text[] NOT NULL,
  endpoints   jsonb NOT NULL,
  stop_after  timestamptz
);
CREATE INDEX slots_environment ON fairlead.slots (app, environment);

CREATE TABLE fairlead.rollouts (
  run           text NOT NULL REFERENCES fairlead.runs,
  environment   text NOT NULL,
  release       text NOT NULL,
  previous      text NOT NULL,
  phase         text NOT NULL,
  stage         integer NOT NULL,
  step          integer NOT NULL DEFAULT 0,
  since         timestamptz NOT NULL,
  unknown_since timestamptz,
  opened        jsonb,
  finding       jsonb,
  because       text NOT NULL DEFAULT '',
  PRIMARY KEY (run, environment)
);

CREATE TABLE fairlead.measurements (
  app         text NOT NULL,
  environment text NOT NULL,
  release     text NOT NULL,
  component   text NOT NULL,
  began       timestamptz NOT NULL,
  ended       timestamptz NOT NULL,
  requests    bigint NOT NULL CHECK (requests >= 0),
  errors      bigint NOT NULL CHECK (errors >= 0),
  total_ms    double precision NOT NULL CHECK (total_ms >= 0),
  PRIMARY KEY (app, environment, release, component, began)
);

-- The runbook's table, column by column, then ours. A row is written for every change of status.
CREATE TABLE fairlead.deployment_audit (
  id                   serial PRIMARY KEY,
  deployment_id        varchar(255) NOT NULL,
  environment          varchar(50) NOT NULL,
  deployment_type      varchar(50) NOT NULL,
  git_commit_hash      varchar(40),
  git_branch           varchar(255),
  deployed_by          varchar(255),
  deployment_status    varchar(50) NOT NULL
    CHECK (deployment_status IN ('started', 'success', 'failed', 'rolled_back')),
  started_at           timestamptz NOT NULL,
  completed_at         timestamptz,
  error_message        text,
  rollback_reason      text,
  health_check_results jsonb,
  performance_metrics  jsonb,
  created_at           timestamptz DEFAULT now(),
  app                  text NOT NULL,
  run                  text NOT NULL,
  release              text NOT NULL,
  UNIQUE (deployment_id, deployment_type, deployment_status)
);
CREATE INDEX idx_deployment_audit_env_status
  ON fairlead.deployment_audit (environment, deployment_status);
CREATE INDEX idx_deployment_audit_timestamp ON fairlead.deployment_audit (started_at DESC);

CREATE TABLE fairlead.journal (
  seq         bigint PRIMARY KEY,
  at          timestamptz NOT NULL,
  actor       text NOT NULL,
  kind        text NOT NULL,
  because     text NOT NULL,
  effect      text NOT NULL UNIQUE,
  app         text NOT NULL,
  run         text NOT NULL,
  environment text NOT NULL,
  release     text NOT NULL,
  data        jsonb NOT NULL,
  previous    text NOT NULL,
  digest      text NOT NULL
);
CREATE INDEX journal_run ON fairlead.journal (run, seq);
CREATE INDEX journal_kind ON fairlead.journal (kind, seq);

CREATE FUNCTION fairlead.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the record is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END $$;
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON fairlead.journal
  FOR EACH ROW EXECUTE FUNCTION fairlead.refuse_change();
CREATE TRIGGER journal_keep BEFORE TRUNCATE ON fairlead.journal
  FOR EACH STATEMENT EXECUTE FUNCTION fairlead.refuse_change();

ALTER TABLE fairlead.deployment_audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY deployment_audit_read ON fairlead.deployment_audit FOR SELECT USING (true);
CREATE POLICY deployment_audit_insert ON fairlead.deployment_audit FOR INSERT WITH CHECK (true);
ALTER TABLE fairlead.journal ENABLE ROW LEVEL SECURITY;
CREATE POLICY journal_read ON fairlead.journal FOR SELECT USING (true);
CREATE POLICY journal_insert ON fairlead.journal FOR INSERT WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON
  fairlead.people, fairlead.tokens, fairlead.releases, fairlead.runs, fairlead.stages,
  fairlead.gate_results, fairlead.approvals, fairlead.intentions, fairlead.environments,
  fairlead.slots, fairlead.rollouts, fairlead.measurements
  TO fairlead_server;
GRANT SELECT, INSERT ON fairlead.journal, fairlead.deployment_audit TO fairlead_server;
GRANT USAGE ON SEQUENCE fairlead.deployment_audit_id_seq TO fairlead_server;
