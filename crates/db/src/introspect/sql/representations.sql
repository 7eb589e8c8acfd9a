-- Implicit casts between domains and what clients send and get. The server ignores them.
select n.nspname::text, t.typname::text, d.direction, fn.nspname::text, p.proname::text,
       p.provolatile = 'i' as immutable
from pg_catalog.pg_cast c
join pg_catalog.pg_proc p on p.oid = c.castfunc
join pg_catalog.pg_namespace fn on fn.oid = p.pronamespace
cross join lateral (values
  (c.castsource, case c.casttarget when 'pg_catalog.json'::regtype then 'to_json'
                                   when 'pg_catalog.text'::regtype then 'to_text' end),
  (c.casttarget, case c.castsource when 'pg_catalog.json'::regtype then 'from_json'
                                   when 'pg_catalog.text'::regtype then 'from_text' end)
) as d(domain, direction)
join pg_catalog.pg_type t on t.oid = d.domain and t.typtype = 'd'
join pg_catalog.pg_namespace n on n.oid = t.typnamespace
where c.castcontext = 'i' and c.castmethod = 'f' and d.direction is not null
order by n.nspname collate "C", t.typname collate "C", d.direction
