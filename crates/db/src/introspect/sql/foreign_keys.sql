-- Without those that the server keeps for partitions on either side.
select f.conrelid, f.conname::text, tn.nspname::text, tc.relname::text,
       (select pg_catalog.array_agg(a.attname::text order by k.place)
          from pg_catalog.unnest(f.conkey) with ordinality as k(attnum, place)
          join pg_catalog.pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum),
       (select pg_catalog.array_agg(a.attname::text order by k.place)
          from pg_catalog.unnest(f.confkey) with ordinality as k(attnum, place)
          join pg_catalog.pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum)
from pg_catalog.pg_constraint f
join pg_catalog.pg_class c on c.oid = f.conrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_class tc on tc.oid = f.confrelid
join pg_catalog.pg_namespace tn on tn.oid = tc.relnamespace
where f.contype = 'f' and f.conparentid = 0 and n.nspname = any ($1) and not c.relispartition
order by f.conrelid, f.conname collate "C"
