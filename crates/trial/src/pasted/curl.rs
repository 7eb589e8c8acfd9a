//! `curl` commands, as browsers and documents write them.

use url::Url;

use super::{Pasted, wrong};
use crate::Error;

/// Options that are followed by something which does not matter here.
const WITH_VALUE: [&str; 11] = [
    "-A",
    "--user-agent",
    "-e",
    "--referer",
    "-b",
    "--cookie",
    "-o",
    "--output",
    "-u",
    "--user",
    "--max-time",
];

/// What a command says.
#[derive(Default)]
struct Command {
    method: Option<String>,
    address: Option<String>,
    /// The parts of the body, which curl joins by `&`.
    data: Vec<String>,
    /// Whether the data go into the address.
    gets: bool,
    headers: Vec<String>,
}

/// Reads a command.
pub(super) fn parse(text: &str) -> Result<Pasted, Error> {
    let mut command = Command::default();
    let mut words = words(text)?.into_iter().skip(1);
    while let Some(word) = words.next() {
        // `--option=value` and `-XPOST` carry the value along.
        let (option, glued) = match word.split_once('=') {
            Some((name, value)) if word.starts_with("--") => (name, Some(value.to_owned())),
            _ if word.starts_with("-X") && word.len() > 2 => ("-X", Some(word[2..].to_owned())),
            _ => (word.as_str(), None),
        };
        let mut value = || glued.clone().or_else(|| words.next()).unwrap_or_default();
        match option {
            "-X" | "--request" => command.method = Some(value()),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii"
            | "--data-urlencode" | "--json" => command.data.push(value()),
            "-H" | "--header" => command.headers.push(value()),
            "--url" => command.address = Some(value()),
            "-G" | "--get" => command.gets = true,
            "-I" | "--head" => command.method = Some("HEAD".into()),
            it if WITH_VALUE.contains(&it) => drop(value()),
            it if it.starts_with('-') => {}
            _ => command.address = Some(word),
        }
    }
    command.finish()
}

impl Command {
    fn finish(self) -> Result<Pasted, Error> {
        let address = self.address;
        let address = address.ok_or_else(|| wrong("the command names no address"))?;
        let url = Url::parse(&address).map_err(|_| wrong("the command's address is none"))?;
        let data = self.data.join("&");
        if data.starts_with('@') {
            return Err(wrong("the body lies in a file; write it into the command"));
        }
        let mut query: Vec<_> = url.query().into_iter().map(ToOwned::to_owned).collect();
        let (usual, body) = match self.gets {
            true => {
                query.push(data);
                ("GET", "")
            }
            false if data.is_empty() => ("GET", ""),
            false => ("POST", data.as_str()),
        };
        let method = self.method.as_deref().unwrap_or(usual);
        let line = format!("{method} {}?{}", url.path(), query.join("&"));
        let mut pasted = Pasted::of_line(&line, body)?;
        self.headers.iter().for_each(|it| pasted.header(it));
        Ok(pasted)
    }
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
