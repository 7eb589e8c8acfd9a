//! Reads a statement's words while it is compiled, and looks at those that name relations.
//!
//! This is no SQL parser: it looks at what follows `from`, `join`, `into`, `update`, `using`,
//! `table` and their like, at what follows a comma in a list of such, and at functions that are
//! called with a schema (so `is distinct from` takes no qualified column). Statements are ours, so
//! it guards against slips, not against malice; the role and the `search_path` of the connections
//! hold beyond it.

/// Words after which a relation is named.
const BEFORE_A_RELATION: &[&str] = &[
    "from", "join", "into", "update", "using", "table", "only", "truncate", "copy", "lateral",
];
/// Words after which a comma names another relation.
const BEFORE_A_LIST: &[&str] = &["from", "using", "join", "truncate", "table"];
/// Words that end a list of relations.
const AFTER_A_LIST: &[&str] = &[
    "where",
    "set",
    "on",
    "select",
    "returning",
    "group",
    "order",
    "limit",
    "values",
    "window",
];
/// Schemas that are ours to read and write.
const OURS: &[&str] = &["auth", "postern", "pg_catalog"];

/// Whether all relations that the statement names with a schema are ours.
pub(super) const fn names_only_ours(sql: &str) -> bool {
    let bytes = sql.as_bytes();
    let mut at = 0;
    let mut names_next = false;
    let mut in_list = false;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            // A quoted name could be anything; ours need no quotes.
            return false;
        }
        if bytes[at] == b'\'' {
            at = end_of_literal(bytes, at);
            names_next = false;
            continue;
        }
        if !is_word(bytes[at]) {
            match bytes[at] {
                b'(' | b'*' => names_next = false,
                b')' => in_list = false,
                b',' => names_next = in_list,
                _ => {}
            }
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_word(bytes[at]) {
            at += 1;
        }
        let is_qualified = at < bytes.len() && bytes[at] == b'.';
        if is_qualified && (names_next || is_called(bytes, at + 1)) && !is_ours(bytes, start, at) {
            return false;
        }
        names_next = is_one_of(bytes, start, at, BEFORE_A_RELATION);
        if is_one_of(bytes, start, at, BEFORE_A_LIST) {
            in_list = true;
        } else if is_one_of(bytes, start, at, AFTER_A_LIST) {
            in_list = false;
        }
    }
    true
}

/// Whether the name that begins here is a function's: its arguments follow.
const fn is_called(bytes: &[u8], start: usize) -> bool {
    let mut at = start;
    while at < bytes.len() && is_word(bytes[at]) {
        at += 1;
    }
    at > start && at < bytes.len() && bytes[at] == b'('
}

const fn is_ours(bytes: &[u8], start: usize, end: usize) -> bool {
    is_one_of(bytes, start, end, OURS)
}

/// Where the literal that begins here ends; a doubled quote is two literals, which is the same.
const fn end_of_literal(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'\'' {
        at += 1;
    }
    at + 1
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const fn is_one_of(bytes: &[u8], start: usize, end: usize, words: &[&str]) -> bool {
    let mut index = 0;
    while index < words.len() {
        let word = words[index].as_bytes();
        let mut same = word.len() == end - start;
        let mut at = 0;
        while same && at < word.len() {
            same = bytes[start + at].to_ascii_lowercase() == word[at];
            at += 1;
        }
        if same {
            return true;
        }
        index += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::names_only_ours;

    #[test]
    fn our_own_relations_pass() {
        for sql in [
            "select 1",
            "select u.id from auth.users u join auth.sessions s on s.user_id = u.id",
            "update auth.users set email = $1 where id = $2",
            "with gone as (delete from auth.sessions returning id) select count(*) from gone",
            "insert into postern.outbox (id) values ($1) on conflict (id) do update set at = $2",
            "select id from auth.sessions where id = $1 for update of sessions",
            "select 'from public.notes'",
            "select postern.revoke($1, $2), u.id, s.id from auth.users u, auth.sessions s",
            "select id from auth.users u where (u.id, u.email) in (select 1, 2) and u.id in ($1)",
        ] {
            assert!(names_only_ours(sql), "{sql}");
        }
    }

    #[test]
    fn a_users_table_does_not() {
        for sql in [
            "select * from public.notes",
            "select 1 FROM  public.notes",
            "select 1 from auth.users join app.notes on true",
            "update public.notes set a = 1",
            "insert into app.notes values (1)",
            "delete from auth.users using public.notes",
            "select * from \"Notes\"",
            "table public.notes",
            "select 1 from auth.users, public.notes",
            "truncate public.notes",
            "select public.notes_of($1)",
            "select * from only public.notes",
        ] {
            assert!(!names_only_ours(sql), "{sql}");
        }
    }
}
