-- The schema `postern`: what the gateway's statements call, and what it remembers.
create schema if not exists postern;
grant usage on schema postern to public;

create table if not exists postern.support (
  only_row boolean primary key default true check (only_row),
  version integer not null,
  fingerprint text not null,
  installed_at timestamptz not null default pg_catalog.now()
);
-- A gateway whose role owns nothing sees here that there is nothing to install.
grant select on postern.support to public;

create table if not exists postern.migrations (
  name text primary key,
  kind text not null default 'migration' check (kind in ('migration', 'seed')),
  checksum text not null,
  applied_at timestamptz not null default pg_catalog.now()
);

-- Stands in the ELSE branch of a policy's CASE: called only when the policy says no. VOLATILE so
-- that the planner never calls it by itself; the witness gives it the type of the other branch.
create or replace function postern.deny(message text, witness anyelement) returns anyelement
  language plpgsql volatile parallel safe as $$
begin
  raise exception using errcode = '42501', message = deny.message;
end
$$;

-- The same for refusals that are no matter of rights, by their code.
create or replace function postern.refuse(code text, message text, witness anyelement)
  returns anyelement language plpgsql volatile parallel safe as $$
begin
  raise exception using errcode = refuse.code, message = refuse.message;
end
$$;

grant execute on function postern.deny(text, anyelement) to public;
grant execute on function postern.refuse(text, text, anyelement) to public;

-- Tells every gateway that the schema has changed; it reads the catalogue again. Temporary
-- objects and new contents of materialised views are nobody else's business.
create or replace function postern.ddl_watch() returns event_trigger
  language plpgsql as $$
begin
  if tg_tag = 'REFRESH MATERIALIZED VIEW' then
    return;
  end if;
  if tg_event = 'sql_drop' then
    if not exists (
      select from pg_catalog.pg_event_trigger_dropped_objects() where not is_temporary
    ) then
      return;
    end if;
  elsif not exists (
    select from pg_catalog.pg_event_trigger_ddl_commands()
    where schema_name is distinct from 'pg_temp'
  ) then
    return;
  end if;
  perform pg_catalog.pg_notify('pgrst', 'reload schema');
end
$$;

do $$
begin
  if not exists (select from pg_catalog.pg_event_trigger where evtname = 'postern_ddl_watch') then
    create event trigger postern_ddl_watch on ddl_command_end
      execute function postern.ddl_watch();
  end if;
  if not exists (select from pg_catalog.pg_event_trigger where evtname = 'postern_drop_watch') then
    create event trigger postern_drop_watch on sql_drop
      execute function postern.ddl_watch();
  end if;
exception
  when insufficient_privilege then
    raise notice 'postern: no event trigger, schema changes are found by polling';
end
$$;

-- The service key may do everything in `public`, as on Supabase; nobody else is given anything.
do $$
begin
  if exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
    grant usage on schema public to service_role;
    grant all on all tables in schema public to service_role;
    grant all on all sequences in schema public to service_role;
    grant execute on all functions in schema public to service_role;
    alter default privileges in schema public grant all on tables to service_role;
    alter default privileges in schema public grant all on sequences to service_role;
    alter default privileges in schema public grant execute on functions to service_role;
  end if;
exception
  when insufficient_privilege or invalid_schema_name then
    raise notice 'postern: service_role was given no rights on schema public';
end
$$;
