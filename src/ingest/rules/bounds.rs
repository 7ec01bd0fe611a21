//! The limits of rules: a hostile repository may have an ignore file of any size in each of its folders.
//!
//! Measured: 100 nested folders with two ignore files of 1 MiB each take 6 MB more than no ignore files, whatever kind of rules they have.
//! (The automata that other tools build from rules take 560 bytes for each byte of a rule, and up to 10 MB for each file when
//! they are used.) The limits also bound the time: matching a name against all rules takes a few milliseconds at most.

use std::ops::{AddAssign, SubAssign};

use super::pattern::RulePattern;

/// The most bytes of an ignore file.
pub(super) const FILE_BYTES: u64 = 1 << 20;
/// The most bytes of a rule: as long as a path may be.
pub(super) const LINE_BYTES: usize = 4096;
/// The most rules that apply at one place, including those of the folders above.
pub(super) const RULES: usize = 20_000;
/// The most bytes of these rules.
const BYTES: usize = 1 << 20;
/// The most steps of the rules with wildcards that apply at one place; these are matched one by one.
const SIMPLE_STEPS: usize = 16 << 10;
/// The same for rules with braces, or with `**` between other parts; these follow all alternatives at once.
const GENERAL_STEPS: usize = 4 << 10;

/// The size of rules, in the units of the limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RuleCost {
    rules: usize,
    bytes: usize,
    simple: usize,
    general: usize,
}

impl RuleCost {
    pub(super) fn of(pattern: &RulePattern) -> Self {
        let (bytes, simple, general) = match pattern {
            RulePattern::Name(text) | RulePattern::Path(text) | RulePattern::Extension(text) => (text.len(), 0, 0),
            RulePattern::WildName(program) | RulePattern::WildPath(program) => (0, program.ops.len(), 0),
            RulePattern::General(program) => (0, 0, program.ops.len()),
        };
        Self { rules: 1, bytes, simple, general }
    }

    /// True if no rule of any kind can be added.
    pub(super) fn is_full(&self) -> bool {
        self.rules >= RULES
    }

    /// Describes the limit that is exceeded, if there is one.
    pub(super) fn exceeded(&self) -> Option<String> {
        let check = |number: usize, max: usize, what: &str| (number > max).then(|| format!("more than {max} {what}"));
        check(self.rules, RULES, "rules hold here")
            .or_else(|| check(self.bytes, BYTES, "bytes of rules hold here"))
            .or_else(|| check(self.simple, SIMPLE_STEPS, "characters of rules with wildcards hold here"))
            .or_else(|| check(self.general, GENERAL_STEPS, "characters of rules with ** or {} hold here"))
    }
}

impl AddAssign for RuleCost {
    fn add_assign(&mut self, other: Self) {
        self.rules += other.rules;
        self.bytes += other.bytes;
        self.simple += other.simple;
        self.general += other.general;
    }
}

impl SubAssign for RuleCost {
    fn sub_assign(&mut self, other: Self) {
        self.rules -= other.rules;
        self.bytes -= other.bytes;
        self.simple -= other.simple;
        self.general -= other.general;
    }
}
