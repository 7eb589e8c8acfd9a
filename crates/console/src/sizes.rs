//! Bytes as people read them.

/// Bytes in the largest unit of which there is one at least; what is below nothing is nothing.
pub(crate) fn bytes(bytes: impl TryInto<u64>) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut tenths = u128::from(bytes.try_into().unwrap_or(0)) * 10;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let (whole, tenth) = (tenths / 10, tenths % 10);
    match tenth {
        tenth if tenth > 0 && whole < 10 && unit > 0 => format!("{whole}.{tenth} {}", UNITS[unit]),
        _ => format!("{whole} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_short() {
        for (size, text) in [
            (0_u64, "0 B"),
            (1023, "1023 B"),
            (8192, "8 KiB"),
            (1536, "1.5 KiB"),
            (12_400_000, "11 MiB"),
            (u64::MAX, "16777215 TiB"),
        ] {
            assert_eq!(bytes(size), text);
        }
        assert_eq!(bytes(-1_i64), "0 B");
    }
}
