select a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), not a.attnotnull,
  exists (
    select from pg_catalog.pg_index x
    where x.indrelid = c.oid and x.indisprimary and a.attnum = any(x.indkey)
  )
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid
where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'postern', 'auth')
order by a.attnum
