-- Keys first by being primary, then by name, so that snapshots are stable.
select i.indrelid, x.relname::text, i.indisprimary,
       i.indisunique and i.indpred is null and i.indexprs is null and i.indimmediate as is_key,
       (select pg_catalog.array_agg(a.attname::text order by k.place)
          from pg_catalog.unnest(i.indkey::int2[]) with ordinality as k(attnum, place)
          left join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
         where k.place <= i.indnkeyatts) as columns,
       i.indpred is null as is_whole
from pg_catalog.pg_index i
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_class c on c.oid = i.indrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = any ($1) and i.indisvalid and not c.relispartition
order by i.indrelid, i.indisprimary desc, x.relname collate "C"
