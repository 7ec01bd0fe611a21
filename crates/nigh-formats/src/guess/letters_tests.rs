//! Short texts of each language in the charsets that it is written in: sentences, words, lines of tables.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::charset::{Charset, charset_of_label, lossy};
use crate::text::decode;

/// Texts in a charset, separated by bars, and how many of them may be taken for another charset.
const TEXTS: [(&str, usize, &str); 25] = [
    (
        "windows-1254",
        0,
        "Bu akşam hava çok soğuk olacak, dışarı çıkarken kalın giyin.|Toplantı yarın saat üçte başlayacak.|\
         İstanbul|İstanbul;Beşiktaş;34353|Şişli Belediyesi|Müşteri adı,Sipariş numarası,Tutar|ürün,fiyat,açıklama|\
         Ayşe Yılmaz|Doğum günün kutlu olsun!|teşekkür ederim|Ağrı Dağı|Muğla, Aydın, Diyarbakır|\
         Elektrik faturası ödendi|Isparta gülü ve yağı|Ad Soyad;Görev;Maaş|Çalışma saatleri: 09:00 - 18:00|\
         Sayın Başkan, toplantı tutanağı ektedir.|KİMLİK BİLGİLERİ|Kargo takip numarası: 4521|\
         Peynir, zeytin, ekmek, çay|yağmur|Kayıt başarıyla silindi|Güneş enerjisi nasıl çalışır?",
    ),
    (
        "windows-1250",
        0,
        "Zebranie odbędzie się w środę o dziesiątej.|Łódź|Łódź;Gdańsk;Kraków|Imię;Nazwisko;Miejscowość|\
         Dziękuję za szybką odpowiedź|książka|Wrocław, Poznań|Nr zamówienia,Ilość,Wartość|\
         śruba M8;podkładka;nakrętka|Proszę o przesłanie faktury do końca miesiąca.|Święta Bożego Narodzenia|\
         żółty ser|Paweł Wiśniewski|mąka, masło, śmietana, jajka|Błąd połączenia z bazą danych|\
         Ulica Świętokrzyska 12|Źródło danych|ZAŚWIADCZENIE O ZAROBKACH|\
         Schůzka začíná v devět hodin v zasedací místnosti.|Jméno;Příjmení;Město|Plzeň|České Budějovice|\
         Děkuji za zprávu|Číslo faktury,Částka,Datum splatnosti|šroub;matice;podložka|Tomáš Dvořák|\
         mouka, máslo, smetana, vejce, sůl|Žádost o dovolenou|Otevřeno denně od 8 do 17 hodin|\
         Chyba připojení k databázi|Dobrý deň, posielam vám prílohu.|Košice, Žilina, Prešov|\
         Meno;Priezvisko;Ulica;Číslo domu|A gyűlés holnap délután háromkor kezdődik.|Győr|\
         Név;Lakcím;Születési idő|Köszönöm szépen a gyors választ|Fűszerpaprika, só, bors|Szőke Gergő|\
         árvíztűrő tükörfúrógép|Debrecen, Miskolc, Győr, Hódmezővásárhely|Megrendelés száma,Mennyiség,Érték|\
         Hűtőszekrény javítása|Sestanek bo v četrtek ob desetih v Mariboru, prosim potrdite udeležbo.|\
         Čevapčići, ajvar, kruh|Račun broj 15, plaćeno karticom; šifra kupca 88",
    ),
    (
        "iso-8859-2",
        0,
        "Zebranie odbędzie się w środę o dziesiątej.|Imię;Nazwisko;Miejscowość|Dziękuję za szybką odpowiedź|\
         książka|Święta Bożego Narodzenia|Nr zamówienia,Ilość,Wartość|śruba M8;podkładka;nakrętka|\
         mąka, masło, śmietana, jajka|Błąd połączenia z bazą danych|Źródło danych|\
         Schůzka začíná v devět hodin v zasedací místnosti.|šroub;matice;podložka|Tomáš Dvořák|Žádost o dovolenou|\
         Košice, Žilina, Prešov|A gyűlés holnap délután háromkor kezdődik.|Győr|Köszönöm szépen a gyors választ|\
         Račun broj 15, plaćeno karticom; šifra kupca 88",
    ),
    (
        "windows-1257",
        0,
        "Susitikimas vyks trečiadienį dešimtą valandą.|Šiauliai|Šiauliai;Panevėžys;Klaipėda|\
         Vardas;Pavardė;Gimimo data;Miestas Šakiai|Ačiū už greitą atsakymą|Žemės ūkio ministerija|\
         Užsakymo numeris,Kiekis,Kaina su PVM (mokėti iki)|duona, sūris, pienas, kiaušiniai|\
         Lietuvių kalbos žodynas|Sanāksme notiks trešdien pulksten desmitos.|Rīga|Vārds;Uzvārds;Pilsēta|\
         Paldies par ātro atbildi, gaidīsim jūs nākamnedēļ|Liepāja, Daugavpils, Jūrmala|Jānis Bērziņš|\
         maize, siers, piens, šķiņķis|Pasūtījuma numurs,Daudzums,Vērtība|\
         Koosolek toimub kolmapäeval kell kümme, palun tulge õigel ajal.|Tänan kiire vastuse eest|Õhtusöök|\
         Pärnu mnt 12, Tallinn; Jüri Tamm",
    ),
    (
        "cp850",
        0,
        "Die Besprechung findet am Freitag um zehn Uhr im großen Saal statt, bitte pünktlich sein.|Größe|Müller|\
         Straße;Hausnummer;Ort|Herr Müller wohnt in Köln|Menge,Stück,Preis für Käufer|Schöne Grüße aus München|\
         ÜBERWEISUNG AN KÖNIG|Gerät für Prüfung der Lautstärke|Äpfel, Birnen, Möhren|\
         La réunion aura lieu vendredi à dix heures dans la grande salle.|Prénom;Nom;Société|café|\
         Où êtes-vous né ?|Français, élève, garçon|Référence,Quantité,Prix unitaire|\
         Le château de la forêt, à côté du théâtre|La reunión será mañana a las diez|Año;Número;Descripción|\
         Señor Peña|Høst på Bornholm: æbler og pærer|Göteborg, Malmö, Västerås|São Paulo, informações",
    ),
    (
        "cp437",
        0,
        "Über die Brücke gehen wir zum Schloß|Büro für Öffentlichkeit;Größe|\
         Le garçon a mangé une pêche près de la rivière|numéro;modèle;équipement|El niño español comió piña|\
         Tür, Fenster, Möbel",
    ),
    (
        "cp852",
        0,
        "Zebranie odbędzie się w środę o dziesiątej.|Imię;Nazwisko;Miejscowość|Łódź;Gdańsk;Kraków|\
         Schůzka začíná v devět hodin v zasedací místnosti.|Jméno;Příjmení;Město|\
         A gyűlés holnap délután háromkor kezdődik.",
    ),
    ("cp857", 0, "Toplantı yarın saat üçte başlayacak.|Müşteri adı,Sipariş numarası,Tutar"),
    (
        "macintosh",
        0,
        "Die Besprechung findet am Freitag um zehn Uhr im großen Saal statt, bitte pünktlich sein.|\
         Schöne Grüße aus München|Prénom;Nom;Société|\
         La réunion aura lieu vendredi à dix heures, réservez vos places|Straße;Hausnummer;Ort;Größe",
    ),
    (
        "windows-1252",
        0,
        "Die Besprechung findet am Freitag um zehn Uhr im großen Saal statt, bitte pünktlich sein.|\
         Straße;Hausnummer;Ort|Größe|Möbel|Tür|Übung|Schöne Grüße aus München|Menge,Stück,Preis für Käufer|\
         Äpfel, Birnen, Möhren|Maß;Länge;Höhe|STRAßE UND GRÖßE|Jürgen Schröder, Österreich|\
         La réunion aura lieu vendredi à dix heures dans la grande salle.|Prénom;Nom;Société|\
         Référence,Quantité,Prix unitaire|Où êtes-vous né ?|Noël|L’été dernier, nous étions à la plage.|\
         Cœur, sœur, œuvre|maïs et blé|À bientôt|« Bonjour », dit-il, « ça va ? »|\
         La reunión será mañana a las diez|Año;Número;Descripción|Señor Peña|¿Dónde está la biblioteca?|\
         Informações: não há previsão de chuva amanhã|Endereço;Município;Preço|Perché no? È così, più o meno|\
         Città;Qualità|Mötet börjar på fredag klockan tio|Göteborg;Malmö;Västerås|Blåbærsyltetøy|\
         Ærlig talt, det går bra på øya|København|Kokous alkaa perjantaina kello kymmenen, tervetuloa päiväksi|\
         Jyväskylä|Jón Þór Sigurðsson|Þetta er íslenska, góðan daginn, ég heiti Ásdís|\
         Reykjavík;Akureyri;Ísafjörður|Eén coördinator, geïnteresseerd|El Niño effect in 2016 – a review|\
         Price: £20 – £30|10 µm ± 2 µm|Copyright © 2020 Müller & Söhne GmbH|temperature (°C),humidity|\
         Zoë, Chloë and Renée|The café is on the naïve side of town|5 × 3 ÷ 2|§ 5 Abs. 2|Beyoncé|Pokémon|\
         smörgåsbord|2 m² Fläche|él|à|don’t panic… “really”",
    ),
    (
        "windows-1251",
        0,
        "Совещание состоится в пятницу в десять часов.|Фамилия;Имя;Отчество|Москва|хлеб|Ёлка, ёж|\
         Ціна без ПДВ; їжа, ґанок|Наименование,Количество,Цена|СПИСОК СОТРУДНИКОВ|\
         Здравейте, благодаря за бързия отговор|Петров И.И.",
    ),
    (
        "koi8-r",
        0,
        "Совещание состоится в пятницу в десять часов.|Фамилия;Имя;Отчество|Москва|Привет мир|СПИСОК СОТРУДНИКОВ|\
         Наименование,Количество,Цена",
    ),
    ("ibm866", 0, "Совещание состоится в пятницу в десять часов.|Фамилия;Имя;Отчество|Москва|Привет мир"),
    ("iso-8859-5", 0, "Совещание состоится в пятницу в десять часов.|Привет мир"),
    (
        "windows-1253",
        0,
        "Η συνάντηση θα γίνει την Παρασκευή στις δέκα.|Όνομα;Επώνυμο;Πόλη|Θεσσαλονίκη|Ευχαριστώ πολύ|\
         ψωμί, τυρί, ελιές|ΑΘΗΝΑ",
    ),
    ("iso-8859-7", 0, "Θεσσαλονίκη, Πάτρα"),
    ("windows-1255", 0, "הפגישה תתקיים ביום שישי בשעה עשר.|שלום|תל אביב|שם;משפחה;עיר"),
    ("windows-1256", 0, "الاجتماع يوم الجمعة الساعة العاشرة.|القاهرة|السلام عليكم|الاسم;المدينة;الهاتف"),
    ("iso-8859-6", 0, "السلام عليكم ورحمة الله"),
    ("windows-874", 0, "สวัสดีครับ ยินดีต้อนรับ|กรุงเทพมหานคร"),
    ("shift_jis", 0, "会議は金曜日の十時から始まります。|氏名;住所;電話番号|東京|りんご|株式会社"),
    ("euc-jp", 0, "会議は金曜日の十時から始まります。"),
    ("euc-kr", 0, "회의는 금요일 열 시에 시작합니다.|이름;주소;전화번호|서울|사과"),
    ("big5", 0, "會議星期五上午十點開始。|姓名;地址;電話|臺北|蘋果"),
    (
        "gbk",
        2,
        "朱镕基|镕基|镕|①②③|①准备 ②切菜 ③下锅|囍|双囍临门|①打开电源 ②按下按钮|饕餮盛宴|貔貅|龘|犇犇|鑫淼|魑魅魍魉|尴尬|王喆 李赟 张翀|冯巩、潘長江|㈠概述 ㈡方法|Ⅰ、Ⅱ、Ⅲ级|\
         ℃ ㎡ ㎏ 单位换算|咖啡☆☆☆|★重要★|■ 一月 ■ 二月|→下一步|堃|玥玥,梓涵,昊|溥儀|東北大学|繁體字|臺灣|拼音\u{ff1a}nǐ hǎo|αβγ射线|垚垚|嬲|踟蹰|麤|蚵仔煎|醍醐灌顶|\
         朱镕基;温家宝|№12、①|─────目录─────",
    ),
];

