//! The canonical form: what it looks like, and the laws that it keeps.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::{FormatError, format};

#[test]
fn files_in_their_canonical_form_stay_as_they_are() {
    for text in [
        include_str!("../../../../manifests/cxform.yaml"),
        include_str!("../../../../manifests/dispositions/outbound-sales.yaml"),
        include_str!("../../../../manifests/callcodes/q3.yaml"),
        include_str!("../../../../manifests/campaigns/sales.yaml"),
        include_str!("../../../../manifests/campaigns/collections.yaml"),
    ] {
        similar(&format(text).unwrap(), text);
    }
}

#[track_caller]
fn similar(left: &str, right: &str) {
    let lines = left.lines().zip(right.lines()).find(|(left, right)| left != right);
    assert_eq!(lines, None);
    assert_eq!(left, right);
}

#[test]
fn spaces_quotes_and_dashes_are_settled_and_comments_stay() {
    let text = "\
# top


spec:    # behind
    outcomes:
    # the first
    -   code:   'A'
        name : \"First one\"     # said so
        uiConfig: {icon: phone,colorCode: '#112233'}
    -   { code: B,   name:  Second }


        # at the end
---


kind: X
";
    insta::assert_snapshot!(format(text).unwrap());
}

#[test]
fn line_ends_stay_what_they_are() {
    assert_eq!(format("a:   1\r\nb:   2\r\n").unwrap(), "a: 1\r\nb: 2\r\n");
}

#[test]
fn what_is_no_yaml_is_told_with_its_place() {
    match format("a: [1, 2\nb: 3\n") {
        Err(FormatError::Syntax(error)) => assert!(error.line >= 1, "{error}"),
        other => panic!("{other:?}"),
    }
    assert!(format("%YAML 1.2\n---\na: 1\n").is_err());
}

/// A value, and how somebody writes it.
#[derive(Debug, Clone)]
enum Written {
    Scalar(&'static str),
    Lines(&'static str),
    Sequence(bool, Vec<(Whim, Written)>),
    Mapping(bool, Vec<(Whim, Written)>),
}

/// What stands around it.
#[derive(Debug, Clone, Copy)]
struct Whim {
    blank: bool,
    above: bool,
    behind: bool,
    spaces: usize,
    indent: usize,
}

fn whims() -> impl Strategy<Value = Whim> {
    (
        proptest::bool::weighted(0.2),
        proptest::bool::weighted(0.2),
        proptest::bool::weighted(0.2),
        1..4_usize,
        1..5_usize,
    )
        .prop_map(|(blank, above, behind, spaces, indent)| Whim { blank, above, behind, spaces, indent })
}

fn written() -> impl Strategy<Value = Written> {
    let scalar = proptest::sample::select(vec![
        "a",
        "SI-DEMO",
        "'it''s'",
        "\"tab\\t\"",
        "\"\\u2028\"",
        "1",
        "0.60",
        "\"007\"",
        "null",
        "~",
        "true",
        "''",
        "\"${var.x}\"",
        "two words",
        "\"#fff\"",
        "https://a.example/b?c=d",
        "2026-12-01T09:00:00-05:00",
        "-1",
        "'a: b'",
    ]);
    let lines =
        proptest::sample::select(vec!["|\none\n  two\n", "|-\none\n\ntwo\n", ">\nfolded\ntext\n", "|+\nkept\n\n"]);
    let leaf = prop_oneof![8 => scalar.prop_map(Written::Scalar), 1 => lines.prop_map(Written::Lines)];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let items = proptest::collection::vec((whims(), inner), 0..5).boxed();
        prop_oneof![
            (proptest::bool::weighted(0.3), items.clone()).prop_map(|(flow, items)| Written::Sequence(flow, items)),
            (proptest::bool::weighted(0.3), items).prop_map(|(flow, items)| Written::Mapping(flow, items)),
        ]
    })
}

