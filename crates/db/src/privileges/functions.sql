select p.oid
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname = any($2)
  and pg_catalog.has_function_privilege($1::oid, p.oid, 'EXECUTE')
  and pg_catalog.has_schema_privilege($1::oid, n.oid, 'USAGE')
