//! Keeps secrets and control characters out of every text that leaves this crate.
//!
//! A tenant, or whatever stands in its place, may echo what it was sent, plainly or encoded. Each secret is therefore
//! looked for in the forms that gateways and debug pages use.

use std::sync::{PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use cxform_model::{hexadecimal, is_unprintable};

const REDACTED: &str = "[REDACTED]";

/// Renewed tokens come and go; an echo speaks of a recent one.
const REMEMBERED_TOKENS: usize = 16;

/// What is shorter hides nothing, and would garble every message that it happens to occur in.
const SHORTEST: usize = 4;
/// Encoded forms of a short secret would match by chance.
const SHORTEST_ENCODED: usize = 6;

/// Knows the secrets of one connection.
pub(crate) struct Redactor {
    lasting: Vec<String>,
    tokens: RwLock<Vec<Vec<String>>>,
}

impl Redactor {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let lasting = secrets.into_iter().flat_map(forms).collect();
        Self { lasting, tokens: RwLock::default() }
    }

    pub(crate) fn remember_token(&self, token: &str) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() == REMEMBERED_TOKENS {
            tokens.remove(0);
        }
        tokens.push(forms(token));
    }

    /// The text without secrets and with every unprintable character escaped.
    pub(crate) fn clean(&self, text: &str) -> String {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        let mut forms: Vec<&String> = self.lasting.iter().chain(tokens.iter().flatten()).collect();
        // The longest first: a short form inside a long one would leave the rest of the long one behind.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        let mut text = text.to_owned();
        for form in forms {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), REDACTED);
            }
        }
        printable(&without_credentials(&text))
    }

    /// The start of the cleaned text, at most `limit` bytes. Cleaned first: a cut through a secret would hide it from us.
    pub(crate) fn excerpt(&self, text: &str, limit: usize) -> String {
        let mut text = self.clean(text);
        if text.len() > limit {
            text.truncate(text.floor_char_boundary(limit));
            text.push_str(" [...]");
        }
        text
    }
}

/// The spellings under which a secret may come back.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned()];
    if secret.len() >= SHORTEST_ENCODED {
        let quoted = serde_json::Value::from(secret).to_string();
        forms.push(quoted[1..quoted.len() - 1].to_owned());
        forms.extend([percent(secret, false), percent(secret, true)]);
        forms.push(percent(secret, false).replace("%20", "+"));
        let hexadecimal = hexadecimal(secret.as_bytes());
        forms.extend([hexadecimal.to_uppercase(), hexadecimal]);
        for offset in 0..3 {
            forms.extend([
                inner_base64(&STANDARD_NO_PAD, secret, offset),
                inner_base64(&URL_SAFE_NO_PAD, secret, offset),
            ]);
        }
    }
    forms.retain(|form| form.len() >= SHORTEST);
    forms.sort();
    forms.dedup();
    forms
}

fn percent(secret: &str, lower: bool) -> String {
    secret.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push_str(&if lower { format!("%{byte:02x}") } else { format!("%{byte:02X}") });
        }
        text
    })
}

/// The characters of a Base64 text that the secret alone decides when it starts `offset` bytes into a group of three:
/// this finds it inside `id:secret` and inside a whole header too.
fn inner_base64(engine: &impl Engine, secret: &str, offset: usize) -> String {
    let bytes: Vec<u8> = std::iter::repeat_n(0, offset).chain(secret.bytes()).collect();
    let text = engine.encode(&bytes);
    let start = (offset * 8).div_ceil(6);
    let end = bytes.len() * 8 / 6;
    text.get(start..end).unwrap_or_default().to_owned()
}

/// Whatever follows `Bearer` or `Basic` and is long enough to be a credential, known to us or not.
fn without_credentials(text: &str) -> String {
    const SHORTEST_CREDENTIAL: usize = 20;
    let lower = text.to_ascii_lowercase();
    let mut clean = String::with_capacity(text.len());
    let mut done = 0;
    for scheme in lower.match_indices("bearer ").chain(lower.match_indices("basic ")) {
        let start = scheme.0 + scheme.1.len();
        let length =
            text[start..].bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte)).count();
        if start >= done && length >= SHORTEST_CREDENTIAL {
            clean.push_str(&text[done..start]);
            clean.push_str(REDACTED);
            done = start + length;
        }
    }
    clean.push_str(&text[done..]);
    clean
}

fn printable(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut clean, character| {
        if is_unprintable(character) {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
        clean
    })
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    const SECRET: &str = "canary s3cr3t/\"ü\"+==";

    #[test]
    fn a_secret_is_found_in_every_usual_spelling() {
        let redactor = Redactor::new([SECRET]);
        for (spelling, text) in [
            ("plain", format!("you sent {SECRET}!")),
            ("json", serde_json::json!({ "echo": SECRET }).to_string()),
            ("percent", format!("client_secret={}&x", percent(SECRET, false))),
            ("lower percent", percent(SECRET, true)),
            ("form", percent(SECRET, false).replace("%20", "+")),
            ("hex", hexadecimal(SECRET.as_bytes())),
            ("base64", STANDARD.encode(SECRET)),
            ("basic header", STANDARD.encode(format!("me:{SECRET}"))),
            ("basic header, other offset", STANDARD.encode(format!("me2:{SECRET}"))),
            ("whole header", STANDARD.encode(format!("authorization: {SECRET}\r\nhost: x"))),
            ("url-safe", URL_SAFE_NO_PAD.encode(format!("abc{SECRET}"))),
        ] {
            let clean = redactor.clean(&text);
            assert!(clean.contains(REDACTED), "{spelling}: {clean}");
            assert!(!clean.contains("s3cr3t"), "{spelling}: {clean}");
        }
    }

    #[test]
    fn a_cut_never_leaves_half_a_secret() {
        let redactor = Redactor::new(["0123456789abcdef"]);
        let text = format!("{}0123456789abcdef", "x".repeat(95));
        let cut = redactor.excerpt(&text, 100);
        assert!(!cut.contains("0123"), "{cut}");
    }

    #[test]
    fn unknown_credentials_after_a_scheme_are_hidden_and_words_are_not() {
        let redactor = Redactor::new([]);
        let token = "A".repeat(30);
        assert_eq!(redactor.clean(&format!("got bearer {token}, sorry")), format!("got bearer {REDACTED}, sorry"));
        assert_eq!(redactor.clean("Bearer authentication failed"), "Bearer authentication failed");
    }

    #[test]
    fn control_and_direction_characters_become_visible() {
        assert_eq!(Redactor::new([]).clean("a\u{1b}[31m\u{202e}\nb"), "a\\u{1b}[31m\\u{202e}\\nb");
    }

    #[test]
    fn old_tokens_are_forgotten_in_turn() {
        let redactor = Redactor::new([]);
        for number in 0..=REMEMBERED_TOKENS {
            redactor.remember_token(&format!("token-number-{number}-"));
        }
        assert_eq!(redactor.clean("token-number-16-"), REDACTED);
        assert_eq!(redactor.clean("token-number-0-"), "token-number-0-");
    }
}
