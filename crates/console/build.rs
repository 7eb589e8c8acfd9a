//! Turns the catalogue of copy into the macro `t!`, so that a key which is not there, or a text
//! with another number of gaps than values are given, does not compile. Each area of the console
//! has a file of its own; `{}` in a text is a gap that the page fills in.

use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

const CATALOGUE: &str = "../../console/locales/en";
const TEMPLATES: &str = "../../console/templates";
const DIST: &str = "../../console/dist";

fn main() -> Result<(), Box<dyn Error>> {
    for input in [CATALOGUE, TEMPLATES, DIST] {
        println!("cargo::rerun-if-changed={input}");
    }
    let mut arms = String::new();
    for (section, texts) in &catalogue()? {
        let texts = texts.as_table().ok_or("a section holds texts")?;
        for (name, text) in texts {
            let text = text.as_str().ok_or("a text is a string")?;
            write!(arms, "{}", arm(&format!("{section}.{name}"), text))?;
        }
    }
    let code = format!(
        "/// The text of a key of the catalogue, its gaps filled in.\n\
         macro_rules! t {{\n{arms}    ($key:literal $($rest:tt)*) => {{ \
         compile_error!(concat!(\"no such text, or another number of gaps: \", $key)) }};\n}}\n"
    );
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("copy.rs"), code)?;
    Ok(())
}

/// The sections of all files; a section stands in one of them.
fn catalogue() -> Result<toml::Table, Box<dyn Error>> {
    let mut catalogue = toml::Table::new();
    for entry in fs::read_dir(CATALOGUE)? {
        let file: toml::Table = fs::read_to_string(entry?.path())?.parse()?;
        for (section, texts) in file {
            if catalogue.insert(section.clone(), texts).is_some() {
                return Err(format!("two files have a section [{section}]").into());
            }
        }
    }
    Ok(catalogue)
}

/// One arm of the macro; `{}` in a text is a gap.
fn arm(key: &str, text: &str) -> String {
    let gaps: Vec<String> = (0..text.matches("{}").count())
        .map(|index| format!("v{index}"))
        .collect();
    if gaps.is_empty() {
        return format!("    ({key:?}) => {{ {text:?} }};\n");
    }
    let patterns: String = gaps.iter().map(|it| format!(", ${it}:expr")).collect();
    let values: String = gaps.iter().map(|it| format!(", ${it}")).collect();
    format!("    ({key:?}{patterns}) => {{ format!({text:?}{values}) }};\n")
}
