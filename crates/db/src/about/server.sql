select pg_catalog.current_setting('server_version'),
       pg_catalog.current_database()::text,
       session_user::text,
       pg_catalog.pg_database_size(pg_catalog.current_database()),
       (select count(*) from pg_catalog.pg_stat_activity a where a.datname = pg_catalog.current_database()),
       pg_catalog.current_setting('max_connections')::bigint,
       (select pg_catalog.pg_encoding_to_char(d.encoding) || ', ' || d.datcollate
        from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
