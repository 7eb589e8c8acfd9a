//! W3C trace context: the caller's `traceparent`, taken over into our logs.

use actix_web::http::header::HeaderMap;

/// A parsed `traceparent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace's id: 32 hexadecimal digits.
    pub trace_id: String,
    /// The caller's span: 16 hexadecimal digits.
    pub parent_id: String,
    /// Whether the caller records this trace.
    pub sampled: bool,
}

impl TraceContext {
    /// Reads the header; a malformed one is as none, as the standard asks.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        Self::parse(headers.get("traceparent")?.to_str().ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let version = hex(parts.next()?, 2)?;
        let trace_id = hex(parts.next()?, 32)?;
        let parent_id = hex(parts.next()?, 16)?;
        let flags = hex(parts.next()?, 2)?;
        // Version 00 has four parts; later ones may have more; ff is no version.
        let legal = match version {
            "00" => parts.next().is_none(),
            "ff" => false,
            _ => true,
        };
        let is_zero = |id: &str| id.bytes().all(|byte| byte == b'0');
        if !legal || is_zero(trace_id) || is_zero(parent_id) {
            return None;
        }
        Some(Self {
            trace_id: trace_id.into(),
            parent_id: parent_id.into(),
            sampled: u8::from_str_radix(flags, 16).is_ok_and(|bits| bits & 1 == 1),
        })
    }
}

fn hex(text: &str, length: usize) -> Option<&str> {
    let lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (text.len() == length && text.bytes().all(lower_hex)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::TraceContext;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn reads_the_standards_example() {
        let context = TraceContext::parse(&format!("00-{TRACE}-00f067aa0ba902b7-01"));

        assert_eq!(
            context,
            Some(TraceContext {
                trace_id: TRACE.into(),
                parent_id: "00f067aa0ba902b7".into(),
                sampled: true,
            })
        );
    }

    #[test]
    fn anything_else_is_as_none() {
        for text in [
            "",
            "00-0-0-0",
            &format!("ff-{TRACE}-00f067aa0ba902b7-01"),
            &format!("00-{TRACE}-0000000000000000-01"),
            &format!("00-{}-00f067aa0ba902b7-01", TRACE.to_uppercase()),
            &format!("00-{TRACE}-00f067aa0ba902b7-01-more"),
        ] {
            assert_eq!(TraceContext::parse(text), None, "{text}");
        }
    }
}
