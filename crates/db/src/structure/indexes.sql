-- The primary key's first; an index that is being built, or whose building failed, is not valid.
select x.relname::text, m.amname::text,
       (select pg_catalog.array_agg(pg_catalog.pg_get_indexdef(i.indexrelid, k.place, true)
                                    || case when i.indoption[k.place - 1] & 1 = 1 then ' desc'
                                            else '' end
                                    order by k.place)
          from pg_catalog.generate_series(1, i.indnkeyatts::int4) as k(place)) as keys,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid, true),
       i.indisunique, i.indisprimary,
       exists (select 1 from pg_catalog.pg_constraint k
                where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')),
       i.indisvalid, pg_catalog.pg_relation_size(x.oid)
from pg_catalog.pg_index i
join pg_catalog.pg_class x on x.oid = i.indexrelid
join pg_catalog.pg_am m on m.oid = x.relam
where i.indrelid = $1
order by i.indisprimary desc, x.relname collate "C"
