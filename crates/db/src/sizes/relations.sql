-- Nothing is counted and no relation is locked: a list must not wait for somebody's ALTER TABLE.
select n.nspname::text, c.relname::text, c.relkind::text,
  case
    when c.relkind = 'r' and pg_catalog.pg_stat_get_live_tuples(c.oid) > 0
      then pg_catalog.pg_stat_get_live_tuples(c.oid)
    when c.relkind in ('r', 'm', 'p', 'f') and c.reltuples >= 0 then c.reltuples::int8
    when c.relkind = 'r' and c.relpages = 0 then 0::int8
  end,
  case when c.relkind in ('r', 'm') and c.relpages > 0 then
    (c.relpages::int8 + coalesce(t.relpages, 0)::int8 + coalesce(i.pages, 0))
    * pg_catalog.current_setting('block_size')::int8
  end,
  d.description
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_class t on t.oid = c.reltoastrelid
left join (
  select x.indrelid, pg_catalog.sum(k.relpages)::int8 as pages
  from pg_catalog.pg_index x
  join pg_catalog.pg_class k on k.oid = x.indexrelid
  group by x.indrelid
) i on i.indrelid = c.oid
left join pg_catalog.pg_description d
  on d.objoid = c.oid and d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
  and d.objsubid = 0
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'postern', 'auth')
order by n.nspname collate "C", c.relname collate "C"
