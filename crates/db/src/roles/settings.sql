-- ALTER ROLE … SET, of the roles that the login is a member of; what is set for this database
-- comes later and wins. Only what everybody may set: a request runs with the role's own rights.
-- Settings that are not known to the server are those of extensions and projects.
select r.rolname::text, pg_catalog.split_part(d.setting, '=', 1),
  pg_catalog.substr(d.setting, pg_catalog.strpos(d.setting, '=') + 1)
from (select setrole, setdatabase, pg_catalog.unnest(setconfig) as setting
      from pg_catalog.pg_db_role_setting) as d
join pg_catalog.pg_roles r on r.oid = d.setrole
left join pg_catalog.pg_settings known on known.name = pg_catalog.split_part(d.setting, '=', 1)
where pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  and r.rolname <> session_user
  and (d.setdatabase = 0
    or d.setdatabase = (select oid from pg_catalog.pg_database
                        where datname = pg_catalog.current_database()))
  and (known.context = 'user' or known.name is null)
order by r.rolname, d.setdatabase
