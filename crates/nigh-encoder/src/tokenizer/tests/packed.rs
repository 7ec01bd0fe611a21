//! Tests of the packed file: whatever happens to it, a wrong id is never returned. The packed file is tokenizer.json in a layout that is
//! mapped into memory (the mapped form). The general form is the crate `tokenizers`.

use std::time::{Duration, SystemTime};

use super::*;

/// Texts that together read most of a small vocabulary.
const TEXTS: [&str; 6] = [
    "the query passage unaffable don't mask",
    "词向量句平均文本。，的一是不",
    "ABCXYZ abcxyz 0123456789 .,:;!? <s>a</s> [MASK]",
    "éèçñßσςикй かがバカ 가각한국 \u{1f44d} \u{2602}\u{2603}",
    "\u{1} \u{a0} ™ … ﬁ e\u{301} \u{344} ﾊﾞ ﷺ",
    "",
];

/// The ids of a text, with special tokens, and its offsets.
type Answer = (Vec<u32>, Vec<(usize, usize)>);

fn answers(tokenizer: &Tokenizer) -> Vec<Answer> {
    let answer = |text: &&str| (tokenizer.encode(text).unwrap().ids, tokenizer.offsets(text).unwrap());
    TEXTS.iter().map(answer).collect()
}

#[test]
fn general_form_is_not_loaded_if_the_mapped_one_can_be_used() {
    let folder = TokenizerFolder::with(&tiny::unigram(-9.0, 0.1));
    let expected = answers(&Tokenizer::load_general(&folder.json()).unwrap());
    for _ in 0..2 {
        let tokenizer = folder.load();
        assert_eq!(answers(&tokenizer), expected);
        assert!(tokenizer.mapped.is_some() && tokenizer.general.get().is_none());
    }
}

/// Changes single bytes all over the packed file: the ids are right, or there is an error.
#[test]
fn flipped_bytes_never_give_a_wrong_id() {
    for document in [tiny::wordpiece(), tiny::xlm_roberta(&tiny::small_charsmap())] {
        let folder = TokenizerFolder::with(&document);
        folder.load();
        let whole = fs::read(folder.packed()).unwrap();
        let expected = answers(&folder.load());
        let stamp = mapped::stamp(&folder.json()).unwrap();
        // The step is a prime, so that all positions within a block are tested.
        for at in (0..whole.len()).step_by(if whole.len() > 100_000 { 251 } else { 17 }) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(folder.packed(), &bytes).unwrap();
            let Found::Mapped(mapped) = Mapped::open(&folder.packed(), &stamp) else { continue };
            for (text, (ids, offsets)) in TEXTS.iter().zip(&expected) {
                if let Ok(input) = mapped.encode(text) {
                    assert_eq!(&input.ids, ids, "byte {at}, {text:?}");
                }
                if let Ok(found) = mapped.offsets(text) {
                    assert_eq!(&found, offsets, "byte {at}, {text:?}");
                }
            }
        }
    }
}

/// Damage may be found only when the damaged part is read. The general form then answers, and the file is deleted; the
/// next load writes it again.
#[test]
fn damage_that_is_found_late_makes_the_general_form_answer() {
    let folder = TokenizerFolder::with(&tiny::unigram(-9.0, 0.1));
    let expected = answers(&folder.load());
    let whole = fs::read(folder.packed()).unwrap();
    let mut late = 0;
    // Pieces and scores are at the end of the file.
    for at in (whole.len() - 30_000..whole.len()).step_by(911) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(folder.packed(), &bytes).unwrap();
        let stamp = mapped::stamp(&folder.json()).unwrap();
        let opens = matches!(Mapped::open(&folder.packed(), &stamp), Found::Mapped(_));
        let tokenizer = folder.load();
        assert_eq!(answers(&tokenizer), expected, "byte {at}");
        if opens && tokenizer.general.get().is_some() {
            late += 1;
            assert!(!folder.packed().exists(), "the damaged file stays");
            assert!(folder.load().mapped.is_some());
        }
        assert!(folder.load().mapped.is_some(), "byte {at}: not written again");
    }
    assert!(late > 1, "too little damage was found late: {late}");
}

