//! The types of plain scalars: the core schema of YAML 1.2, less what other readers understand differently.

use serde_json::Number;

/// What a plain scalar is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Plain {
    Null,
    Bool(bool),
    Number(Number),
    Text,
    /// Readers disagree on it; the words say why.
    Ambiguous(&'static str),
}

/// The type of a plain scalar.
pub(crate) fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" | "True" | "TRUE" => return Plain::Bool(true),
        "false" | "False" | "FALSE" => return Plain::Bool(false),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN" => return Plain::Ambiguous("it is no finite number"),
        _ => {}
    }
    let mut bytes = unsigned.bytes();
    match bytes.next() {
        Some(b'0'..=b'9') => number(text, unsigned),
        Some(b'.') if bytes.next().is_some_and(|byte| byte.is_ascii_digit()) => float(text, unsigned),
        _ => Plain::Text,
    }
}

fn number(text: &str, unsigned: &str) -> Plain {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        let Some(digits) = unsigned.strip_prefix(prefix) else { continue };
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix) || digit == '_') {
            return Plain::Text;
        }
        if radix == 2 || digits.contains('_') {
            return Plain::Ambiguous("some readers take it for a number and some for text");
        }
        if unsigned.len() != text.len() {
            return Plain::Text;
        }
        return u64::from_str_radix(digits, radix)
            .map_or(Plain::Ambiguous("it does not fit into 64 bits"), |number| Plain::Number(number.into()));
    }
    if !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return float(text, unsigned);
    }
    if unsigned.len() > 1 && unsigned.starts_with('0') {
        return Plain::Ambiguous("some readers take the leading zero for octal");
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Ok(number) = text.parse::<i64>() {
        Plain::Number(number.into())
    } else if let Ok(number) = text.parse::<u64>() {
        Plain::Number(number.into())
    } else {
        Plain::Ambiguous("it does not fit into 64 bits")
    }
}

/// `[0-9]*(\.[0-9]*)?([eE][-+]?[0-9]+)?`, with at least one digit before the exponent.
fn float(text: &str, unsigned: &str) -> Plain {
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let valid_exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    if !digits(whole) || !digits(fraction) || !valid_exponent {
        let grouped =
            unsigned.contains('_') && unsigned.bytes().all(|byte| byte.is_ascii_digit() || b"_.".contains(&byte));
        return if grouped {
            Plain::Ambiguous("some readers take it for a number and some for text")
        } else {
            Plain::Text
        };
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Plain::Ambiguous("some readers take the leading zero for octal");
    }
    text.parse().ok().and_then(Number::from_f64).map_or(Plain::Ambiguous("it is no finite number"), Plain::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_the_types_of_yaml_1_2() {
        for text in [
            "no",
            "off",
            "yes",
            "on",
            "y",
            "12:30",
            "2026-12-01",
            "0x",
            "1.2.3",
            "1e",
            "-",
            "+",
            ".",
            "e5",
            "0b",
            "-0x1f",
            "1 2",
        ] {
            assert_eq!(plain(text), Plain::Text, "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Plain::Null, "{text}");
        }
        for (text, number) in [("0", 0), ("-5", -5), ("+7", 7), ("0x1F", 31), ("0o17", 15)] {
            assert_eq!(plain(text), Plain::Number(number.into()), "{text}");
        }
        for (text, number) in [("0.60", 0.6), ("1.", 1.0), (".5", 0.5), ("-1e3", -1000.0), ("6E-1", 0.6)] {
            assert_eq!(plain(text), Plain::Number(Number::from_f64(number).unwrap()), "{text}");
        }
    }

    #[test]
    fn what_readers_disagree_on_is_ambiguous() {
        for text in
            ["012", "-012", "00.5", "1_000", "0b11", "0xF_F", "18446744073709551616", ".inf", "-.INF", ".nan", "1e999"]
        {
            assert!(matches!(plain(text), Plain::Ambiguous(_)), "{text}: {:?}", plain(text));
        }
    }
}
