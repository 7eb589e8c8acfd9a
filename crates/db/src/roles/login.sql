-- PostgREST's configuration as it is kept in the database; what is set for this database wins.
select pg_catalog.split_part(d.setting, '=', 1),
  pg_catalog.substr(d.setting, pg_catalog.strpos(d.setting, '=') + 1)
from (select setrole, setdatabase, pg_catalog.unnest(setconfig) as setting
      from pg_catalog.pg_db_role_setting) as d
join pg_catalog.pg_roles r on r.oid = d.setrole
where r.rolname = session_user
  and (d.setdatabase = 0
    or d.setdatabase = (select oid from pg_catalog.pg_database
                        where datname = pg_catalog.current_database()))
  and pg_catalog.starts_with(d.setting, 'pgrst.')
order by d.setdatabase
