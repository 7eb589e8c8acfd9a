//! Blanks out what is not code in a Rust file, so that the other checks may count braces.
//!
//! Comments, strings and characters become spaces; line breaks stay, so that line numbers hold.

/// Returns `text` with the inside of comments and literals blanked, byte for byte as long.
pub(super) fn code_only(text: &str) -> String {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
        out: Vec::with_capacity(text.len()),
    };
    while scanner.at < scanner.bytes.len() {
        scanner.step();
    }
    String::from_utf8_lossy(&scanner.out).into_owned()
}

/// Byte ranges of `#[cfg(test)] mod … { … }` in the output of [`code_only`].
pub(super) fn test_regions(code: &str) -> Vec<std::ops::Range<usize>> {
    let mut regions = Vec::new();
    let mut from = 0;
    while let Some(found) = code[from..].find("#[cfg(test)]") {
        let start = from + found;
        let opening = code[start..].find(['{', ';']).map(|it| start + it);
        let end = match opening {
            Some(open) if code.as_bytes()[open] == b'{' => closing_brace(code, open),
            Some(semicolon) => semicolon + 1,
            None => code.len(),
        };
        regions.push(start..end);
        from = end;
    }
    regions
}

/// The position after the brace that closes the one at `open`.
pub(super) fn closing_brace(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (index, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return index + 1;
        }
    }
    code.len()
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    out: Vec<u8>,
}

impl Scanner<'_> {
    fn step(&mut self) {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(b"//") {
            let length = rest
                .iter()
                .position(|it| *it == b'\n')
                .unwrap_or(rest.len());
            self.blank(length);
        } else if rest.starts_with(b"/*") {
            self.blank(block_comment(rest));
        } else if let Some(length) = raw_string(rest).filter(|_| !self.inside_word()) {
            self.blank(length);
        } else if rest[0] == b'"' {
            self.blank(quoted(rest, b'"'));
        } else if let Some(length) = character(rest) {
            self.blank(length);
        } else {
            self.out.push(rest[0]);
            self.at += 1;
        }
    }

    /// Whether the byte before continues an identifier (`for"` is not a raw string).
    fn inside_word(&self) -> bool {
        self.at > 0 && is_word(self.bytes[self.at - 1])
    }

    fn blank(&mut self, length: usize) {
        let end = (self.at + length).min(self.bytes.len());
        let kept = self.bytes[self.at..end]
            .iter()
            .map(|it| if *it == b'\n' { b'\n' } else { b' ' });
        self.out.extend(kept);
        self.at = end;
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut index = 0;
    while index < rest.len() {
        if rest[index..].starts_with(b"/*") {
            depth += 1;
            index += 2;
        } else if rest[index..].starts_with(b"*/") {
            depth -= 1;
            index += 2;
            if depth == 0 {
                return index;
            }
        } else {
            index += 1;
        }
    }
    rest.len()
}

/// The length of `r"…"`, `r#"…"#`, `br"…"` or `b"…"`, when one starts here.
fn raw_string(rest: &[u8]) -> Option<usize> {
    let mut index = usize::from(rest[0] == b'b');
    if rest.get(index) != Some(&b'r') {
        return (index == 1 && rest.get(1) == Some(&b'"')).then(|| 1 + quoted(&rest[1..], b'"'));
    }
    index += 1;
    let hashes = rest[index..].iter().take_while(|it| **it == b'#').count();
    index += hashes;
    if rest.get(index) != Some(&b'"') {
        return None;
    }
    let mut end = vec![b'"'];
    end.extend(std::iter::repeat_n(b'#', hashes));
    let body = &rest[index + 1..];
    let length = body
        .windows(end.len())
        .position(|it| it == end)
        .unwrap_or(body.len());
    Some(index + 1 + length + end.len())
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut index = 1;
    while index < rest.len() {
        match rest[index] {
            b'\\' => index += 2,
            it if it == quote => return index + 1,
            _ => index += 1,
        }
    }
    rest.len()
}

/// The length of a character literal; a lifetime is none.
fn character(rest: &[u8]) -> Option<usize> {
    if rest[0] != b'\'' {
        return None;
    }
    match rest.get(1)? {
        b'\\' => Some(quoted(rest, b'\'')),
        first => {
            let width = match first {
                0..=0x7f => 1,
                0x80..=0xdf => 2,
                0xe0..=0xef => 3,
                _ => 4,
            };
            (rest.get(1 + width) == Some(&b'\'')).then_some(2 + width)
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_in_comments_and_literals_do_not_count() {
        let text = "fn a() { // }\n let s = \"}\\\"}\"; let c = '}'; /* } /* } */ } */ }";

        assert_eq!(closing_brace(&code_only(text), 7), text.len());
    }

    #[test]
    fn a_lifetime_is_no_character() {
        assert_eq!(
            code_only("fn a<'a>(b: &'a str) {}"),
            "fn a<'a>(b: &'a str) {}"
        );
    }

    #[test]
    fn a_raw_string_ends_with_its_own_hashes() {
        assert_eq!(
            code_only("x(r#\"a \" {\"#);").trim_end_matches(";").len(),
            13
        );
        assert!(!code_only("x(r#\"a \" {\"#);").contains('{'));
    }

    #[test]
    fn the_test_module_is_one_region() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\nfn c() {}";

        assert_eq!(test_regions(code), vec![10..46]);
    }
}
