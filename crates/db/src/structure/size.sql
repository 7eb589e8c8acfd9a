select pg_catalog.pg_get_userbyid(c.relowner)::text, c.reltuples::int8,
       pg_catalog.pg_total_relation_size(c.oid)
from pg_catalog.pg_class c
where c.oid = $1
