//! Dart and Flutter, by the package `supabase`.

use super::literal::{Escape, Texts, Words, indented};
use super::{Field, ROWS, Site, Step, Subject, name};

const TEXTS: Texts = Texts {
    quote: '\'',
    special: "$",
    escape: Escape::Braces,
};
const WORDS: Words = Words {
    texts: TEXTS,
    constants: ["null", "true", "false"],
    braces: ['{', '}'],
};

/// The lines that come first.
pub(super) fn connect(site: &Site) -> String {
    let (address, key) = (TEXTS.of(&site.address), TEXTS.of(&site.key));
    format!(
        "import 'package:supabase/supabase.dart';\n\n\
         final supabase = SupabaseClient(\n  {address},\n  {key},\n);\n"
    )
}

/// The lines of a step.
pub(super) fn write(step: Step, subject: &Subject) -> String {
    let mut calls = Vec::new();
    if let Some(schema) = &subject.schema {
        calls.push(format!(".schema({})", TEXTS.of(schema)));
    }
    calls.push(format!(
        ".from({})",
        TEXTS.of(&name::in_address(&subject.table))
    ));
    let select = |step| format!(".select({})", TEXTS.of(&subject.reading(step, ", ")));
    let key = subject.key.iter().map(equals);
    match step {
        Step::List | Step::Embed => {
            calls.push(select(step));
            // Without a word this library begins at the end.
            let order = subject.order.iter().map(|it| TEXTS.of(&name::column(it)));
            calls.extend(order.map(|it| format!(".order({it}, ascending: true)")));
            calls.push(format!(".range(0, {})", ROWS - 1));
        }
        Step::One => {
            calls.push(select(step));
            calls.extend(key);
            calls.push(".maybeSingle()".to_owned());
        }
        Step::Insert => {
            let row = subject.insert.as_deref().unwrap_or_default();
            calls.push(format!(".insert({})", object(row)));
        }
        Step::Update => {
            let row: Vec<_> = subject.update.iter().cloned().collect();
            calls.push(format!(".update({})", object(&row)));
            calls.extend(key);
        }
        Step::Delete => {
            calls.push(".delete()".to_owned());
            calls.extend(key);
        }
    }
    let is_write = matches!(step, Step::Insert | Step::Update | Step::Delete);
    if is_write && subject.columns.is_empty() {
        return format!("await supabase\n{};\n", indented(&calls, "    "));
    }
    if is_write {
        calls.push(select(step));
    }
    let calls = indented(&calls, "    ");
    format!("final data = await supabase\n{calls};\n\nprint(data);\n")
}

fn equals(field: &Field) -> String {
    let column = TEXTS.of(&name::column(&field.name));
    format!(".eq({column}, {})", WORDS.of(&field.value))
}

fn object(row: &[Field]) -> String {
    let field = |it: &Field| format!("      {}: {},\n", TEXTS.of(&it.name), WORDS.of(&it.value));
    match row {
        [] => "{}".to_owned(),
        row => format!("{{\n{}    }}", row.iter().map(field).collect::<String>()),
    }
}
