-- Everything outside of the system's own schemas that can hide a look at the session: functions
-- whose source we can read, and views of schemas that are not served.
select p.proname::text,
       pg_catalog.concat_ws(' ', p.prosrc, pg_catalog.pg_get_function_sqlbody(p.oid))
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where n.nspname not in ('pg_catalog', 'information_schema', 'auth', 'postern')
  and l.lanname not in ('c', 'internal')
union all
select c.relname::text, pg_catalog.pg_get_viewdef(c.oid)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('v', 'm')
  and n.nspname not in ('pg_catalog', 'information_schema', 'auth', 'postern')