#[test]
fn packed_file_that_was_cut_or_replaced_is_written_again() {
    let folder = TokenizerFolder::with(&tiny::wordpiece());
    let expected = answers(&folder.load());
    let whole = fs::read(folder.packed()).unwrap();
    let garbage = vec![b"garbage".to_vec(), Vec::new(), [&whole[..], b"x"].concat()];
    let cut = (0..whole.len()).step_by(whole.len() / 60).map(|len| whole[..len].to_vec());
    for bytes in cut.chain(garbage) {
        fs::write(folder.packed(), bytes).unwrap();
        assert_eq!(answers(&folder.load()), expected);
        assert_eq!(fs::read(folder.packed()).unwrap().len(), whole.len());
    }
}

#[test]
fn packed_file_of_another_tokenizer_is_written_again() {
    let folder = TokenizerFolder::with(&tiny::wordpiece());
    let plain = serde_json::to_string(&tiny::wordpiece()).unwrap() + "    ";
    fs::write(folder.json(), &plain).unwrap();
    let before = answers(&folder.load());
    // First the same length with another time, then the same time with another length.
    let mut document = tiny::wordpiece();
    document["normalizer"]["lowercase"] = json!(false);
    let mut other = serde_json::to_string(&document).unwrap();
    other.push_str(&" ".repeat(plain.len() - other.len()));
    fs::write(folder.json(), &other).unwrap();
    let time = SystemTime::now() - Duration::from_secs(3600);
    fs::File::options().write(true).open(folder.json()).unwrap().set_modified(time).unwrap();
    let general = answers(&Tokenizer::load_general(&folder.json()).unwrap());
    assert_ne!(general, before);
    assert_eq!(answers(&folder.load()), general);
    fs::write(folder.json(), serde_json::to_vec(&tiny::wordpiece()).unwrap()).unwrap();
    fs::File::options().write(true).open(folder.json()).unwrap().set_modified(time).unwrap();
    assert_eq!(answers(&folder.load()), before);
}

#[test]
fn packed_file_that_cannot_be_written_leaves_the_general_form() {
    let folder = TokenizerFolder::with(&tiny::wordpiece());
    // A directory has its name, so that not even root can rename a file over it.
    fs::create_dir(folder.packed()).unwrap();
    let tokenizer = folder.load();
    assert!(tokenizer.mapped.is_none() && tokenizer.general.get().is_some());
    assert_eq!(answers(&tokenizer), answers(&Tokenizer::load_general(&folder.json()).unwrap()));
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 2, "something is left over");
}

#[test]
fn packed_file_may_be_written_by_several_threads_at_once() {
    let folder = TokenizerFolder::with(&tiny::unigram(-9.0, 0.1));
    let expected = answers(&Tokenizer::load_general(&folder.json()).unwrap());
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..6).map(|_| scope.spawn(|| answers(&folder.load()))).collect();
        all.into_iter().for_each(|one| assert_eq!(one.join().unwrap(), expected));
    });
    assert!(folder.load().mapped.is_some());
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 2, "something is left over");
}

#[test]
fn tokenizer_json_that_is_missing_or_broken_is_an_error() {
    let folder = TokenizerFolder::with(&tiny::wordpiece());
    for broken in ["", "{}", "{\"version\": \"1.0\"", "[1]"] {
        fs::write(folder.json(), broken).unwrap();
        let error = Tokenizer::load(&folder.json()).err().unwrap();
        assert!(matches!(error, Error::ModelFile { .. }), "{error}");
        assert!(!folder.packed().exists());
    }
    fs::remove_file(folder.json()).unwrap();
    assert!(matches!(Tokenizer::load(&folder.json()), Err(Error::Io { .. })));
}

#[test]
fn text_that_is_too_long_for_the_mapped_form_is_not_taken_for_damage() {
    let folder = TokenizerFolder::with(&tiny::wordpiece());
    let tokenizer = folder.load();
    let text = " ".repeat((64 << 20) + 1);
    assert!(matches!(tokenizer.mapped.as_ref().unwrap().count(&text), Err(NoAnswer::TooLong)));
    assert!(folder.packed().exists() && !tokenizer.damaged.load(Ordering::Relaxed));
}

#[test]
fn scheme_contains_the_version_of_tokenizers_in_cargo_lock() {
    let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    let (_, after) = lock.split_once("name = \"tokenizers\"\nversion = \"").unwrap();
    let (version, _) = after.split_once('"').unwrap();
    assert_eq!(mapped::SCHEME.rsplit_once(' ').unwrap().1, version);
}
