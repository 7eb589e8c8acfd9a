-- What the login reaches and the console must not show, by itself or as a role that it may take
-- on: all that the schema `postern` remembers, and what opens accounts in `auth`.
select session_user::text, f.what from (
  select 0 as rank, 'everything, as a superuser' as what
  from pg_catalog.pg_roles r
  where r.rolsuper and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  union all
  select 1, 'every role, as it may make and grant them'
  from pg_catalog.pg_roles r
  where r.rolcreaterole and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  union all
  select 2, 'the files of the server, as ' || r.rolname::text
  from pg_catalog.pg_roles r
  where r.rolname in (
    'pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'
  ) and pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  union all
  select 3, n.nspname || '.' || c.relname || '.' || a.attname
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and (
      (n.nspname = 'postern' and c.relname not in ('support', 'migrations'))
      or (n.nspname = 'auth' and a.attname in (
        'encrypted_password', 'confirmation_token', 'recovery_token', 'email_change_token_new',
        'email_change_token_current', 'phone_change_token', 'reauthentication_token', 'token',
        'token_hash', 'secret', 'web_authn_credential', 'otp_code', 'provider_access_token',
        'provider_refresh_token', 'refresh_token_hmac_key'
      ))
    )
    and (
      pg_catalog.pg_has_role(session_user, c.relowner, 'MEMBER')
      or exists (
        select from pg_catalog.pg_roles r
        where pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
          and pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')
      )
    )
) as f order by f.rank, f.what limit 1
