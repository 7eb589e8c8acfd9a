-- The columns are those of the table itself that the expressions name.
select n.nspname::text, c.relname::text, p.polname::text, p.polpermissive, p.polcmd::text,
  array(
    select coalesce(r.rolname::text, 'public')
    from pg_catalog.unnest(p.polroles) as named(oid)
    left join pg_catalog.pg_roles r on r.oid = named.oid
    order by 1
  ),
  pg_catalog.pg_get_expr(p.polqual, p.polrelid),
  pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid),
  array(
    select distinct a.attname::text
    from pg_catalog.pg_depend d
    join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid
      and d.refclassid = 'pg_catalog.pg_class'::regclass
      and d.refobjid = p.polrelid and d.refobjsubid > 0
    order by 1
  )
from pg_catalog.pg_policy p
join pg_catalog.pg_class c on c.oid = p.polrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any($1)
order by 1, 2, 3
