-- Enabled user triggers, those of partitions counted for their root; and referential actions,
-- which run the triggers of the table that they reach.
select coalesce(root.oid, t.tgrelid) as relation, t.tgname::text, t.tgtype,
       p.proname::text, p.prosrc, 0::oid as reached, '' as action
from pg_catalog.pg_trigger t
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_class c on c.oid = t.tgrelid
left join lateral (
  select r.relid::oid as oid from pg_catalog.pg_partition_ancestors(t.tgrelid) r
  join pg_catalog.pg_class rc on rc.oid = r.relid where not rc.relispartition
) root on c.relispartition
join pg_catalog.pg_class rc on rc.oid = coalesce(root.oid, t.tgrelid)
join pg_catalog.pg_namespace n on n.oid = rc.relnamespace
where not t.tgisinternal and t.tgenabled in ('O', 'A') and n.nspname = any ($1)
union all
select f.confrelid, f.conname::text, 0::int2, '', '', f.conrelid,
       concat(case when f.confdeltype in ('c', 'n', 'd') then 'd' || f.confdeltype::text end,
              case when f.confupdtype in ('c', 'n', 'd') then 'u' end)
from pg_catalog.pg_constraint f
where f.contype = 'f' and f.conparentid = 0
  and (f.confdeltype in ('c', 'n', 'd') or f.confupdtype in ('c', 'n', 'd'))
