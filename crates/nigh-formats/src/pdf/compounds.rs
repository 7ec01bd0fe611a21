//! Prefixes and suffixes that show whether a hyphen belongs to the word.

/// Words that follow a hyphen that replaces an omitted part: "pre- and post-war", "Haus- und Hofhund".
pub(super) const HANGING: [&str; 12] = ["and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "og", "och", "nor"];

/// The same for languages that are recognised by words in the text: "vracht- en verzendkosten". In other languages these words are endings.
pub(super) const HANGING_IN: [(&str, [&str; 2]); 4] =
    [("en", ["het", "een"]), ("of", ["het", "een"]), ("e", ["della", "che"]), ("o", ["della", "che"])];

/// First parts of compounds that keep their hyphen.
pub(super) const BEGINS_COMPOUND: [&str; 35] = [
    "well", "self", "long", "short", "high", "low", "half", "quasi", "full", "large", "small", "first", "second",
    "third", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twenty", "thirty",
    "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "double", "single", "vice",
];

/// Word parts that may follow those without a hyphen: "highlight", "fourteen", "longitude", "selfish", "secondary".
pub(super) const ENDS_SOLID: [&str; 38] = [
    "itud", "ness", "ing", "est", "ish", "less", "ful", "ly", "er", "age", "en", "ed", "land", "light", "way",
    "coming", "hand", "ware", "fold", "teen", "ty", "tie", "self", "selves", "some", "ary", "ment", "born", "pox",
    "rous", "ever", "ves", "ton", "ors", "let", "back", "ies", "cut",
];

/// Last parts of compounds that keep their hyphen.
pub(super) const ENDS_COMPOUND: [&str; 36] = [
    "based",
    "dependent",
    "specific",
    "related",
    "free",
    "term",
    "known",
    "level",
    "scale",
    "driven",
    "oriented",
    "friendly",
    "shaped",
    "sized",
    "coloured",
    "colored",
    "aware",
    "induced",
    "mediated",
    "derived",
    "associated",
    "effective",
    "efficient",
    "determining",
    "style",
    "year",
    "old",
    "rich",
    "poor",
    "resistant",
    "sensitive",
    "negative",
    "controlled",
    "operated",
    "centred",
    "centered",
];

/// Beginnings of words that are always written as one: "understand", "interdependent".
pub(super) const BEGINS_SOLID: [&str; 36] = [
    "under", "over", "out", "inter", "fore", "super", "trans", "counter", "intra", "extra", "micro", "macro", "multi",
    "mono", "poly", "photo", "electro", "hydro", "thermo", "bio", "geo", "tele", "auto", "anti", "semi", "hyper",
    "ultra", "sub", "pre", "pro", "dis", "mis", "non", "for", "per", "con",
];

/// Words within a compound of more than two parts: "state-of-the-art".
pub(super) const WITHIN: [&str; 14] =
    ["of", "the", "in", "to", "and", "by", "on", "up", "a", "de", "la", "du", "van", "for"];
