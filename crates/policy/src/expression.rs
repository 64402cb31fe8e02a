//! One CEL expression: compiled with bounds, evaluated without effects.

use std::collections::BTreeSet;

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr};
use cel::{Context, Program, Value};

use crate::value;

/// The longest expression.
const LONGEST: usize = 4096;

/// How many loops may stand within each other. A third one over a large plan would not end.
const DEEPEST: usize = 2;

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Expression(Program);

impl Expression {
    /// Compiles. Names that are neither of `known` nor of a loop are slips, and told here rather than on the first plan.
    pub(crate) fn compile(text: &str, known: &[&str]) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("is longer than {LONGEST} characters"));
        }
        let program = Program::compile(text).map_err(|error| format!("is no CEL expression: {error}"))?;
        let mut loops = BTreeSet::new();
        let deepest = depth(&program.expression().expr, &mut loops);
        if deepest > DEEPEST {
            return Err(format!("has {deepest} loops within each other, and {DEEPEST} are allowed"));
        }
        let references = program.references();
        let mut unknown = references.variables();
        unknown.retain(|name| !known.contains(name) && !loops.contains(*name) && !TYPES.contains(name));
        unknown.sort_unstable();
        if let Some(name) = unknown.first() {
            return Err(format!("speaks of `{name}`, and knows {} only", known.join(", ")));
        }
        Ok(Self(program))
    }

    pub(crate) fn value(&self, scope: &Context<'_, '_>) -> Result<Value, String> {
        self.0.execute(scope).map_err(|error| error.to_string())
    }

    /// Its truth. Anything but `true` and `false` is an error.
    pub(crate) fn truth(&self, scope: &Context<'_, '_>) -> Result<bool, String> {
        match self.value(scope)? {
            Value::Bool(truth) => Ok(truth),
            other => Err(format!("is {}, and has to be true or false", value::kind(&other))),
        }
    }
}

/// Names of types, as `type(x) == int` uses them.
const TYPES: [&str; 9] = ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "uint"];

/// How many loops stand within each other; gathers the names that loops give.
fn depth(expression: &Expr, loops: &mut BTreeSet<String>) -> usize {
    match expression {
        Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => 0,
        Expr::Call(call) => {
            let target = call.target.iter().map(|target| &target.expr);
            deepest(target.chain(call.args.iter().map(|argument| &argument.expr)), loops)
        }
        Expr::Comprehension(comprehension) => {
            let ComprehensionExpr {
                iter_range,
                iter_var,
                iter_var2,
                accu_var,
                accu_init,
                loop_cond,
                loop_step,
                result,
            } = &**comprehension;
            loops.extend([iter_var.clone(), accu_var.clone()]);
            loops.extend(iter_var2.clone());
            let within = deepest([loop_cond, loop_step].map(|part| &part.expr), loops);
            // What is looped over, and what becomes of the result, is worked out once.
            let beside = deepest([iter_range, accu_init, result].map(|part| &part.expr), loops);
            (within + 1).max(beside)
        }
        Expr::List(list) => deepest(list.elements.iter().map(|element| &element.expr), loops),
        Expr::Map(map) => entries(&map.entries, loops),
        Expr::Select(select) => depth(&select.operand.expr, loops),
        Expr::Struct(structure) => entries(&structure.entries, loops),
    }
}

fn entries(entries: &[cel::common::ast::IdedEntryExpr], loops: &mut BTreeSet<String>) -> usize {
    let parts = entries.iter().flat_map(|entry| match &entry.expr {
        EntryExpr::StructField(field) => vec![&field.value.expr],
        EntryExpr::MapEntry(entry) => vec![&entry.key.expr, &entry.value.expr],
    });
    deepest(parts, loops)
}

fn deepest<'e>(parts: impl IntoIterator<Item = &'e Expr>, loops: &mut BTreeSet<String>) -> usize {
    parts.into_iter().map(|part| depth(part, loops)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_a_name_is_told_at_once() {
        let refused = Expression::compile("chnage.action == 'retire'", &["change", "plan"]).unwrap_err();
        assert_eq!(refused, "speaks of `chnage`, and knows change, plan only");
        Expression::compile("change.fields.exists(f, type(f.after) == int)", &["change"]).unwrap();
    }

    #[test]
    fn loops_within_loops_are_bounded_and_loops_in_a_row_are_not() {
        let nested = "[1].all(a, [1].all(b, [1].all(c, a == c)))";
        assert!(Expression::compile(nested, &[]).unwrap_err().starts_with("has 3 loops"));
        Expression::compile("[1].all(a, [2].exists(b, a == b))", &[]).unwrap();
        Expression::compile("[1].map(a, a).filter(b, b > 0).map(c, c).exists(d, d == 1)", &[]).unwrap();
    }

    #[test]
    fn only_true_and_false_are_a_truth() {
        let scope = Context::default();
        let truth = |text| Expression::compile(text, &[]).unwrap().truth(&scope);
        assert_eq!(truth("1 < 2"), Ok(true));
        assert_eq!(truth("'true'"), Err("is text, and has to be true or false".to_owned()));
        assert!(truth("{'a': 1}.b == 1").unwrap_err().contains("No such key"), "a slip in a key is no pass");
    }

    #[test]
    fn what_is_no_expression_says_where() {
        assert!(Expression::compile("a ==", &["a"]).unwrap_err().starts_with("is no CEL expression"));
        assert!(Expression::compile(&"1+".repeat(3000), &[]).unwrap_err().starts_with("is longer"));
    }
}
