//! The template engine with everything taken out that a mail does not need.
//!
//! SECURITY: the engine starts empty. There are no functions, so nothing reads a setting or a
//! file and nothing counts to a billion; no `safe` filter, so no value becomes markup; templates
//! reach only the parts beside them; fuel ends every loop, and output stops at a limit.

use std::borrow::Cow;
use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value, filters, tests};

/// Instructions that one text may take; the built-in ones take some hundreds.
const FUEL: u64 = 50_000;
/// Deepest nesting of parts.
const PARTS_DEPTH_MAX: usize = 20;
/// Longest text that comes out of a template, in bytes.
const OUTPUT_BYTES_MAX: usize = 256 * 1024;

/// An environment without templates.
pub(super) fn sandbox() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(PARTS_DEPTH_MAX);
    environment.set_syntax(syntax());
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".txt") {
            AutoEscape::None
        } else {
            AutoEscape::Html
        }
    });
    environment.set_formatter(|out, state, value| {
        match value.as_str().filter(|_| !value.is_safe()) {
            Some(text) if matches!(state.auto_escape(), AutoEscape::Html) => {
                Ok(out.write_str(&escape(text))?)
            }
            _ => minijinja::escape_formatter(out, state, value),
        }
    });
    environment.set_path_join_callback(beside);
    add_filters(&mut environment);
    add_tests(&mut environment);
    environment
}

/// A line that holds nothing but a tag leaves no empty line behind.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .expect("INVARIANT: the delimiters are the usual ones")
}

/// A part is looked for in the folder of the template that asks; other paths lead nowhere.
fn beside<'s>(name: &'s str, parent: &'s str) -> Cow<'s, str> {
    match parent.split_once('/') {
        Some((folder, _)) => format!("{folder}/{name}").into(),
        None => name.into(),
    }
}

fn add_filters(environment: &mut Environment<'_>) {
    environment.remove_filter("safe");
    environment.add_filter("escape", filters::escape);
    environment.add_filter("e", filters::escape);
    environment.add_filter("default", filters::default);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("title", filters::title);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("length", filters::length);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("int", filters::int);
    environment.add_filter("round", filters::round);
}

fn add_tests(environment: &mut Environment<'_>) {
    environment.add_test("defined", tests::is_defined);
    environment.add_test("undefined", tests::is_undefined);
    environment.add_test("none", tests::is_none);
    environment.add_test("string", tests::is_string);
    environment.add_test("number", tests::is_number);
    environment.add_test("mapping", tests::is_mapping);
    environment.add_test("sequence", tests::is_sequence);
}

/// Escapes for text and quoted attributes. The engine's own would escape slashes as well, which
/// is correct, but makes links unreadable for people and scanners that look at the source.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Renders one template of an environment, up to a limit.
pub(super) fn render(
    environment: &Environment<'_>,
    name: &str,
    context: &Value,
) -> Result<String, Error> {
    let mut output = Bounded(Vec::new());
    environment
        .get_template(name)?
        .render_captured_to(context.clone(), &mut output)?;
    // The engine writes strings, so nothing is ever replaced here.
    Ok(String::from_utf8_lossy(&output.0).into_owned())
}

/// Takes no more than the longest text.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
