-- The schemas of the relations that views of these schemas read, through other views as well.
with recursive reached(oid) as (
  select c.oid
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any ($1) and c.relkind in ('v', 'm')
  union
  select d.refobjid
  from reached r
  join pg_catalog.pg_rewrite w on w.ev_class = r.oid and w.rulename = '_RETURN'
  join pg_catalog.pg_depend d
    on d.objid = w.oid and d.classid = 'pg_catalog.pg_rewrite'::regclass
   and d.refclassid = 'pg_catalog.pg_class'::regclass
)
select distinct n.nspname::text
from reached r
join pg_catalog.pg_class c on c.oid = r.oid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
order by 1
