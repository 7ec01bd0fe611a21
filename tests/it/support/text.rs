//! Random sentences and documents; the same seed gives the same text.

use super::Random;

const ENGLISH: [&str; 24] = [
    "the",
    "mean",
    "pooling",
    "of",
    "token",
    "vectors",
    "gives",
    "a",
    "sentence",
    "meaning",
    "search",
    "finds",
    "near",
    "documents",
    "every",
    "attention",
    "head",
    "reads",
    "words",
    "folder",
    "index",
    "and",
    "answers",
    "questions",
];
const CHINESE: [&str; 20] = [
    "句向量",
    "平均",
    "池化",
    "模型",
    "文本",
    "检索",
    "相似度",
    "语言",
    "编码",
    "词",
    "的",
    "和",
    "是",
    "问答",
    "数据库",
    "索引",
    "距离",
    "训练",
    "文件夹",
    "标题",
];

/// Returns a sentence, Chinese or English.
pub fn sentence(random: &mut Random) -> String {
    let words = 5 + random.below(12);
    if random.below(2) == 0 {
        let text: String = (0..words).map(|_| random.pick(&CHINESE)).collect();
        format!("{text}{}。", random.below(1000))
    } else {
        let text: Vec<&str> = (0..words).map(|_| random.pick(&ENGLISH)).collect();
        format!("{} {}.", text.join(" "), random.below(1000))
    }
}

/// Returns a Markdown document with this many sections, each of a few sentences.
pub fn markdown(seed: u64, sections: usize) -> String {
    let mut random = Random(seed ^ 0xd0c5);
    let mut text = format!("# {}\n", sentence(&mut random));
    for section in 0..sections {
        text.push_str(&format!("\n## {section} {}\n\n", random.pick(&CHINESE)));
        for _ in 0..1 + random.below(5) {
            text.push_str(&sentence(&mut random));
            text.push_str(if random.below(3) == 0 { "\n\n" } else { "\n" });
        }
    }
    text
}
