//! Tracks which prefixes are declared at each element.

use std::rc::Rc;

use crate::office::namespace::Ns;

/// Most declarations in effect at the same time: each name is searched in them.
pub(super) const MAX_DECLARED: usize = 300;

/// The declarations in effect for an element, including those of its ancestors.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(super) declared: Vec<(Box<str>, Ns)>,
    /// The vocabulary of names without a prefix.
    default: Ns,
    outer: Option<Rc<Scope>>,
    /// The number of declarations, including those of the ancestors.
    count: usize,
}

impl Scope {
    /// Makes the scope of a part; `default` is the vocabulary of its names without a prefix.
    pub(crate) fn of_part(default: Ns) -> Rc<Self> {
        Rc::new(Self { default, ..Self::default() })
    }

    /// Makes the scope of an element with its own declarations: the prefix, "" for names without one, and the name of the
    /// namespace.
    pub(crate) fn inside<'d>(outer: &Rc<Self>, found: impl Iterator<Item = (&'d str, &'d str)>) -> Rc<Self> {
        let mut scope =
            Self { declared: Vec::new(), default: outer.default, outer: Some(Rc::clone(outer)), count: outer.count };
        for (prefix, uri) in found {
            if prefix.is_empty() {
                scope.default = Ns::of_uri(uri);
            } else if scope.count < MAX_DECLARED {
                scope.declared.push((prefix.into(), Ns::of_uri(uri)));
                scope.count += 1;
            }
        }
        Rc::new(scope)
    }

    /// Returns the vocabulary of names without a prefix.
    pub(crate) fn unprefixed(&self) -> Ns {
        self.default
    }

    /// Returns the vocabulary of a prefix.
    pub(crate) fn prefix(&self, prefix: &str) -> Ns {
        let mut scope = self;
        loop {
            if let Some((_, ns)) = scope.declared.iter().find(|(declared, _)| **declared == *prefix) {
                return *ns;
            }
            match &scope.outer {
                Some(outer) => scope = outer,
                None => return Ns::customary(prefix),
            }
        }
    }
}
