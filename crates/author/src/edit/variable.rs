//! Values that come out of a variable: the variable changes where nothing else needs it, the value where no other environment does.

use cxform_manifest::PROJECT_FILE;
use cxform_model::Source;

use super::find::Spot;
use super::{Bench, Refused, Replacement};
use crate::yaml::{Body, Node, print_flow};

impl Bench<'_> {
    pub(super) fn variable(&self, spot: &Spot<'_>, source: Source, new: Node) -> Result<Vec<Replacement>, Refused> {
        let written = spot.node.text().unwrap_or_default();
        let name = written.split("${var.").nth(1).and_then(|rest| rest.split('}').next()).unwrap_or_default();
        let lone = written == format!("${{var.{name}}}");
        if lone
            && self.uses(name) == 1
            && let Some(replacement) = self.setting(name, &new)
        {
            return Ok(vec![replacement]);
        }
        if self.environments > 1 {
            return Err(Refused::Variable { name: name.to_owned() });
        }
        let file = self.name(source.file).to_owned();
        Ok(vec![Replacement { file, range: spot.node.span.clone(), text: print_flow(&new) }])
    }

    /// How often manifests and overlays name a variable.
    fn uses(&self, name: &str) -> usize {
        let reference = format!("${{var.{name}}}");
        let files = self.project.files().iter().filter(|(_, file)| *file != PROJECT_FILE);
        files.filter_map(|(id, _)| self.project.text(id)).map(|text| text.matches(&reference).count()).sum()
    }

    /// The environment's own value of a variable, unless that comes from elsewhere in turn.
    fn setting(&self, name: &str, new: &Node) -> Option<Replacement> {
        let (id, file) = self.project.files().iter().find(|(_, file)| *file == PROJECT_FILE)?;
        let (stream, _) = self.stream(id)?;
        let root = &stream.documents.first()?.root;
        let value = root.get("spec")?.get("environments")?.get(self.environment)?.get("variables")?.get(name)?;
        let plain = matches!(&value.body, Body::Scalar { text, .. } if !text.contains("${"));
        let simple = matches!(new.body, Body::Scalar { .. }) && value.properties.anchor.is_none();
        (plain && simple).then(|| Replacement {
            file: file.to_owned(),
            range: value.span.clone(),
            text: print_flow(new),
        })
    }
}
