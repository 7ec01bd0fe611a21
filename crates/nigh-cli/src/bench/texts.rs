//! The texts to encode. They are built in, so that every machine encodes the same.

use nigh::{Encoder, VectorSpace};

use crate::output::Failure;

/// The languages of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Languages {
    English,
    EnglishAndChinese,
}

/// Lengths of passages, in tokens without prefix and special tokens. A passage ends with the sentence that reaches its length, so
/// passages have about 153 tokens on average.
const LENGTHS: [usize; 6] = [60, 90, 120, 150, 190, 230];
/// Different passages.
const PASSAGES: usize = 60;

/// After so many passages, lengths and languages repeat.
pub const PASSAGE_CYCLE: usize = LENGTHS.len();
/// After so many questions, they repeat.
pub const QUESTIONS_CYCLE: usize = 2 * ENGLISH_QUESTIONS.len();

/// The question that is encoded alone: that of `benches/encode`.
pub const QUESTION: &str = "how does mean pooling turn tokens into a sentence vector";

/// Returns the languages that suit a model: both for a multilingual one.
pub fn languages(encoder: &Encoder) -> Result<Languages, Failure> {
    let is_multilingual = VectorSpace::suited_to(encoder.model())? == VectorSpace::LanguageNeutral;
    Ok(if is_multilingual { Languages::EnglishAndChinese } else { Languages::English })
}

/// Returns passages; with two languages, every second one is Chinese.
pub fn passages(encoder: &Encoder, languages: Languages) -> Vec<String> {
    let passage = |number: usize| {
        let is_chinese = languages == Languages::EnglishAndChinese && number % 2 == 1;
        let (sentences, space) = if is_chinese { (&CHINESE, "") } else { (&ENGLISH, " ") };
        let (mut text, mut tokens) = (String::new(), 0);
        for sentence in sentences.iter().cycle().skip(5 * number % sentences.len()) {
            if tokens >= LENGTHS[number % LENGTHS.len()] {
                break;
            }
            text.push_str(if text.is_empty() { "" } else { space });
            text.push_str(sentence);
            // At least one, so that a model without these words does not make an endless text.
            tokens += encoder.count_tokens(sentence).max(1);
        }
        text
    };
    (0..PASSAGES).map(passage).collect()
}

/// Returns questions; with two languages, every second one is Chinese.
pub fn questions(languages: Languages) -> Vec<String> {
    match languages {
        Languages::English => ENGLISH_QUESTIONS.map(str::to_owned).to_vec(),
        Languages::EnglishAndChinese => {
            let pairs = ENGLISH_QUESTIONS.into_iter().zip(CHINESE_QUESTIONS);
            pairs.flat_map(|(english, chinese)| [english, chinese]).map(str::to_owned).collect()
        }
    }
}

const ENGLISH: [&str; 18] = [
    "The backup runs every night at two, and copies only files that have changed since the day before.",
    "If the disk is nearly full, the oldest copies are removed first, but one copy of each month is kept.",
    "Before you restore a database, stop the service that writes to it; otherwise the restored tables may not fit together.",
    "The harbour was quiet that morning, and the fishermen mended their nets while they waited for the tide.",
    "A search index stores, for each word, the list of documents that contain it, together with the positions of the word.",
    "Plants take up water through their roots and lose most of it again through small openings in the leaves.",
    "The committee decided to postpone the move until spring, because the new building still has no heating.",
    "Attention compares each token with all others, so its cost grows with the square of the length of the text.",
    "Add the flour slowly, knead the dough for ten minutes, and let it rest under a cloth until it has doubled in size.",
    "Invoices that are not paid within thirty days receive a reminder; after the second reminder the account is closed.",
    "In 1854 a doctor marked every case of cholera on a map of London and found that they surrounded a single pump.",
    "The battery lasts about nine hours with the screen at half brightness, and charges completely in ninety minutes.",
    "Two threads that change the same counter without a lock may lose updates, even if each change is a single line.",
    "She had read the letter so often that the folds had become holes, and she no longer needed it to remember the words.",
    "The train to the coast leaves from platform four; passengers with bicycles use the last two carriages.",
    "An error of the network is not an error of the data: try again after a pause that doubles each time.",
    "Rivers carry sand and clay from the mountains to the sea, where they settle and, over millions of years, become stone.",
    "To reset the password, open the page of your profile, choose security, and follow the link that is sent to you by mail.",
];

const CHINESE: [&str; 18] = [
    "备份每天凌晨两点运行，只复制前一天以来发生变化的文件。",
    "磁盘快满时，先删除最早的副本，但每个月至少保留一份。",
    "恢复数据库之前，请先停止写入它的服务，否则各张表的内容可能互相不一致。",
    "那天早晨港口很安静，渔民们一边等潮水，一边修补渔网。",
    "倒排索引为每个词保存一张列表，记录哪些文档包含它，以及它出现的位置。",
    "植物通过根吸收水分，其中大部分又从叶子上的小孔蒸发出去。",
    "委员会决定把搬迁推迟到春天，因为新楼里还没有暖气。",
    "注意力机制要把每个词元与其他所有词元比较，所以计算量随文本长度的平方增长。",
    "慢慢加入面粉，揉十分钟，盖上布，等面团发到两倍大。",
    "三十天内没有付款的账单会收到提醒；第二次提醒之后，账户将被关闭。",
    "一八五四年，一位医生把伦敦的霍乱病例逐一标在地图上，发现它们都围绕着同一个水泵。",
    "屏幕亮度调到一半时，电池大约能用九个小时，充满电需要九十分钟。",
    "两个线程不加锁地修改同一个计数器，即使只有一行代码，也可能丢失更新。",
    "那封信她读过太多遍，折痕已经磨破，可她早就不需要它也能记得每一个字。",
    "开往海边的列车从四号站台出发，携带自行车的旅客请乘坐最后两节车厢。",
    "网络出错并不等于数据出错：等待一段时间后再试，每次把等待时间加倍。",
    "河流把泥沙从山里带到海里，沉积下来，经过几百万年变成岩石。",
    "要重设密码，请打开个人资料页，选择安全设置，然后点击邮件里的链接。",
];

const ENGLISH_QUESTIONS: [&str; 12] = [
    "what did we decide about backups in the last meeting",
    "how do I reset my password without the old one",
    "when does the first train to the coast leave on Sundays",
    "why does attention cost so much for long texts",
    "how long does the battery last at half brightness",
    "which files are copied every night, and where to",
    "what happens if an invoice is not paid in time",
    "how is stone made from sand and clay in the sea",
    "why did the committee postpone the move to the new building",
    "how long must the dough rest before it is baked",
    "can two threads change one counter without a lock",
    "who found the cause of cholera in London, and how",
];

const CHINESE_QUESTIONS: [&str; 12] = [
    "关于备份我们决定了什么",
    "怎样重设密码",
    "去海边的列车几点出发",
    "为什么长文本的注意力计算很慢",
    "屏幕亮度一半时电池能用多久",
    "每天晚上复制哪些文件",
    "账单没有按时付款会怎样",
    "泥沙是怎样变成岩石的",
    "委员会为什么推迟搬迁",
    "面团要发多长时间",
    "两个线程能不加锁修改同一个计数器吗",
    "是谁发现了伦敦霍乱的原因",
];
