select n.nspname::text, c.relname::text, a.attname::text,
  pg_catalog.has_column_privilege($1::oid, c.oid, a.attnum, 'SELECT'),
  pg_catalog.has_column_privilege($1::oid, c.oid, a.attnum, 'INSERT'),
  pg_catalog.has_column_privilege($1::oid, c.oid, a.attnum, 'UPDATE'),
  pg_catalog.has_table_privilege($1::oid, c.oid, 'DELETE')
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any($2) and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and a.attnum > 0 and not a.attisdropped
  and pg_catalog.has_schema_privilege($1::oid, n.oid, 'USAGE')
