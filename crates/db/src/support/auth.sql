-- `auth.uid()` and its siblings, for defaults, triggers, views and row-level security. Each is
-- created only where there is none: on Supabase the platform's own stay as they are. They read the
-- claims that the gateway sets on the session path, in the new form and in the old one of a
-- setting per claim.
do $$
begin
  if pg_catalog.to_regnamespace('auth') is null then
    create schema auth;
    grant usage on schema auth to public;
  end if;

  if pg_catalog.to_regprocedure('auth.jwt()') is null then
    create function auth.jwt() returns jsonb language sql stable parallel safe as $f$
      select coalesce(
        nullif(pg_catalog.current_setting('request.jwt.claim', true), ''),
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')
      )::jsonb
    $f$;
  end if;

  -- A subject that is no UUID is nobody, not an error: policies then deny.
  if pg_catalog.to_regprocedure('auth.uid()') is null then
    create function auth.uid() returns uuid language sql stable parallel safe as $f$
      select case
        when sub ~* '^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$'
        then sub::uuid
      end
      from (select coalesce(
        nullif(pg_catalog.current_setting('request.jwt.claim.sub', true), ''),
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      ) as sub) as claims
    $f$;
  end if;

  if pg_catalog.to_regprocedure('auth.role()') is null then
    create function auth.role() returns text language sql stable parallel safe as $f$
      select coalesce(
        nullif(pg_catalog.current_setting('request.jwt.claim.role', true), ''),
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
      )
    $f$;
  end if;

  if pg_catalog.to_regprocedure('auth.email()') is null then
    create function auth.email() returns text language sql stable parallel safe as $f$
      select coalesce(
        nullif(pg_catalog.current_setting('request.jwt.claim.email', true), ''),
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
      )
    $f$;
  end if;
exception
  when insufficient_privilege then
    raise notice 'postern: schema auth could not be completed';
end
$$;
