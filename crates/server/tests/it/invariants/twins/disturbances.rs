//! Changes that the caller must not notice.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

/// Values that a filter might stumble on.
const TEXTS: &[&str] = &[
    "her first",
    "(",
    "12",
    "twelve",
    "BOBS",
    "%",
    "\\\\",
    "",
    "999999999999",
];

fn text(random: &mut StdRng) -> &'static str {
    TEXTS.choose(random).copied().unwrap_or_default()
}

/// Rows that come, go and change where Alice sees none of them.
pub(super) fn of_rows(random: &mut StdRng, step: usize) -> String {
    let id = 100 + step;
    let (title, amount) = (text(random), text(random));
    let bob = "'b0b00000-0000-4000-8000-000000000002'";
    match random.random_range(0..9) {
        0..3 => format!(
            "insert into public.records (id, owner_id, tenant_id, title, code, amount, doc, secret)
             values ({id}, {bob}, {}, '{title}', 'H{step}', '{amount}', '{{\"n\": \"x\"}}', 'BOBS')",
            random.random_range(1..3)
        ),
        3 => format!("delete from public.records where id between 100 and {id} and id % 2 = 0"),
        4 => format!(
            "update public.records set title = '{title}', amount = '{amount}', tenant_id = {}
             where owner_id = {bob}",
            random.random_range(1..3)
        ),
        5 => format!(
            "insert into public.tags values ({id}, {bob}, '{title}');
             insert into public.record_tags values ({}, {id}, {bob})",
            random.random_range(1..3)
        ),
        6 => format!(
            "insert into public.tenants values ({id}, '{title}');
             insert into public.members values ({id}, {bob})"
        ),
        7 => format!("update public.tenants set name = '{title}' where id <> 1"),
        _ => format!("insert into public.vault values ({id}, 1, '{title}')"),
    }
}

/// Values of columns that Alice may not read, or reads through a mask that stays the same.
pub(super) fn of_columns(random: &mut StdRng, step: usize) -> String {
    let secret = text(random);
    match random.random_range(0..3) {
        0 => format!("update public.records set secret = '{secret}{step}'"),
        1 => format!(
            "update public.profiles set phone = '{secret}{step}22'
             where id <> 'a11ce000-0000-4000-8000-000000000001'"
        ),
        _ => format!("update public.records set secret = nullif('{secret}', '(') where id = 1"),
    }
}
