select n.nspname || '.' || c.relname, pg_catalog.pg_total_relation_size(c.oid)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'm')
  and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'auth', 'postern')
order by 2 desc, 1
limit 8
