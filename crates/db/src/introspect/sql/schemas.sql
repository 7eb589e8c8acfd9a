-- What Postgres itself says of `public` is no comment of anybody's.
select n.nspname::text, d.description
from pg_catalog.pg_namespace n
join pg_catalog.pg_description d
  on d.objoid = n.oid and d.classoid = 'pg_catalog.pg_namespace'::regclass
where n.nspname = any ($1) and d.description <> 'standard public schema'
order by 1
