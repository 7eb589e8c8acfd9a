//! Pools, pipelining, introspection, migrations, SQLSTATE mapping and the managed local Postgres.
