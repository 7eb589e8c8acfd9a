//! Random rows for all tables of a world.

use std::fmt::Write as _;

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

/// The people who ask, and one whom no row names.
pub(crate) const PEOPLE: [&str; 4] = [
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
    "00000000-0000-4000-8000-000000000003",
    "00000000-0000-4000-8000-00000000000f",
];

/// The rows as INSERT statements.
pub(crate) fn random(random: &mut StdRng, schema: &str) -> String {
    let mut sql = String::new();
    let mut insert = |table: &str, columns: &str, rows: Vec<String>| {
        if !rows.is_empty() {
            let rows = rows.join(", ");
            let _ = write!(
                sql,
                "insert into {schema}.{table} {columns} values {rows} on conflict do nothing;"
            );
        }
    };
    let open: Vec<bool> = (0..3).map(|_| random.random_bool(0.5)).collect();
    let named = |letter: &str| {
        let rows = open.iter().zip(1..);
        rows.map(|(open, id)| format!("({id}, '{letter}{id}', {open})"))
            .collect()
    };
    insert("groups", "", named("g"));
    insert("tags", "", named("t"));
    let mut members = Vec::new();
    for person in PEOPLE.iter().take(3) {
        let joined = (1..=3).filter(|_| random.random_bool(0.4));
        members.extend(joined.map(|id| format!("('{person}', {id})")));
    }
    insert("members", "", members);
    let count = random.random_range(6..14);
    let items = "(id, owner, grp, title, code, n, flag, data)";
    insert(
        "items",
        items,
        (1..=count).map(|id| item(random, id)).collect(),
    );
    let rows = |random: &mut StdRng, row: &dyn Fn(&mut StdRng, i32) -> String| {
        (1..=10).map(|id| row(random, id)).collect::<Vec<_>>()
    };
    let of_item = |it: &mut StdRng| maybe(it, 0.9, |it| it.random_range(1..=count).to_string());
    let notes = rows(random, &|it, id| {
        let (item, person, secret) = (of_item(it), person(it), it.random_bool(0.3));
        format!("({id}, {item}, {person}, '{}', {secret})", word(it))
    });
    insert("notes", "", notes);
    let item_tags = rows(random, &|it, _| {
        let (item, tag) = (it.random_range(1..=count), it.random_range(1..=3));
        format!("({item}, {tag}, {})", person(it))
    });
    insert("item_tags", "", item_tags);
    let kinds = rows(random, &|it, id| kind(it, id, &of_item));
    insert("kinds", "", kinds);
    let logs = rows(random, &|it, id| {
        let (item, owner) = (of_item(it), person(it));
        format!(
            "({id}, {owner}, {item}, '{}', {id}, '{}')",
            word(it),
            word(it)
        )
    });
    insert(
        "logs",
        "(id, owner, item, body, seq, actor) overriding system value",
        logs,
    );
    let events = rows(random, &|it, id| {
        let (day, owner, item) = (it.random_range(0..30), person(it), of_item(it));
        format!("({id}, {day}, {owner}, {item}, '{}')", word(it))
    });
    insert("events", "", events);
    let tickets = rows(random, &|it, id| {
        let (owner, item, n) = (person(it), of_item(it), it.random_range(0..10));
        format!(
            "({id}, {owner}, {item}, {n}, '{}', '{}')",
            word(it),
            word(it)
        )
    });
    insert("tickets", "", tickets);
    // Rows of the world are as they are written here, whatever triggers would make of them.
    format!("set session_replication_role = replica; {sql}; set session_replication_role = default")
}

fn item(random: &mut StdRng, id: i32) -> String {
    format!(
        "({id}, {}, {}, {}, {}, {}, {}, {})",
        person(random),
        maybe(random, 0.7, |it| it.random_range(1..=3).to_string()),
        maybe(random, 0.9, |it| format!("'{}'", word(it))),
        maybe(random, 0.8, |_| id.to_string()),
        random.random_range(0..10),
        maybe(random, 0.9, |it| it.random_bool(0.5).to_string()),
        maybe(random, 0.7, |it| format!(
            "'{{\"k\": \"{}\", \"n\": {id}}}'",
            word(it)
        )),
    )
}

fn kind(random: &mut StdRng, id: i32, of_item: &dyn Fn(&mut StdRng) -> String) -> String {
    let low = random.random_range(0..6);
    format!(
        "({id}, {}, {}, '{}', {}, {}, {}, {}, '{}', {})",
        person(random),
        of_item(random),
        mood(random),
        maybe(random, 0.9, |it| it.random_range(0..9).to_string()),
        maybe(random, 0.8, |it| format!("'{{{},{}}}'", word(it), word(it))),
        maybe(random, 0.8, |it| format!(
            "'[{low},{})'",
            low + it.random_range(1..5)
        )),
        maybe(random, 0.8, |it| format!(
            "'({},{})'",
            it.random_range(0..5),
            word(it)
        )),
        word(random),
        random.random_range(0..6),
    )
}

pub(crate) fn mood(random: &mut StdRng) -> &'static str {
    ["calm", "cross", "glad"]
        .choose(random)
        .copied()
        .unwrap_or("calm")
}

fn person(random: &mut StdRng) -> String {
    maybe(random, 0.9, |it| {
        format!("'{}'", PEOPLE[it.random_range(0..3)])
    })
}

fn maybe(random: &mut StdRng, likely: f64, value: impl FnOnce(&mut StdRng) -> String) -> String {
    if random.random_bool(likely) {
        value(random)
    } else {
        "null".into()
    }
}

/// A short word; some are no numbers and some no regular expressions.
pub(crate) fn word(random: &mut StdRng) -> &'static str {
    const WORDS: [&str; 7] = ["apple", "avocado", "bread", "banana", "cherry", "12", "7"];
    WORDS.choose(random).copied().unwrap_or("apple")
}
