-- Every column with what fills it; dropped ones keep their number and are left out.
select a.attrelid, a.attname::text, a.attnum, a.atttypid,
       pg_catalog.format_type(a.atttypid, a.atttypmod),
       a.attnotnull or (t.typtype = 'd' and t.typnotnull) as not_null,
       a.attidentity::text, a.attgenerated::text,
       pg_catalog.pg_get_expr(ad.adbin, ad.adrelid) as expression,
       d.description
from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_type t on t.oid = a.atttypid
left join pg_catalog.pg_attrdef ad on ad.adrelid = a.attrelid and ad.adnum = a.attnum
left join pg_catalog.pg_description d
  on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::regclass and d.objsubid = a.attnum
where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum
