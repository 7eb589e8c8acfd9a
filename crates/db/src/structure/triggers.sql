select t.tgname::text, pg_catalog.pg_get_triggerdef(t.oid, true), t.tgenabled <> 'D'
from pg_catalog.pg_trigger t
where t.tgrelid = $1 and not t.tgisinternal
order by t.tgname collate "C"
