//! Finds the commands that the program's messages advise.

/// Values for the placeholders in advice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placeholders<'a> {
    pub(crate) folder: &'a str,
    pub(crate) collection: &'a str,
    pub(crate) model: &'a str,
}

/// Returns the commands in backquotes that begin with `nigh`, as the words after it. Leaves out commands with other placeholders than
/// a folder or a model, and commands that need a network.
pub(crate) fn commands(output: &str, names: Placeholders<'_>) -> Vec<Vec<String>> {
    let mut commands: Vec<Vec<String>> = Vec::new();
    // Every second piece is between backquotes.
    for quoted in output.split('`').skip(1).step_by(2) {
        let Some(words) = quoted.strip_prefix("nigh ") else { continue };
        if let Some(words) = runnable(words, names).filter(|words| !commands.contains(words)) {
            commands.push(words);
        }
    }
    commands
}

fn runnable(text: &str, names: Placeholders<'_>) -> Option<Vec<String>> {
    if text.contains('…') || text.contains("NEW") || text.starts_with("model pull") {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        words.push(match word.trim_matches('\'') {
            "FOLDER" | "PATH" => names.folder.to_owned(),
            "DIRECTORY" | "DIR" => names.model.to_owned(),
            open if open.len() > 1 && open.chars().all(|c| c.is_ascii_uppercase()) => return None,
            word => word.to_owned(),
        });
    }
    let command = words.first()?.clone();
    if command == "index" && words.iter().skip(1).all(|word| word.starts_with('-')) {
        words.push(names.folder.to_owned());
    }
    if command != "model" && !words.iter().any(|word| word == "--collection") {
        words.extend(["--collection".to_owned(), names.collection.to_owned()]);
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Placeholders<'_> = Placeholders { folder: "/d", collection: "/d/.nigh", model: "/m" };

    fn read(output: &str) -> Vec<String> {
        commands(output, NAMES).iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn advice_is_parsed_into_commands() {
        assert_eq!(read("broken; run `nigh rebuild`, or `nigh rebuild`"), ["rebuild --collection /d/.nigh"]);
        assert_eq!(read("make one with `nigh index FOLDER`"), ["index /d --collection /d/.nigh"]);
        assert_eq!(read("`nigh index` puts right"), ["index /d --collection /d/.nigh"]);
        assert_eq!(read("`nigh model import DIRECTORY`"), ["model import /m"]);
        assert_eq!(
            read("`nigh trust --collection /x` first, then `nigh migrate`"),
            ["trust --collection /x", "migrate --collection /d/.nigh"]
        );
    }

    #[test]
    fn advice_that_cannot_run_is_left_out() {
        for output in
            ["`nigh index --collection NEW --model …`", "`nigh model pull`", "`rm -rf`", "run nigh rebuild", "`nigh "]
        {
            assert_eq!(read(output), Vec::<String>::new(), "{output}");
        }
    }
}
