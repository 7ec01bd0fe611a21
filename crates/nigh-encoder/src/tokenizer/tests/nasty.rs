//! Generates unusual texts, which show what a tokenizer handles wrongly.

/// Pseudo-random numbers (splitmix64), the same in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    /// Returns an integer below `n`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// Ranges of code points, each unusual in its own way.
const RANGES: [(u32, u32); 62] = [
    (0x20, 0x7e),
    (0x61, 0x7a),
    (0x41, 0x5a),
    (0x00, 0x20),
    (0x7f, 0xa0),
    (0xa0, 0x17f),
    (0x180, 0x2ff),
    (0x300, 0x36f),
    (0x370, 0x3ff),
    (0x400, 0x52f),
    (0x530, 0x5ff),
    (0x600, 0x6ff),
    (0x700, 0x8ff),
    (0x900, 0x9ff),
    (0xa00, 0xbff),
    (0xc00, 0xdff),
    (0xe00, 0xeff),
    (0xf00, 0xfff),
    (0x1000, 0x10ff),
    (0x1100, 0x11ff),
    (0x1200, 0x139f),
    (0x13a0, 0x16ff),
    (0x1700, 0x1aff),
    (0x1b00, 0x1dff),
    (0x1e00, 0x1fff),
    (0x2000, 0x206f),
    (0x2070, 0x20cf),
    (0x20d0, 0x20ff),
    (0x2100, 0x218f),
    (0x2190, 0x22ff),
    (0x2300, 0x25ff),
    (0x2460, 0x24ff),
    (0x2600, 0x27bf),
    (0x2a00, 0x2e7f),
    (0x2e80, 0x2fff),
    (0x3000, 0x30ff),
    (0x3041, 0x309f),
    (0x3131, 0x318e),
    (0x3190, 0x33ff),
    (0x3400, 0x4dff),
    (0x4e00, 0x9fff),
    (0xa000, 0xabff),
    (0xac00, 0xd7a3),
    (0xd7b0, 0xd7ff),
    (0xe000, 0xe020),
    (0xf900, 0xfaff),
    (0xfb00, 0xfdff),
    (0xfe00, 0xfe6f),
    (0xfe70, 0xfeff),
    (0xff00, 0xffef),
    (0xfff0, 0xffff),
    (0x1_0000, 0x1_07ff),
    (0x1_0800, 0x1_1fff),
    (0x1_d100, 0x1_d1ff),
    (0x1_d400, 0x1_d7ff),
    (0x1_f1e6, 0x1_f1ff),
    (0x1_f300, 0x1_f6ff),
    (0x1_f3fb, 0x1_f3ff),
    (0x2_0000, 0x2_ffff),
    (0x2_f800, 0x2_fa1f),
    (0x2_ffe0, 0x3_1350),
    (0xe_0000, 0x10_ffff),
];

const FRAGMENTS: [&str; 58] = [
    "☃☃",
    "☃☂☂",
    " ",
    " ",
    " ",
    "  ",
    "     ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\u{3000}",
    "\u{a0}",
    "▁",
    "▁▁",
    "[MASK]",
    "[CLS]",
    "[SEP",
    "[unk]",
    "[UNK]",
    "</s>",
    "<s>",
    "<unk>",
    "<pad>",
    "<mask>",
    "<",
    "##ing",
    "##",
    "the ",
    "passage",
    " query: ",
    "don't",
    "unaffable",
    "词向量",
    "，",
    "。",
    "e\u{301}",
    "\u{301}",
    "\u{323}\u{307}",
    "\u{f73}\u{f71}",
    "\u{344}",
    "\u{200d}",
    "\u{200b}",
    "\u{ad}",
    "\u{fe0f}",
    "👩\u{200d}👩\u{200d}👧",
    "👍🏽",
    "🇨🇳🇩",
    "\u{1100}\u{1161}\u{11a8}",
    "각\u{11a8}",
    "가\u{11a8}",
    "क\u{94d}ष",
    "\u{600}\u{61}",
    "ﬁ\u{301}",
    "ﷺ",
    "İ",
    "…",
    "ﾊﾞ",
];

/// Generates a text of about 0 to 200 characters; some have a very long word, or a long run of spaces.
pub(super) fn nasty(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..random.below(16) {
        match random.below(24) {
            0..12 => {
                let (from, to) = RANGES[random.below(RANGES.len())];
                for _ in 0..=random.below(6) {
                    text.extend(char::from_u32(from + random.below((to - from) as usize + 1) as u32));
                }
            }
            12..21 => {
                for _ in 0..=random.below(3) {
                    text.push_str(FRAGMENTS[random.below(FRAGMENTS.len())]);
                }
            }
            21 => {
                let (from, to) = RANGES[random.below(3)];
                for _ in 0..random.below(30) {
                    text.extend(char::from_u32(from + random.below((to - from) as usize + 1) as u32));
                }
            }
            22 => text.extend(char::from_u32(random.below(0x11_0000) as u32)),
            _ => {
                let fragment = FRAGMENTS[random.below(FRAGMENTS.len())];
                let times = if random.below(8) == 0 { 130 } else { random.below(20) };
                text.push_str(&fragment.repeat(times));
            }
        }
    }
    text
}
