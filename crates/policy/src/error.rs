//! Why policies cannot be used, or cannot tell.

/// Something about policies that a person has to put right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A file is no set of policies.
    #[error("`{file}` is no policy file: {reason}")]
    File {
        /// The file.
        file: String,
        /// Why, with its place.
        reason: String,
    },
    /// An expression of a policy cannot be used.
    #[error("policy `{policy}` in `{file}`: `{part}` {reason}")]
    Expression {
        /// The file.
        file: String,
        /// The policy.
        policy: String,
        /// Which part: `when`, `deny` or `message`.
        part: &'static str,
        /// Why.
        reason: String,
    },
    /// Two policies have one id.
    #[error("two policies are called `{policy}`: one in `{first}`, one in `{second}`")]
    Twice {
        /// The id.
        policy: String,
        /// The file of the first.
        first: String,
        /// The file of the second.
        second: String,
    },
    /// A test speaks of a policy that does not exist.
    #[error("the test `{test}` in `{file}` is for the policy `{policy}`, which does not exist")]
    Untested {
        /// The file.
        file: String,
        /// The test.
        test: String,
        /// The id.
        policy: String,
    },
    /// A policy cannot be evaluated on a plan. It denies nothing and passes nothing: nobody knows.
    #[error("policy `{policy}` cannot be evaluated{}: `{part}`: {reason}", on(.address.as_deref()))]
    Evaluation {
        /// The policy.
        policy: String,
        /// The change that it looked at.
        address: Option<String>,
        /// Which part.
        part: &'static str,
        /// Why.
        reason: String,
    },
    /// The plan is too large to be judged.
    #[error("the plan holds {changes} changes, and policies judge {most} at most: apply it in parts with `--target`")]
    TooLarge {
        /// How many there are.
        changes: usize,
        /// How many there may be.
        most: usize,
    },
}

fn on(address: Option<&str>) -> String {
    address.map_or_else(String::new, |address| format!(" on `{address}`"))
}
