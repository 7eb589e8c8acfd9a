//! Small pieces of markup that templates call as macros: icons, times, numbers.

use askama::filters::Safe;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::assets;

/// A drawing of the sprite by its name.
macro_rules! icon {
    ($name:expr) => {
        $crate::bits::icon($name)
    };
}

/// A time as the reader's zone has it, once the script runs.
macro_rules! when {
    ($time:expr) => {
        $crate::bits::when($time)
    };
}

/// The same to the second, for what follows each other closely.
macro_rules! clock {
    ($time:expr) => {
        $crate::bits::clock($time)
    };
}

/// A whole number with its thousands apart.
macro_rules! number {
    ($number:expr) => {
        $crate::bits::number($number)
    };
}

/// The address of a built file.
macro_rules! asset {
    ($name:literal) => {
        $crate::assets::address($name)
    };
}

pub(crate) fn icon(name: &str) -> Safe<String> {
    // Names are literals of templates and of this crate.
    let sprite = assets::address("icons.svg");
    Safe(format!(
        "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{sprite}#{name}\"/></svg>"
    ))
}

pub(crate) fn when(time: OffsetDateTime) -> Safe<String> {
    let exact = time.format(&Rfc3339).unwrap_or_default();
    let (date, clock) = (time.date(), time.time());
    Safe(format!(
        "<pn-time><time datetime=\"{exact}\">{date} {:02}:{:02} UTC</time></pn-time>",
        clock.hour(),
        clock.minute()
    ))
}

pub(crate) fn clock(time: OffsetDateTime) -> Safe<String> {
    let exact = time.format(&Rfc3339).unwrap_or_default();
    let (date, (hour, minute, second)) = (time.date(), time.time().as_hms());
    Safe(format!(
        "<pn-time exact><time datetime=\"{exact}\">{date} {hour:02}:{minute:02}:{second:02} \
         UTC</time></pn-time>"
    ))
}

pub(crate) fn number(number: impl TryInto<i64>) -> String {
    let digits = number.try_into().unwrap_or(i64::MAX).to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        let is_between = index > 0 && (digits.len() - index).is_multiple_of(3);
        if is_between && !text.ends_with('-') {
            // A narrow space that does not break: no comma or point to be read as another.
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(number(7_i64), "7");
        assert_eq!(number(12_400_i64), "12\u{202f}400");
        assert_eq!(number(-1_234_567_i64), "-1\u{202f}234\u{202f}567");
    }
}
