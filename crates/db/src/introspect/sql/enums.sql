select enumtypid, pg_catalog.array_agg(enumlabel::text order by enumsortorder)
from pg_catalog.pg_enum group by enumtypid
