//! The pages that are measured.

/// A page, and something that it must hold to be the one that was meant.
pub(super) struct Page {
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    pub(super) holds: &'static str,
}

const fn page(name: &'static str, path: &'static str, holds: &'static str) -> Page {
    Page { name, path, holds }
}

/// All of them.
pub(super) const PAGES: &[Page] = &[
    page("overview", "/console", "main"),
    page("list of 502 tables", "/console/tables", "table_500"),
    page(
        "100k rows: first page",
        "/console/tables/public.profiles",
        "person-",
    ),
    page(
        "100k rows: one row by an indexed filter",
        "/console/tables/public.profiles?where=username.eq.person-99999",
        "person-99999",
    ),
    page(
        "100k rows: filter without an index, many rows",
        "/console/tables/public.profiles?where=bio.ilike.*topic+5*",
        "topic 5",
    ),
    page(
        "100k rows: filter without an index, no row",
        "/console/tables/public.profiles?where=bio.ilike.*nothing+like+it*",
        "main",
    ),
    page(
        "100k rows: sorted, indexed",
        "/console/tables/public.profiles?sort=username.desc",
        "person-99999",
    ),
    page(
        "100k rows: sorted by two columns, not indexed",
        "/console/tables/public.profiles?sort=bio.asc,username.desc",
        "topic 0",
    ),
    page(
        "100k rows: page in the middle",
        "/console/tables/public.profiles?after=00000000-0000-4000-8000-000000050000&at=50001",
        "person-50001",
    ),
    page(
        "100k rows: last page",
        "/console/tables/public.profiles?end=1",
        "person-99999",
    ),
    page(
        "one row, with what refers to it",
        "/console/tables/public.profiles/rows/00000000-0000-4000-8000-000000000007",
        "person-7",
    ),
    page(
        "1M rows: first page",
        "/console/tables/public.tasks",
        "Task 1:",
    ),
    page(
        "1M rows: indexed filter",
        "/console/tables/public.tasks?where=owner_id.eq.00000000-0000-4000-8000-000000000007",
        "Task 7:",
    ),
    page(
        "1M rows: filter without an index",
        "/console/tables/public.tasks?where=status.eq.done",
        "Task",
    ),
    page(
        "1M rows: last page",
        "/console/tables/public.tasks?end=1",
        "Task 1000000:",
    ),
    page(
        "structure of a table",
        "/console/tables/public.tasks/structure",
        "tasks_of_owner",
    ),
    page(
        "form of a table",
        "/console/tables/public.tasks/structure/edit",
        "owner_id",
    ),
    page("100k users: first page", "/console/users", "@mail.example"),
    page(
        "100k users: by address",
        "/console/users?order=email&way=up",
        "@mail.example",
    ),
    page(
        "100k users: search, one hit",
        "/console/users?q=user0050000",
        "user0050000",
    ),
    page(
        "100k users: search, many hits",
        "/console/users?q=user00",
        "user00",
    ),
    page(
        "100k users: search, no hit",
        "/console/users?q=nobody-like-that",
        "main",
    ),
    page(
        "100k users: deepest page",
        "/console/users?page=2000",
        "@mail.example",
    ),
    page("requests: 10k in the log", "/console/logs", "table_"),
    page("audit: 100k entries", "/console/audit", "main"),
    page(
        "audit: one action",
        "/console/audit?action=token+refreshed",
        "main",
    ),
    page(
        "audit: an action that never was",
        "/console/audit?action=no+such+thing",
        "main",
    ),
    page("audit: deepest page", "/console/audit?page=2000", "main"),
    page(
        "policies: matrix of 502 tables",
        "/console/policies",
        "table_100",
    ),
    page("advisors", "/console/advisors", "main"),
];