impl Written {
    fn flow(&self, out: &mut String, comments: &mut usize) {
        match self {
            Self::Scalar(text) => out.push_str(text),
            Self::Lines(_) => out.push_str("lines"),
            Self::Sequence(_, items) | Self::Mapping(_, items) => {
                let keyed = matches!(self, Self::Mapping(..));
                out.push_str(if keyed { "{" } else { "[" });
                for (at, (whim, item)) in items.iter().enumerate() {
                    out.push_str(&" ".repeat(whim.spaces - 1));
                    if keyed {
                        let _ = write!(out, "k{at}: ");
                    }
                    item.flow(out, comments);
                    if at + 1 < items.len() || whim.blank {
                        out.push(',');
                    }
                    if whim.above && whim.behind {
                        *comments += 1;
                        let _ = write!(out, " # in flow {comments}\n{}", " ".repeat(40));
                    }
                }
                out.push_str(if keyed { " }" } else { " ]" });
            }
        }
    }

    /// Behind a colon or a dash, to the end of the line.
    fn behind(&self, whim: Whim, indent: usize, out: &mut String, comments: &mut usize) {
        let comment = |out: &mut String, comments: &mut usize| {
            if whim.behind {
                *comments += 1;
                let _ = write!(out, "{}# behind {comments}", " ".repeat(whim.spaces));
            }
            out.push('\n');
        };
        match self {
            Self::Lines(text) => {
                let (header, body) = text.split_once('\n').unwrap();
                let _ = write!(out, " {header}");
                comment(out, comments);
                for line in body.lines() {
                    let indent = if line.is_empty() { 0 } else { indent + whim.indent };
                    let _ = writeln!(out, "{}{line}", " ".repeat(indent));
                }
            }
            Self::Sequence(false, items) | Self::Mapping(false, items) if !items.is_empty() => {
                comment(out, comments);
                self.block(indent + whim.indent, out, comments);
            }
            _ => {
                out.push_str(&" ".repeat(whim.spaces));
                self.flow(out, comments);
                comment(out, comments);
            }
        }
    }

    fn block(&self, indent: usize, out: &mut String, comments: &mut usize) {
        let (Self::Sequence(_, items) | Self::Mapping(_, items)) = self else { return };
        for (at, (whim, item)) in items.iter().enumerate() {
            if whim.blank {
                out.push('\n');
            }
            if whim.above {
                *comments += 1;
                let _ = writeln!(out, "{}# above {comments}", " ".repeat(indent));
            }
            out.push_str(&" ".repeat(indent));
            if matches!(self, Self::Mapping(..)) {
                let _ = write!(out, "k{at}:");
            } else {
                out.push('-');
            }
            item.behind(*whim, indent, out, comments);
        }
    }

    fn file(&self, documents: usize) -> String {
        let (mut out, mut comments) = (String::new(), 0);
        for _ in 0..documents {
            out.push_str("---\n");
            match self {
                Self::Sequence(false, items) | Self::Mapping(false, items) if !items.is_empty() => {
                    self.block(0, &mut out, &mut comments);
                }
                _ => {
                    self.flow(&mut out, &mut comments);
                    out.push('\n');
                }
            }
        }
        out
    }
}

fn meaning(text: &str) -> Vec<serde_yaml::Value> {
    use serde::Deserialize as _;
    serde_yaml::Deserializer::from_str(text).map(|document| serde_yaml::Value::deserialize(document).unwrap()).collect()
}

fn comments(text: &str) -> Vec<&str> {
    let mut all: Vec<&str> = text
        .lines()
        .filter_map(|line| {
            line.find("# behind")
                .or_else(|| line.find("# above"))
                .or_else(|| line.find("# in flow"))
                .map(|at| &line[at..])
        })
        .collect();
    all.sort_unstable();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn meaning_and_comments_stay_and_a_second_time_changes_nothing(written in written(), documents in 1..3_usize) {
        let text = written.file(documents);
        let formatted = format(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert_eq!(meaning(&formatted), meaning(&text), "{}\n-->\n{}", text, formatted);
        prop_assert_eq!(comments(&formatted), comments(&text), "{}\n-->\n{}", text, formatted);
        prop_assert_eq!(format(&formatted).unwrap(), formatted.clone(), "{}\n-->\n{}", text, formatted);
        prop_assert!(!formatted.lines().any(|line| line.ends_with(' ')), "{}", formatted);
    }
}
