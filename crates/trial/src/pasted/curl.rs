//! `curl` commands, as browsers and documents write them.

use url::Url;

use super::{Pasted, wrong};
use crate::Error;

/// Options that are followed by something which does not matter here.
const WITH_VALUE: [&str; 12] = [
    "-H",
    "--header",
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-b",
    "--cookie",
    "-o",
    "--output",
    "-u",
    "--max-time",
];

/// Reads a command.
pub(super) fn parse(text: &str) -> Result<Pasted, Error> {
    let mut words = words(text)?.into_iter().skip(1);
    let (mut method, mut address, mut body) = (None, None, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-X" | "--request" => method = words.next(),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--json" => body = words.next(),
            "--url" => address = words.next(),
            "-G" | "--get" => method = Some("GET".into()),
            it if WITH_VALUE.contains(&it) => drop(words.next()),
            it if it.starts_with('-') => {}
            _ => address = Some(word),
        }
    }
    let address = address.ok_or_else(|| wrong("the command names no address"))?;
    let url = Url::parse(&address).map_err(|_| wrong("the command's address is none"))?;
    let usual = if body.is_some() { "POST" } else { "GET" };
    let method = method.as_deref().unwrap_or(usual);
    let query = url.query().map(|it| format!("?{it}")).unwrap_or_default();
    let line = format!("{method} {}{query}", url.path());
    Pasted::of_line(&line, body.as_deref().unwrap_or_default())
}

/// Cuts a command as a shell does; nothing is run or replaced.
fn words(text: &str) -> Result<Vec<String>, Error> {
    let (mut words, mut word, mut has_word) = (Vec::new(), String::new(), false);
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                has_word = true;
                until(&mut letters, '\'', &mut word)?;
            }
            '"' => {
                has_word = true;
                until(&mut letters, '"', &mut word)?;
            }
            '\\' => {
                if let Some(next) = letters.next().filter(|it| !matches!(it, '\n' | '\r')) {
                    has_word = true;
                    word.push(next);
                }
            }
            letter if letter.is_whitespace() => {
                if std::mem::take(&mut has_word) {
                    words.push(std::mem::take(&mut word));
                }
            }
            letter => {
                has_word = true;
                word.push(letter);
            }
        }
    }
    if has_word {
        words.push(word);
    }
    Ok(words)
}

fn until(letters: &mut std::str::Chars<'_>, quote: char, word: &mut String) -> Result<(), Error> {
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter == quote => return Ok(()),
            '\\' if quote == '"' => word.extend(letters.next()),
            letter => word.push(letter),
        }
    }
    Err(wrong("a quote of the command is not closed"))
}
