-- Outgoing ones first; keys of partitions follow their parents' and are left out.
select k.conname::text, k.conrelid = $1 as is_outgoing, n.nspname::text, c.relname::text,
       (select pg_catalog.array_agg(a.attname::text order by p.place)
          from pg_catalog.unnest(k.conkey) with ordinality as p(attnum, place)
          join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = p.attnum),
       (select pg_catalog.array_agg(a.attname::text order by p.place)
          from pg_catalog.unnest(k.confkey) with ordinality as p(attnum, place)
          join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = p.attnum),
       k.confupdtype::text, k.confdeltype::text
from pg_catalog.pg_constraint k
join pg_catalog.pg_class c
  on c.oid = case when k.conrelid = $1 then k.confrelid else k.conrelid end
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where k.contype = 'f' and (k.conrelid = $1 or k.confrelid = $1) and k.conparentid = 0
order by 2 desc, n.nspname collate "C", c.relname collate "C", k.conname collate "C"