/// Encodes a text in a charset.
fn encoded(text: &str, label: &str) -> Vec<u8> {
    if let Charset::Standard(encoding) = charset_of_label(label).unwrap() {
        let (bytes, _, unmappable) = encoding.encode(text);
        assert!(!unmappable, "{text:?} is not in {label}");
        return bytes.into_owned();
    }
    let charset = charset_of_label(label).unwrap();
    let page: Vec<char> = (0..=255_u8).map(|byte| lossy(&[byte], charset).0.chars().next().unwrap()).collect();
    let byte = |c: char| page.iter().position(|other| *other == c).unwrap_or_else(|| panic!("{c} is not in {label}"));
    text.chars().map(|c| u8::try_from(byte(c)).unwrap()).collect()
}

#[test]
fn short_texts_of_every_language() {
    let mut failed = Vec::new();
    for (label, allowed, texts) in TEXTS {
        let mut wrong = Vec::new();
        for text in texts.split('|') {
            for text in [text.to_owned(), format!("{text}\n"), format!("{text}\r\n")] {
                match decode(encoded(&text, label), None) {
                    Ok(found) if found.text == text && found.loss.is_none() => {}
                    Ok(found) => wrong.push(format!("{} as {} {}", text.trim(), found.encoding, found.text.trim())),
                    Err(error) => wrong.push(format!("{} {error}", text.trim())),
                }
            }
        }
        if wrong.len() > 3 * allowed {
            failed.push((label, wrong));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn long_texts_of_every_charset() {
    for (label, _, texts) in TEXTS {
        let text = texts.replace('|', "\n").repeat(4);
        let found = decode(encoded(&text, label), None).unwrap();
        assert_eq!((found.text, found.loss), (text, None), "{label} as {}", found.encoding);
    }
}

#[test]
fn texts_from_public_bug_reports() {
    for (label, text) in [
        // jawah/charset_normalizer 624, 407; hsivonen/chardetng 3; PyYoshi/cChardet 101; UTF-unknown 141; chardet 87.
        (
            "windows-1252",
            "Jahr;Kinotheater;Kinosäle;Sitzplätze;Besucher in 1000;Kinobesuche je Einwohner;Vorhandene Plätze je 1000 Einwohner\n",
        ),
        ("windows-1254", "Adil davranmaktan bahsetmişken…\n"),
        ("windows-1252", "I’ve seen it, and I’m sure\n"),
        ("windows-1250", "ŚLIMOK\nPROSZĘ PODAĆ ŚREDNICĘ\n"),
        ("windows-1250", "Číslo;Ulica;Obec\n12;Nová;Lužná\n"),
        ("windows-1250", "Pozdrav, Artur Šilić\n"),
    ] {
        let found = decode(encoded(text, label), None).unwrap();
        assert_eq!(found.text, text, "{label} as {}", found.encoding);
    }
    assert_eq!(decode("abÏa".as_bytes().to_vec(), None).unwrap().encoding.as_str(), "utf8");
}

#[test]
fn foreign_letters_cost_more_in_every_language() {
    for language in super::language::languages() {
        let word: Vec<char> = "e".chars().collect();
        let strange: Vec<char> = "\u{3a9}\u{416}\u{5d0}\u{628}q\u{10d}".chars().collect();
        assert!(language.bits(&strange) > language.bits(&word).min(200) + 200, "{}", language.code);
    }
    assert_eq!(super::language::languages().len(), 28);
    // Turkish has ğ after a, and Icelandic does not.
    let bits = |code: &str, word: &str| {
        let languages = super::language::languages();
        let language = languages.iter().find(|language| language.code == code).unwrap();
        language.bits(&word.chars().collect::<Vec<_>>())
    };
    assert!(bits("tr", "da\u{11f}") + 100 < bits("is", "da\u{11f}"));
    assert!(bits("is", "ma\u{f0}ur") + 100 < bits("tr", "ma\u{f0}ur"));
}
