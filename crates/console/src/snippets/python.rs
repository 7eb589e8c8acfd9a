//! Python, by supabase-py.

use super::literal::{Escape, Texts, Words, indented};
use super::{Field, ROWS, Site, Step, Subject, name};

const TEXTS: Texts = Texts {
    quote: '"',
    special: "",
    escape: Escape::Four,
};
const WORDS: Words = Words {
    texts: TEXTS,
    constants: ["None", "True", "False"],
    braces: ['{', '}'],
};
/// What makes the library quote a column of a filter by itself.
const QUOTED: [char; 6] = [',', ':', '(', ')', '"', '\\'];

/// The lines that come first.
pub(super) fn connect(site: &Site) -> String {
    let (address, key) = (TEXTS.of(&site.address), TEXTS.of(&site.key));
    format!(
        "from supabase import create_client\n\n\
         supabase = create_client(\n    {address},\n    {key},\n)\n"
    )
}

/// The lines of a step; none where the library cannot filter by a column of the key.
pub(super) fn write(step: Step, subject: &Subject) -> Option<String> {
    let schema = subject.schema.as_ref();
    let schema = schema
        .map(|it| format!(".schema({})", TEXTS.of(it)))
        .unwrap_or_default();
    let mut calls = vec![format!(
        "supabase{schema}.table({})",
        TEXTS.of(&subject.table)
    )];
    let select = |step| format!(".select({})", TEXTS.of(&subject.reading(step, ", ")));
    let key = || subject.key.iter().map(equals).collect::<Option<Vec<_>>>();
    let minimal = match subject.columns.is_empty() {
        true => ", returning=\"minimal\"",
        false => "",
    };
    match step {
        Step::List | Step::Embed => {
            calls.push(select(step));
            let order = subject.order.iter();
            calls.extend(order.map(|it| format!(".order({})", TEXTS.of(&name::column(it)))));
            calls.push(format!(".range(0, {})", ROWS - 1));
        }
        Step::One => {
            calls.push(select(step));
            calls.extend(key()?);
        }
        Step::Insert => {
            let row = subject.insert.as_deref().unwrap_or_default();
            calls.push(format!(".insert({}{minimal})", object(row)));
        }
        Step::Update => {
            let row: Vec<_> = subject.update.iter().cloned().collect();
            calls.push(format!(".update({}{minimal})", object(&row)));
            calls.extend(key()?);
        }
        Step::Delete => {
            let minimal = minimal.trim_start_matches([',', ' ']);
            calls.push(format!(".delete({minimal})"));
            calls.extend(key()?);
        }
    }
    calls.push(".execute()".to_owned());
    let calls = indented(&calls, "    ");
    Some(format!("answer = (\n{calls}\n)\nprint(answer.data)\n"))
}

/// A filter: the library quotes some names by itself and others not at all.
fn equals(field: &Field) -> Option<String> {
    let column = &field.name;
    let is_said = column.contains(QUOTED) || name::is_loose(column);
    is_said.then(|| format!(".eq({}, {})", TEXTS.of(column), WORDS.of(&field.value)))
}

fn object(row: &[Field]) -> String {
    let field = |it: &Field| format!("        {}: {},\n", TEXTS.of(&it.name), WORDS.of(&it.value));
    match row {
        [] => "{}".to_owned(),
        row => format!("{{\n{}    }}", row.iter().map(field).collect::<String>()),
    }
}
