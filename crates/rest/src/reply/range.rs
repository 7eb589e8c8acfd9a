//! `Content-Range`: which rows of how many.

/// Prints the header's value. No rows, or none in total, are a star; so is an unknown total.
pub(super) fn content_range(first: u64, rows: u64, total: Option<u64>) -> String {
    let total_text = total.map_or_else(|| "*".into(), |it| it.to_string());
    if rows == 0 || total == Some(0) {
        format!("*/{total_text}")
    } else {
        format!("{first}-{}/{total_text}", first.saturating_add(rows - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::content_range;

    #[test]
    fn prints_what_clients_read() {
        assert_eq!(content_range(0, 15, Some(15)), "0-14/15");
        assert_eq!(content_range(0, 2, None), "0-1/*");
        assert_eq!(content_range(5, 3, Some(20)), "5-7/20");
        assert_eq!(content_range(0, 0, Some(0)), "*/0");
        assert_eq!(content_range(0, 0, None), "*/*");
        assert_eq!(content_range(20, 0, Some(20)), "*/20");
    }
}
