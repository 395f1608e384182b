-- Who may do what in the database of events: run once, in that database, by somebody who may make roles. Nobody of
-- them can come in before it has a password. infra/operate/rights.md says what for.

-- A second login of each, to change passwords without anybody being without.
DO $$
DECLARE login text;
BEGIN
  FOREACH login IN ARRAY ARRAY['event-store', 'event-store-2', 'ops-api', 'ops-api-2'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', login);
    END IF;
  END LOOP;
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO "event-store", "ops-api"', current_database());
END
$$;
GRANT "event-store" TO "event-store-2";
GRANT "ops-api" TO "ops-api-2";
-- Tables belong to the first whoever of the two makes them: only their owner may bring them up to date and drop them.
ALTER ROLE "event-store-2" SET role = 'event-store';

-- event-store makes the tables, a part for every day among them, and drops what is kept no longer.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO "event-store";

-- ops-api reads what there is and what there will be.
GRANT USAGE ON SCHEMA public TO "ops-api";
GRANT SELECT ON ALL TABLES IN SCHEMA public TO "ops-api";
ALTER DEFAULT PRIVILEGES FOR ROLE "event-store" IN SCHEMA public GRANT SELECT ON TABLES TO "ops-api";
