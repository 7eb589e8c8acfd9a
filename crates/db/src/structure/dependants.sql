-- What goes with a column, and what holds it; a view stands for the rule that it is kept in. What
-- the relation itself is made of (its own defaults, keys to itself) holds nothing.
select distinct a.attname::text,
       pg_catalog.pg_describe_object(
           case when r.oid is null then d.classid else d.refclassid end,
           coalesce(r.ev_class, d.objid), case when r.oid is null then d.objsubid else 0 end),
       d.deptype = 'n' as holds
from pg_catalog.pg_depend d
left join pg_catalog.pg_attribute a
  on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and a.attnum > 0
left join pg_catalog.pg_rewrite r
  on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and r.oid = d.objid
left join pg_catalog.pg_attrdef f
  on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and f.oid = d.objid
left join pg_catalog.pg_constraint k
  on d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass and k.oid = d.objid
where d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = $1
  and d.deptype in ('n', 'a') and (r.ev_class is null or r.ev_class <> $1)
  and not (f.oid is not null and f.adrelid = $1 and f.adnum = d.refobjsubid)
  and not (k.oid is not null and k.conrelid = $1 and d.deptype = 'n')
order by 1, 2
