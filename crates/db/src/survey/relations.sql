select n.nspname::text, c.relname::text, c.relkind::text, o.rolname::text,
  pg_catalog.pg_has_role(session_user, c.relowner, 'USAGE') and not me.rolsuper,
  c.relrowsecurity, c.relforcerowsecurity
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_roles o on o.oid = c.relowner
join pg_catalog.pg_roles me on me.rolname = session_user
where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm', 'f')
order by 1, 2
