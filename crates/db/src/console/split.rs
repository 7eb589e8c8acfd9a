//! Cuts what was typed into statements: at semicolons that stand in no text, comment or body.
//!
//! This is no fence. Postgres itself refuses a text of two statements when it is prepared, so
//! that a mistake here is an error and never a second statement.

/// A statement of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'t> {
    /// The text that it stands in.
    pub(super) whole: &'t str,
    /// Where it begins there, in bytes.
    pub(super) start: usize,
    /// Its text, without its semicolon.
    pub(super) text: &'t str,
}

impl<'t> Piece<'t> {
    /// Its line in the text, from 1.
    pub(super) fn line(&self) -> usize {
        self.whole[..self.start].matches('\n').count() + 1
    }

    /// Its first words, in lower case and without comments.
    pub(super) fn words<const COUNT: usize>(&self) -> [String; COUNT] {
        let mut words = Reader::new(self.text).filter_map(|token| match token {
            Token::Word(start, end) => Some(self.text[start..end].to_ascii_lowercase()),
            // `(select …)`: what follows says what it is.
            Token::Open | Token::Close | Token::Other | Token::End(_) => None,
        });
        std::array::from_fn(|_| words.next().unwrap_or_default())
    }
}

/// The statements of a text, those of comments and spaces alone left out.
pub(super) fn split(whole: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut nesting = Nesting::default();
    for token in Reader::new(whole) {
        match token {
            Token::End(at) if nesting.is_outside() => {
                pieces.push((start, at));
                start = at + 1;
                nesting = Nesting::default();
            }
            Token::Word(from, to) => nesting.word(&whole[from..to]),
            Token::Open => nesting.parens += 1,
            Token::Close => nesting.parens = nesting.parens.saturating_sub(1),
            Token::Other | Token::End(_) => {}
        }
    }
    pieces.push((start, whole.len()));
    let pieces = pieces.into_iter().filter_map(|(from, to)| {
        let mut reader = Reader::new(&whole[from..to]);
        reader.skip_blank();
        let start = from + reader.at;
        let text = whole[start..to].trim_end();
        (!text.is_empty()).then_some(Piece { whole, start, text })
    });
    pieces.collect()
}

/// Where semicolons end nothing: in parentheses, and in a body of `BEGIN ATOMIC … END`.
#[derive(Default)]
struct Nesting {
    parens: usize,
    words: usize,
    creates: bool,
    after_begin: bool,
    blocks: usize,
}

impl Nesting {
    fn is_outside(&self) -> bool {
        self.parens == 0 && self.blocks == 0
    }

    fn word(&mut self, word: &str) {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        if self.words == 0 {
            self.creates = is("create");
        }
        self.words += 1;
        if !self.creates {
            return;
        }
        if self.blocks == 0 {
            if self.after_begin && is("atomic") {
                self.blocks = 1;
            }
            self.after_begin = is("begin");
        } else if is("case") {
            self.blocks += 1;
        } else if is("end") {
            self.blocks -= 1;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// A word that is no quoted name, from and to.
    Word(usize, usize),
    Open,
    Close,
    /// A semicolon, and where.
    End(usize),
    /// Anything else that is no space or comment.
    Other,
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// Steps over bytes for as long as they are wanted.
    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|it| wanted(*it)) {
            self.at += 1;
        }
    }

    /// Steps over spaces and comments.
    fn skip_blank(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                _ if byte.is_ascii_whitespace() || *byte == 0x0b => self.at += 1,
                b'-' if self.peek(1) == b'-' => self.skip(|it| it != b'\n' && it != b'\r'),
                b'/' if self.peek(1) == b'*' => self.skip_block_comment(),
                _ => return,
            }
        }
    }

    /// Comments of this kind hold each other.
    fn skip_block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// A doubled quote is two texts, which is the same here.
    fn skip_quoted(&mut self, quote: u8, escape: Option<u8>) {
        self.at += 1;
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            self.at += if Some(byte) == escape { 2 } else { 1 };
            if byte == quote {
                return;
            }
        }
    }

    /// `$tag$ … $tag$`, or a lone dollar.
    fn skip_dollar(&mut self) {
        let start = self.at;
        self.at += 1;
        self.skip(is_word);
        if self.peek(0) != b'$' || self.bytes[start + 1].is_ascii_digit() {
            return;
        }
        self.at += 1;
        let tag = &self.bytes[start..self.at];
        let rest = &self.bytes[self.at..];
        let end = rest.windows(tag.len()).position(|it| it == tag);
        self.at = end.map_or(self.bytes.len(), |it| self.at + it + tag.len());
    }
}

impl Iterator for Reader<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_blank();
        let start = self.at;
        match *self.bytes.get(start)? {
            b'\'' => self.skip_quoted(b'\'', None),
            b'"' => self.skip_quoted(b'"', None),
            b'e' | b'E' if self.peek(1) == b'\'' => {
                self.at += 1;
                self.skip_quoted(b'\'', Some(b'\\'));
            }
            b'$' => self.skip_dollar(),
            b';' => {
                self.at += 1;
                return Some(Token::End(start));
            }
            b'(' => {
                self.at += 1;
                return Some(Token::Open);
            }
            b')' => {
                self.at += 1;
                return Some(Token::Close);
            }
            byte if is_word(byte) => {
                // A dollar inside of a name opens no text.
                self.skip(|it| is_word(it) || it == b'$');
                return Some(Token::Word(start, self.at));
            }
            _ => self.at += 1,
        }
        Some(Token::Other)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::split;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let pieces = split(text);
        let texts: Vec<_> = pieces.iter().map(|it| it.text).collect();
        assert_eq!(texts, expected);
        for piece in pieces {
            assert!(text[piece.start..].starts_with(piece.text));
        }
    }

    #[test]
    fn semicolons_end_statements() {
        check("select 1; select 2;", &["select 1", "select 2"]);
        check(" ;; -- nothing\n; /* ; */", &[]);
        check(
            "select 1 -- one; two\n, 2; x",
            &["select 1 -- one; two\n, 2", "x"],
        );
    }

    #[test]
    fn semicolons_in_texts_and_bodies_end_nothing() {
        for whole in [
            "select ';' /* ; */",
            "select 'it''s; ' || ';'",
            r"select E'\';'",
            "select \"a;\"",
            "select $$;$$, $a$ ; $$ ; $a$",
            "select a$b from t$1",
            "create rule r as on insert to t do (select 1; select 2)",
            "create function f() returns int begin atomic select case when true then 1 end; end",
        ] {
            check(whole, &[whole]);
            check(&format!("{whole}; select 2"), &[whole, "select 2"]);
        }
        check("select 'open; ", &["select 'open;"]);
        check("/* /* ; */ ; */ select 1", &["select 1"]);
    }

    #[test]
    fn the_first_words_are_found_behind_comments() {
        let pieces = split("-- a\n/* b */ (SELECT 1); PREPARE transaction 'x'");
        assert_eq!(pieces[0].words(), ["select".to_owned()]);
        assert_eq!(
            pieces[1].words(),
            ["prepare", "transaction"].map(str::to_owned)
        );
        assert_eq!(pieces[1].line(), 2);
    }
}
