//! What the product is built from: licences, sources and known advisories, checked offline with what is committed.
//!
//! `tests/supply/advisories.json` holds the facts of the RustSec advisory database (CC0): ids, packages and versions. With
//! `CXFORM_ADVISORY_DB=CHECKOUT` the test writes it anew from a checkout of that database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Licences that a product under Apache-2.0 can be shipped with.
const LICENCES: &[&str] = &[
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Advisories that do not concern us, each with why. One that is fixed or gone has to leave the list.
const ACCEPTED: &[(&str, &str)] = &[];

/// The facts of one advisory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Advisory {
    id: String,
    package: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    informational: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    patched: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unaffected: Vec<String>,
}

impl Advisory {
    fn concerns(&self, version: &Version) -> bool {
        let holds = |range: &String| VersionReq::parse(range).unwrap_or_else(|_| panic!("{self:?}")).matches(version);
        !self.patched.iter().chain(&self.unaffected).any(holds)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn committed() -> PathBuf {
    root().join("tests/supply/advisories.json")
}

/// The packages that are built on this machine, with everything that cargo knows of them.
fn packages() -> Vec<Value> {
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let versions = cargo(&["-vV"]);
    let host = versions.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // Packages of other systems need not be there.
    let metadata = cargo(&["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn locked() -> Vec<(String, Version)> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let value = |line: &str, key: &str| Some(line.strip_prefix(key)?.trim_matches(['=', ' ', '"']).to_owned());
    let mut found = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let of = |key| package.lines().find_map(|line| value(line, key)).unwrap();
        found.push((of("name"), of("version").parse().unwrap()));
    }
    found
}

#[test]
fn every_dependency_has_a_licence_that_we_can_ship() {
    let mut unfit = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        let fits = spdx::Expression::parse(&licence).is_ok_and(|expression| {
            expression.evaluate(|requirement| LICENCES.contains(&requirement.to_string().as_str()))
        });
        if !fits {
            unfit.push(format!("{name}: `{licence}`"));
        }
    }
    assert!(unfit.is_empty(), "{unfit:#?}");
}

#[test]
fn every_dependency_comes_from_the_registry() {
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let foreign: Vec<_> = lock
        .lines()
        .filter(|line| line.starts_with("source = "))
        .filter(|line| !line.contains("registry+https://github.com/rust-lang/crates.io-index"))
        .collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
}

#[test]
fn no_dependency_has_a_known_advisory() {
    if let Some(database) = std::env::var_os("CXFORM_ADVISORY_DB") {
        std::fs::write(committed(), extracted(Path::new(&database))).unwrap();
    }
    let advisories: Vec<Advisory> = std::fs::read_to_string(committed())
        .unwrap()
        .lines()
        .map(|line| line.trim_end_matches(','))
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(advisories.len() > 500, "the list is not whole");
    let mut by_package: BTreeMap<&str, Vec<&Advisory>> = BTreeMap::new();
    for advisory in &advisories {
        by_package.entry(&advisory.package).or_default().push(advisory);
    }
    let mut found = Vec::new();
    for (name, version) in locked() {
        let concerning = by_package.get(name.as_str()).into_iter().flatten().filter(|known| known.concerns(&version));
        found.extend(concerning.map(|known| (known.id.clone(), format!("{name} {version}"))));
    }
    let (accepted, open): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(id, _)| ACCEPTED.iter().any(|(known, _)| known == id));
    assert!(open.is_empty(), "{open:#?}");
    for (id, _) in ACCEPTED {
        assert!(accepted.iter().any(|(found, _)| found == id), "`{id}` concerns us no more");
    }
}

#[test]
fn an_advisory_concerns_what_is_neither_patched_nor_unaffected() {
    let advisory: Advisory =
        serde_json::from_str(r#"{"id":"X","package":"x","patched":["^1.2.3",">= 2.0.1"],"unaffected":["< 1.1.0"]}"#)
            .unwrap();
    let concerned = ["1.0.9", "1.1.0", "1.2.2", "1.2.3", "2.0.0", "2.0.1"];
    let concerned = concerned.map(|version| advisory.concerns(&version.parse().unwrap()));
    assert_eq!(concerned, [false, true, true, false, true, false]);
}

/// The facts of every advisory in a checkout, one on a line.
fn extracted(database: &Path) -> String {
    let mut lines = Vec::new();
    for package in std::fs::read_dir(database.join("crates")).unwrap() {
        for file in std::fs::read_dir(package.unwrap().path()).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let head = text.split("```").nth(1).unwrap();
            let one = |key: &str| {
                let line = head.lines().find(|line| line.split('=').next().is_some_and(|name| name.trim() == key))?;
                Some(line.split_once('=')?.1.trim().trim_matches('"').to_owned())
            };
            let many = |key: &str| -> Vec<String> {
                let Some((_, rest)) = head.split_once(&format!("\n{key} = [")) else { return Vec::new() };
                let list = rest.split(']').next().unwrap_or_default();
                list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
            };
            if one("withdrawn").is_some() {
                continue;
            }
            let advisory = Advisory {
                id: one("id").unwrap(),
                package: one("package").unwrap(),
                informational: one("informational"),
                patched: many("patched"),
                unaffected: many("unaffected"),
            };
            lines.push(serde_json::to_string(&advisory).unwrap());
        }
    }
    lines.sort();
    format!("[\n{}\n]\n", lines.join(",\n"))
}
