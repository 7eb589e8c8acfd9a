-- What each view reads, as the server keeps it; and whether it is simple enough that the server
-- writes through it by itself, which means one row of it is one row of its table.
select c.oid, pg_catalog.pg_relation_is_updatable(c.oid, false) <> 0 as is_simple,
       r.ev_action::text
from pg_catalog.pg_rewrite r
join pg_catalog.pg_class c on c.oid = r.ev_class
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where r.rulename = '_RETURN' and c.relkind in ('v', 'm') and n.nspname = any ($1)
