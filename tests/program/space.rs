//! `--space`: `nigh encode` in the folder of a collection uses the space of its vectors.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::command::{code, err, nigh, value};
use crate::support::real;

#[test]
fn encode_uses_the_space_of_the_collection() {
    let Some(model) = real::model("multilingual-e5-small-q4") else { return };
    let model = model.path().to_str().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "leave.md",
            "# Leave\n\nEmployees receive twenty-five days of paid leave a year. Unused days expire in March.\n",
        ),
        ("parking.md", "# 停车\n\n员工停车场每月收费一百元，请在前台登记车牌号码。访客停车每小时五元。\n"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let run = |arguments: &[&str]| {
        let output = nigh(folder.path(), arguments).output().unwrap();
        assert_eq!(code(&output), 0, "{arguments:?}: {}", err(&output));
        output
    };
    run(&["index", ".", "--model", model, "--space", "language-neutral"]);
    assert_eq!(value(&run(&["status", "--json"]))["space"], "language-neutral");

    let encode = |arguments: &[&str]| -> Value {
        let mut command = nigh(folder.path(), arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"how long is my holiday\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 0, "{arguments:?}: {}", err(&output));
        value(&output)["vector"].clone()
    };
    let own = encode(&["encode", "--query"]);
    assert_eq!(own, encode(&["encode", "--query", "--model", model, "--space", "language-neutral"]));
    assert_ne!(own, encode(&["encode", "--query", "--model", model]));
}
