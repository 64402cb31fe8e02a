//! A store that cannot be written: read-only from the start, or full on the way.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use super::judge::{self, Verdict, Wrong};
use super::reference::{Place, Reference};

/// How the disk fails.
#[derive(Debug, Clone, Copy)]
pub enum Disk {
    /// No file grows beyond so many blocks of 512 bytes.
    Full(u32),
    /// `.cxform` is a file, so that not even the administrator can write below it.
    NoFolder,
    /// The folder may not be written.
    ReadOnly,
}

/// From too small for an empty store, through full in the middle of a run, to large enough.
pub fn all() -> Vec<Disk> {
    let full = [0, 1, 64, 128, 160, 192, 224, 240, 256, 272, 288, 320, 352, 384, 448, 512, 768, 1024].map(Disk::Full);
    full.into_iter().chain([Disk::NoFolder, Disk::ReadOnly]).collect()
}

/// Nothing is written without its record; with room again, the next apply completes it.
pub fn trial(reference: &Reference, disk: &Disk) -> Verdict {
    let place = Place::new();
    let mut verdict = Verdict::default();
    let store = place.project.path().join(".cxform");
    let finished = match disk {
        Disk::Full(blocks) => place.project.on(&place.tenant, super::APPLY).on_a_full_disk(*blocks).run(),
        Disk::NoFolder => {
            std::fs::write(&store, "").unwrap();
            place.project.on(&place.tenant, super::APPLY).run()
        }
        Disk::ReadOnly => {
            std::fs::create_dir(&store).unwrap();
            std::fs::set_permissions(&store, Permissions::from_mode(0o500)).unwrap();
            place.project.on(&place.tenant, super::APPLY).run()
        }
    };
    let writes = judge::committed(place.tenant.writes());
    let expected: &[i32] = if writes.is_empty() { &[1] } else { &[0, 1, 3] };
    let known = finished.code.is_some_and(|code| expected.contains(&code));
    verdict.insist(Wrong::Violation, known, || format!("it neither refuses nor stops: {finished}"));
    if matches!(disk, Disk::NoFolder) {
        verdict.insist(Wrong::Violation, writes.is_empty(), || format!("writes without records: {writes:#?}"));
        std::fs::remove_file(&store).unwrap();
    }
    if matches!(disk, Disk::ReadOnly) {
        std::fs::set_permissions(&store, Permissions::from_mode(0o700)).unwrap();
    }
    let again = place.project.on(&place.tenant, super::APPLY).run();
    verdict.insist(Wrong::Violation, again.code == Some(0), || {
        format!("room again does not help: {again}\nafter {finished}")
    });
    judge::settled(&place, reference, &mut verdict);
    verdict
}
