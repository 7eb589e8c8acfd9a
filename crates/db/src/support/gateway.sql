-- What the gateway's own role may reach in a managed database: everything that the owner makes in
-- the schemas that can be served, and nothing of Postern's own memory.
do $$
declare
  found record;
begin
  for found in
    select nspname from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname not in ('information_schema', 'postern', 'auth')
  loop
    execute pg_catalog.format('grant usage on schema %I to {gateway}', found.nspname);
    execute pg_catalog.format(
      'grant select, insert, update, delete on all tables in schema %I to {gateway}', found.nspname);
    execute pg_catalog.format(
      'grant usage, select on all sequences in schema %I to {gateway}', found.nspname);
    execute pg_catalog.format(
      'grant execute on all functions in schema %I to {gateway}', found.nspname);
  end loop;
end
$$;
alter default privileges grant usage on schemas to {gateway};
alter default privileges grant select, insert, update, delete on tables to {gateway};
alter default privileges grant usage, select on sequences to {gateway};
alter default privileges grant execute on functions to {gateway};
-- Functions of the schema `auth` are everybody's; its tables are the auth service's alone, whatever
-- the defaults above gave.
grant usage on schema auth to {gateway};
revoke all on all tables in schema auth from {gateway};
-- Nor is Postern's own memory, which the defaults above would give to it with each table that a
-- newer version adds.
revoke all on all tables in schema postern from {gateway};
