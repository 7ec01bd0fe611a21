//! The packed file: never a wrong id in silence.

use std::time::{Duration, SystemTime};

use super::*;

/// Texts that between them read most of a small vocabulary.
const TEXTS: [&str; 6] = [
    "the query passage unaffable don't mask",
    "词向量句平均文本。，的一是不",
    "ABCXYZ abcxyz 0123456789 .,:;!? <s>a</s> [MASK]",
    "éèçñßσςикй かがバカ 가각한국 \u{1f44d} \u{2602}\u{2603}",
    "\u{1} \u{a0} ™ … ﬁ e\u{301} \u{344} ﾊﾞ ﷺ",
    "",
];

/// Ids with special tokens, and offsets.
type Answer = (Vec<u32>, Vec<(usize, usize)>);

fn answers(tokenizer: &Tokenizer) -> Vec<Answer> {
    let answer = |text: &&str| (tokenizer.encode(text).unwrap().ids, tokenizer.offsets(text).unwrap());
    TEXTS.iter().map(answer).collect()
}

#[test]
fn the_general_form_is_not_loaded_where_the_mapped_one_serves() {
    let place = Place::with(&tiny::unigram(-9.0, 0.1));
    let expected = answers(&Tokenizer::load_general(&place.json()).unwrap());
    for _ in 0..2 {
        let tokenizer = place.load();
        assert_eq!(answers(&tokenizer), expected);
        assert!(tokenizer.mapped.is_some() && tokenizer.general.get().is_none());
    }
}

/// Every byte of the packed file, one after the other: the ids are right or there is an error.
#[test]
fn no_flipped_byte_gives_a_wrong_id() {
    for document in [tiny::wordpiece(), tiny::xlm_roberta(&tiny::small_charsmap())] {
        let place = Place::with(&document);
        place.load();
        let whole = fs::read(place.packed()).unwrap();
        let expected = answers(&place.load());
        let stamp = mapped::stamp(&place.json()).unwrap();
        // A prime, so that all places in a block are met.
        for at in (0..whole.len()).step_by(if whole.len() > 100_000 { 251 } else { 17 }) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(place.packed(), &bytes).unwrap();
            let Found::Mapped(mapped) = Mapped::open(&place.packed(), &stamp) else { continue };
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

/// What is seen only when it is read: from then on the general form serves, and the file is made again.
#[test]
fn damage_that_shows_late_is_answered_by_the_general_form() {
    let place = Place::with(&tiny::unigram(-9.0, 0.1));
    let expected = answers(&place.load());
    let whole = fs::read(place.packed()).unwrap();
    let mut late = 0;
    // Pieces and scores come last.
    for at in (whole.len() - 30_000..whole.len()).step_by(911) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(place.packed(), &bytes).unwrap();
        let stamp = mapped::stamp(&place.json()).unwrap();
        let opens = matches!(Mapped::open(&place.packed(), &stamp), Found::Mapped(_));
        let tokenizer = place.load();
        assert_eq!(answers(&tokenizer), expected, "byte {at}");
        if opens && tokenizer.general.get().is_some() {
            late += 1;
            assert!(!place.packed().exists(), "the damaged file stays");
            assert!(place.load().mapped.is_some());
        }
        assert!(place.load().mapped.is_some(), "byte {at}: not made again");
    }
    assert!(late > 1, "no damage in what is read late: {late}");
}

#[test]
fn a_file_that_was_cut_or_is_another_is_made_again() {
    let place = Place::with(&tiny::wordpiece());
    let expected = answers(&place.load());
    let whole = fs::read(place.packed()).unwrap();
    let garbage = vec![b"garbage".to_vec(), Vec::new(), [&whole[..], b"x"].concat()];
    let cut = (0..whole.len()).step_by(whole.len() / 60).map(|len| whole[..len].to_vec());
    for bytes in cut.chain(garbage) {
        fs::write(place.packed(), bytes).unwrap();
        assert_eq!(answers(&place.load()), expected);
        assert_eq!(fs::read(place.packed()).unwrap().len(), whole.len());
    }
}

#[test]
fn a_file_of_another_tokenizer_is_made_again() {
    let place = Place::with(&tiny::wordpiece());
    let plain = serde_json::to_string(&tiny::wordpiece()).unwrap() + "    ";
    fs::write(place.json(), &plain).unwrap();
    let before = answers(&place.load());
    // The same length at another time, then the same time at another length.
    let mut document = tiny::wordpiece();
    document["normalizer"]["lowercase"] = json!(false);
    let mut other = serde_json::to_string(&document).unwrap();
    other.push_str(&" ".repeat(plain.len() - other.len()));
    fs::write(place.json(), &other).unwrap();
    let time = SystemTime::now() - Duration::from_secs(3600);
    fs::File::options().write(true).open(place.json()).unwrap().set_modified(time).unwrap();
    let general = answers(&Tokenizer::load_general(&place.json()).unwrap());
    assert_ne!(general, before);
    assert_eq!(answers(&place.load()), general);
    fs::write(place.json(), serde_json::to_vec(&tiny::wordpiece()).unwrap()).unwrap();
    fs::File::options().write(true).open(place.json()).unwrap().set_modified(time).unwrap();
    assert_eq!(answers(&place.load()), before);
}

#[test]
fn where_it_cannot_be_written_the_general_form_serves() {
    let place = Place::with(&tiny::wordpiece());
    // A directory in its place: nothing can be renamed over it, whoever asks.
    fs::create_dir(place.packed()).unwrap();
    let tokenizer = place.load();
    assert!(tokenizer.mapped.is_none() && tokenizer.general.get().is_some());
    assert_eq!(answers(&tokenizer), answers(&Tokenizer::load_general(&place.json()).unwrap()));
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 2, "something is left over");
}

#[test]
fn several_make_it_at_once() {
    let place = Place::with(&tiny::unigram(-9.0, 0.1));
    let expected = answers(&Tokenizer::load_general(&place.json()).unwrap());
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..6).map(|_| scope.spawn(|| answers(&place.load()))).collect();
        all.into_iter().for_each(|one| assert_eq!(one.join().unwrap(), expected));
    });
    assert!(place.load().mapped.is_some());
    assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 2, "something is left over");
}

#[test]
fn a_missing_or_broken_tokenizer_json_is_an_error() {
    let place = Place::with(&tiny::wordpiece());
    for broken in ["", "{}", "{\"version\": \"1.0\"", "[1]"] {
        fs::write(place.json(), broken).unwrap();
        let error = Tokenizer::load(&place.json()).err().unwrap();
        assert!(matches!(error, Error::ModelFile { .. }), "{error}");
        assert!(!place.packed().exists());
    }
    fs::remove_file(place.json()).unwrap();
    assert!(matches!(Tokenizer::load(&place.json()), Err(Error::Io { .. })));
}

#[test]
fn a_text_that_is_too_long_for_the_mapped_form_is_no_damage() {
    let place = Place::with(&tiny::wordpiece());
    let tokenizer = place.load();
    let text = " ".repeat((64 << 20) + 1);
    assert!(matches!(tokenizer.mapped.as_ref().unwrap().count(&text), Err(NoAnswer::TooLong)));
    assert!(place.packed().exists() && !tokenizer.damaged.load(Ordering::Relaxed));
}

#[test]
fn the_scheme_names_the_tokenizers_it_is_compared_with() {
    let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    let (_, after) = lock.split_once("name = \"tokenizers\"\nversion = \"").unwrap();
    let (version, _) = after.split_once('"').unwrap();
    assert_eq!(mapped::SCHEME.rsplit_once(' ').unwrap().1, version);
}
