//! `.cxform`: everything that cxform keeps for a project. It is no part of the project: git must not see it, nor anybody else.

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Its name.
pub const STATE: &str = ".cxform";

/// Makes the folder, for the owner alone and with a `.gitignore`.
pub fn prepare(project: &Path) -> io::Result<PathBuf> {
    let folder = project.join(STATE);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let mode = folder.metadata()?.permissions().mode();
    if mode & 0o077 != 0 {
        std::fs::set_permissions(&folder, Permissions::from_mode(mode & !0o077))?;
    }
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        std::fs::write(&ignore, "*\n")?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_and_not_git_looks_into_the_folder() {
        let project = tempfile::tempdir().unwrap();
        std::fs::create_dir(project.path().join(STATE)).unwrap();
        std::fs::set_permissions(project.path().join(STATE), Permissions::from_mode(0o755)).unwrap();
        let folder = prepare(project.path()).unwrap();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(std::fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
        assert!(prepare(project.path()).is_ok(), "again");
    }
}
