//! What a scalar means: the core schema of YAML 1.2, and nothing of YAML 1.1.
//!
//! One departure, on purpose: digits after a leading zero (`0123`) stay text, because they name things and the zero
//! would be lost. Quoted scalars never come here.

use std::sync::Arc;

use serde_json::Number;

use super::node::Kind;

/// Why a plain scalar has no exact JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unrepresentable {
    /// An integer beyond 64 bits.
    TooLarge,
    /// More digits than a double keeps.
    TooPrecise,
    /// `.inf`, `.nan`, or a number that overflows to infinity.
    NotFinite,
}

/// The value of a plain scalar.
pub(super) fn resolve(text: &str) -> Result<Kind, Unrepresentable> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Ok(Kind::Null),
        "true" | "True" | "TRUE" => return Ok(Kind::Bool(true)),
        "false" | "False" | "FALSE" => return Ok(Kind::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => return Err(Unrepresentable::NotFinite),
        _ => {}
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned.as_bytes().first() {
        Some(b'0'..=b'9' | b'.') => number(text, unsigned),
        _ => Ok(Kind::Text(Arc::from(text))),
    }
}

fn number(text: &str, unsigned: &str) -> Result<Kind, Unrepresentable> {
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Err(Unrepresentable::NotFinite);
    }
    // In the core schema these two take no sign.
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(radix))
        {
            let value = u64::from_str_radix(digits, radix).map_err(|_| Unrepresentable::TooLarge)?;
            return Ok(Kind::Number(value.into()));
        }
    }
    match shape(unsigned) {
        Shape::Integer => integer(text).map(Kind::Number),
        Shape::Float => float(text).map(Kind::Number),
        Shape::Text => Ok(Kind::Text(Arc::from(text))),
    }
}

/// Whether a plain scalar is text, the very text that is written.
pub fn is_plain_text(text: &str) -> bool {
    matches!(resolve(text), Ok(Kind::Text(_)))
}

#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Integer,
    Float,
    Text,
}

/// `[0-9]+`, or `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, without leading zeros.
fn shape(unsigned: &str) -> Shape {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    if exponent.is_some_and(|exponent| exponent.is_empty() || !digits(exponent)) {
        return Shape::Text;
    }
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if leading_zero || !digits(whole) || !fraction.is_none_or(digits) {
        return Shape::Text;
    }
    if whole.is_empty() && fraction.is_none_or(str::is_empty) {
        return Shape::Text;
    }
    if exponent.is_none() && fraction.is_none() { Shape::Integer } else { Shape::Float }
}

fn integer(text: &str) -> Result<Number, Unrepresentable> {
    let text = text.strip_prefix('+').unwrap_or(text);
    text.parse::<u64>()
        .map(Number::from)
        .or_else(|_| text.parse::<i64>().map(Number::from))
        .map_err(|_| Unrepresentable::TooLarge)
}

fn float(text: &str) -> Result<Number, Unrepresentable> {
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    // 17 significant digits are what a double always keeps apart.
    if digits.trim_matches('0').len() > 17 {
        return Err(Unrepresentable::TooPrecise);
    }
    let value: f64 = text.parse().map_err(|_| Unrepresentable::NotFinite)?;
    Number::from_f64(value).ok_or(Unrepresentable::NotFinite)
}

/// Whether other YAML tools read this plain scalar as a boolean, so that its writer may have meant one.
///
/// `NO` is left out: in this domain it is Norway.
pub(super) fn resembles_boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn json(text: &str) -> Result<serde_json::Value, Unrepresentable> {
        resolve(text).map(|kind| match kind {
            Kind::Null => json!(null),
            Kind::Bool(value) => json!(value),
            Kind::Number(value) => value.into(),
            Kind::Text(value) => json!(*value),
            Kind::List(_) | Kind::Map(_) | Kind::Media(_) | Kind::Refused => unreachable!("a scalar is no collection"),
        })
    }

    #[test]
    fn what_the_core_schema_does_not_know_is_text_as_written() {
        for text in [
            "NO",
            "yes",
            "on",
            "off",
            "y",
            "n",
            "1.0.10",
            "0123",
            "-012",
            "00.5",
            "1_000",
            "12:30:45",
            "2024-01-01",
            "0x",
            "0xZZ",
            "0o9",
            "-0x1F",
            "1e",
            "1e+",
            ".",
            "-",
            "+",
            "...",
            "1.2.3e4",
            "e5",
            ".e5",
            "nan",
            "١٢",
            "nUll",
            "tRue",
            "1 2",
            "0b1",
            "Infinity",
            "-.5.",
            "--1",
        ] {
            assert_eq!(json(text).unwrap(), json!(text));
        }
    }

    #[test]
    fn numbers_are_exact() {
        for (text, value) in [
            ("0", json!(0)),
            ("-0", json!(0)),
            ("+12", json!(12)),
            ("636576975611768314", json!(636_576_975_611_768_314_u64)),
            ("18446744073709551615", json!(u64::MAX)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("0x1F", json!(31)),
            ("0o17", json!(15)),
            ("0.10", json!(0.1)),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("-1.5e-3", json!(-0.0015)),
            ("0.30000000000000004", json!(0.300_000_000_000_000_04)),
        ] {
            assert_eq!(json(text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn what_would_lose_digits_is_refused() {
        for (text, why) in [
            ("18446744073709551616", Unrepresentable::TooLarge),
            ("-9223372036854775809", Unrepresentable::TooLarge),
            ("0xFFFFFFFFFFFFFFFFF", Unrepresentable::TooLarge),
            ("0.1234567890123456789", Unrepresentable::TooPrecise),
            ("1e999", Unrepresentable::NotFinite),
            ("-.inf", Unrepresentable::NotFinite),
            (".NaN", Unrepresentable::NotFinite),
        ] {
            assert_eq!(json(text), Err(why), "{text}");
        }
    }
}
