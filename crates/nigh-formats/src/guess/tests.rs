//! Short texts of every encoding that our users have: names, titles, lists, lines of tables.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

use crate::text::decode;

/// An encoding, how many of the texts may be taken for another encoding, and the texts, separated by bars.
const TEXTS: [(&str, usize, &str); 12] = [
    (
        "gbk",
        1,
        "会议纪要|工资表|目录|通讯录|白茶,福鼎|垫片,300|垫圈;螺母;销钉|品名,产地|张伟,李娜,王芳|姓名,年龄,电话|苹果|收据|阀门,B7,5|\
         1 主机 良好|// 返回最大值|# 配置文件|房租每月五号交|请把钥匙留在前台|地址\u{ff1a}中山路12号|歌名\u{ff1a}平凡之路|更新日志 v2.1|\
         酱油|面粉|周一,晴|温度,湿度|联系人: 陈静|李四|联通|发票号码|你好|再见|谢谢|北京|天津|重庆|辣椒炒肉|鸡蛋|红烧茄子|\
         龙井|普洱|铁观音|螺丝刀|扳手|钳子|备注\u{ff1a}无|合计,1280.00|人民币|身份证|驾驶证|户口本|猫粮|狗窝|蓝牙耳机|充电器|鼠标,键盘|\
         密码|账号|用户名不能为空|错误|警告\u{ff01}|第三章|附录A|摘要|参考文献|王府井大街|长江|黄河|珠穆朗玛峰|唐诗三百首|鲁迅|围城|\
         早睡早起|剩余 3 天|共 5 页|女,28岁|已付款|待发货|三月\u{3000}桃花|\u{300a}红楼梦\u{300b}|\u{201c}好的\u{201d}他说|朱镕基|喆|陈喆",
    ),
    ("gb18030", 0, "𠮷野家|生僻字𠀀𠀁|䶮先生"),
    (
        "big5",
        1,
        "會議紀錄|目錄|通訊錄|你好世界|繁體中文|今天天氣很好|資料庫|台灣|臺北市|電話號碼|姓名,年齡|購物清單|請把鑰匙留在前台|發票|謝謝|收據|\
         王小明|陳美玲,林志豪|第一章 總則|地址\u{ff1a}中山路12號|會員資料|薪資表|夜市|讀書會|紅茶,綠茶|備註|密碼|帳號|圖書館|機場捷運",
    ),
    (
        "shift_jis",
        1,
        "こんにちは|テスト|日本語の文章です。|ファイル|会議の議事録|買い物リスト|東京都|ありがとう|電話番号|住所録|お知らせ|田中さん|りんご,みかん|\
         給料日|カメラ|ｶﾒﾗ|これはペンです|目次|名前,年齢|データベース",
    ),
    (
        "euc-jp",
        0,
        "こんにちは|テスト|日本語の文章です。|ファイル|会議の議事録|買い物リスト|ありがとう|お知らせ|田中さん|りんご,みかん|カメラ|データベース",
    ),
    (
        "euc-kr",
        0,
        "안녕하세요|테스트|한국어 문서입니다.|회의록|주소록|전화번호|이름,나이|사과,배|김철수|김성식|똠방각하|서울특별시|데이터베이스 연결|감사합니다|영수증|목차|\
         급여 명세서|비밀번호|도서관|지하철 노선도|제1장 총칙|장보기 목록|월요일,맑음",
    ),
    (
        "windows-1251",
        2,
        "Привет|Привет мир|тест|Документ|Москва|Список покупок|Протокол встречи|Иванов, Петров|ПРИВЕТ|да|Адрес: ул. Ленина, 12|молоко;хлеб;сыр|\
         Зарплата|Содержание|Номер телефона|Спасибо!|Глава 1|пароль|ООО «Ромашка»|№ 5",
    ),
    (
        "windows-1252",
        0,
        "café|naïve résumé|Größe|¿Qué tal?|“quoted” text — dash|it’s|25 °C|über|Müller|señor|façade|10 €|Straße 5|Übersicht|À la carte|Ærø|\
         garçon;élève|Tschüß|£5|½ cup|año,día|José|São Paulo|Malmö|Ångström|naïf|crème brûlée|Öl;Käse;Brot|© 2024|él",
    ),
    ("windows-1250", 1, "Příliš žluťoučký kůň|Łódź jest piękna|český jazyk|żółć|Dvořák a Smetana|Kőszeg városa"),
    ("windows-1253", 0, "Καλημέρα κόσμε|Ελλάδα|ευχαριστώ|Αθήνα|τηλέφωνο"),
    ("utf-16le", 2, "会议纪要\n工资表|第一章\u{3000}总则\u{3002}|你好世界|通讯录|项目计划和时间表|购物清单"),
    ("utf-16be", 2, "会议纪要\n工资表|第一章\u{3000}总则\u{3002}|你好世界|通讯录|项目计划和时间表|购物清单"),
];

fn encoded(text: &str, label: &str) -> Vec<u8> {
    match label {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        label => {
            let (bytes, _, unmappable) = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(text);
            assert!(!unmappable, "{text:?} is not in {label}");
            bytes.into_owned()
        }
    }
}

#[test]
fn short_texts_of_every_encoding_are_recognised() {
    let mut failed = Vec::new();
    for (label, allowed, texts) in TEXTS {
        let (mut count, mut wrong) = (0, Vec::new());
        for text in texts.split('|').map(str::trim_start) {
            for text in [text.to_owned(), format!("{text}\n")] {
                count += 1;
                match decode(encoded(&text, label), None) {
                    Ok(found) if found.text == text && found.loss.is_none() => {}
                    Ok(found) => wrong.push(format!("{} as {} {}", text.trim(), found.encoding, found.text.trim())),
                    Err(error) => wrong.push(format!("{} {error}", text.trim())),
                }
            }
        }
        eprintln!("{label}: {} of {count}; {wrong:?}", count - wrong.len());
        if wrong.len() > 2 * allowed {
            failed.push(label);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn short_texts_in_utf8_stay_utf8() {
    for text in [
        "éè",
        "żółć",
        "£5 ½",
        "αβγ",
        "Ŀ",
        "да",
        "Привет",
        "Да, нет",
        "написано",
        "шалом שלום",
        "مرحبا",
        "ñandú",
        "°°",
        "«да»",
        "öäü",
        "ÖÄÜ",
        "×÷",
        "ČŠŽ",
        "îâ",
        "δοκιμή",
        "Ωμέγα",
        "ġħ",
        "ӘҒҚ",
        "Її",
        "ÀÉÎÕÜ",
        "çãõ",
        "ăîșț",
        "¡¿",
        "²³",
        "µm",
        "±5",
    ] {
        let found = decode(text.as_bytes().to_vec(), None).unwrap();
        assert_eq!((found.text.as_str(), found.encoding.as_str()), (text, "utf8"));
    }
}
