-- What one component of the live release did in one minute. `seconds` counts those that were seen;
-- `fine` and `coarse` sum up the bad answers of each second and of each ten seconds running.
CREATE TABLE fairlead.traffic_minutes (
  app            text NOT NULL,
  environment    text NOT NULL,
  release        text NOT NULL,
  component      text NOT NULL,
  began          timestamptz NOT NULL,
  seconds        double precision NOT NULL CHECK (seconds >= 0),
  requests       bigint NOT NULL CHECK (requests >= 0),
  errors         bigint NOT NULL CHECK (errors >= 0),
  buckets        bigint[] NOT NULL,
  fine_number    integer NOT NULL,
  fine_total     bigint NOT NULL,
  fine_squares   bigint NOT NULL,
  coarse_number  integer NOT NULL,
  coarse_total   bigint NOT NULL,
  coarse_squares bigint NOT NULL,
  PRIMARY KEY (app, environment, began, component, release)
);
CREATE INDEX traffic_minutes_oldest ON fairlead.traffic_minutes (began);
GRANT SELECT, INSERT, DELETE ON fairlead.traffic_minutes TO fairlead_server;
