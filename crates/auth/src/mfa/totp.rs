//! Codes that count time (RFC 6238): HMAC-SHA-1, six digits, steps of thirty seconds, which is
//! what every authenticator app understands.

use aws_lc_rs::hmac;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use qrcodegen::{QrCode, QrCodeEcc};
use time::OffsetDateTime;

use crate::{Error, Result};

/// Bytes of a secret: as many as the hash has (RFC 4226, section 4).
pub(crate) const SECRET_BYTES: usize = 20;
/// Seconds of a step.
const STEP_SECS: i64 = 30;
/// How many steps a clock may be off, each way.
const STEPS_OFF: i64 = 1;
/// Digits of a code, and ten to their power.
const DIGITS: usize = 6;
const CODES: u32 = 1_000_000;
/// The alphabet of secrets (RFC 4648, section 6).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Modules of white around a QR code, which readers need.
const QUIET: i32 = 4;
/// What need not be escaped in a label.
const LABEL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The code of a step.
fn code_at(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let offset = tag.last().map_or(0, |it| usize::from(it & 0xf));
    let chosen = tag.get(offset..offset + 4).unwrap_or(&[0; 4]);
    let number = chosen
        .iter()
        .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:0DIGITS$}", (number & 0x7fff_ffff) % CODES)
}

/// The step around now whose code was typed; all of them are compared, whichever fits.
pub(crate) fn matching_step(secret: &[u8], typed: &str, now: OffsetDateTime) -> Option<i64> {
    let current = now.unix_timestamp().div_euclid(STEP_SECS);
    let mut found = None;
    for step in current - STEPS_OFF..=current + STEPS_OFF {
        let code = code_at(secret, step);
        if postern_vault::same(code.as_bytes(), typed.as_bytes()) {
            found = Some(step);
        }
    }
    found
}

/// The secret as people type it.
pub(crate) fn spell(secret: &[u8]) -> String {
    super::recovery::base32(BASE32, secret)
}

/// The address that an authenticator app reads the secret from.
pub(crate) fn uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let escape = |text| utf8_percent_encode(text, LABEL);
    format!(
        "otpauth://totp/{0}:{1}?algorithm=SHA1&digits={DIGITS}&issuer={0}&period={STEP_SECS}\
         &secret={2}",
        escape(issuer),
        escape(account),
        spell(secret),
    )
}

/// The address as a picture. It holds neither `#` nor `%`, since clients put it into a `data:`
/// address as it is.
pub(crate) fn qr_svg(uri: &str) -> Result<String> {
    use std::fmt::Write;
    let code = QrCode::encode_text(uri, QrCodeEcc::Medium)
        .map_err(|error| Error::internal("The QR code could not be drawn", error))?;
    let size = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing into a String cannot fail.
            let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" \
         shape-rendering=\"crispEdges\"><rect width=\"{size}\" height=\"{size}\" fill=\"white\"/>\
         <path d=\"{path}\" fill=\"black\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::{code_at, matching_step, qr_svg, spell, uri};

    const RFC_SECRET: &[u8] = b"12345678901234567890";

    /// The last six of the eight digits in appendix B of RFC 6238.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (secs, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(RFC_SECRET, secs / 30), code, "{secs}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_off_and_no_more() {
        let at = |secs| OffsetDateTime::from_unix_timestamp(secs).unwrap();
        assert_eq!(matching_step(RFC_SECRET, "287082", at(59)), Some(1));
        assert_eq!(matching_step(RFC_SECRET, "287082", at(29)), Some(1));
        assert_eq!(matching_step(RFC_SECRET, "287082", at(89)), Some(1));
        assert_eq!(matching_step(RFC_SECRET, "287082", at(90)), None);
        assert_eq!(matching_step(RFC_SECRET, "28708", at(59)), None);
        assert_eq!(matching_step(RFC_SECRET, "", at(59)), None);
    }

    #[test]
    fn the_address_holds_what_apps_read() {
        assert_eq!(spell(RFC_SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            uri("My App", "ada@example.org", RFC_SECRET),
            "otpauth://totp/My%20App:ada%40example.org?algorithm=SHA1&digits=6&issuer=My%20App\
             &period=30&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
    }

    #[test]
    fn the_picture_fits_into_a_data_address() {
        let svg = qr_svg(&uri("My App", "ada@example.org", RFC_SECRET)).unwrap();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        assert!(!svg.contains(['#', '%']));
    }
}
