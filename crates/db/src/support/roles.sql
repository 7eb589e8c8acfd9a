-- The roles that requests run as in native mode and in functions. Roles belong to the server, not
-- to the database, and only some may create them: what is refused is left out.
do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('anon', 'nologin noinherit'),
      ('authenticated', 'nologin noinherit'),
      ('service_role', 'nologin noinherit bypassrls')
    ) as roles(name, attributes)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      begin
        execute pg_catalog.format('create role %I %s', wanted.name, wanted.attributes);
      exception
        when insufficient_privilege then
          raise notice 'postern: role % could not be created', wanted.name;
        when duplicate_object or unique_violation then
          null; -- somebody else was faster
      end;
    end if;
  end loop;
end
$$;
