//! Comparison whose time does not tell where two values differ.

/// Whether two byte strings are equal, in time that depends only on their lengths.
///
/// SECURITY: use it for every token, code and hash that a client could guess byte by byte.
#[must_use]
pub fn same(left: &[u8], right: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn equal_bytes_are_the_same_and_others_are_not() {
        assert!(same(b"", b""));
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd"));
        assert!(!same(b"abc", b"xbc"));
        assert!(!same(b"abc", b"abcd"));
        assert!(!same(b"abc", b""));
    }
}
