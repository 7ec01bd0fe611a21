use nigh::{CollectionOptions, Document};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [model, scratch] = [1, 2].map(|n| std::env::args().nth(n).expect("a model and a scratch folder"));
    let notes = CollectionOptions::new().model(model).open(format!("{scratch}/notes.nigh"))?;
    let mut writer = notes.writer()?;
    writer.upsert(Document::new("cactus", "A cactus dies of too much water: wait until the soil is dry.").with("kind", "plant"))?;
    writer.upsert(Document::new("knee", "Runners whose knees hurt should shorten their stride.").with("kind", "body"))?;
    writer.upsert(Document::new("photos", "Keep three copies of your photos, one of them away from home.").with("kind", "data"))?;
    writer.commit()?;
    let first = |hits: nigh::Hits| hits.hits.into_iter().next().map(|hit| hit.document.id.to_string());
    assert_eq!(first(notes.search("my legs ache after jogging").run()?).as_deref(), Some("knee"));
    assert_eq!(first(notes.search("my legs ache").filter("kind = 'plant'".parse()?).run()?).as_deref(), Some("cactus"));
    println!("library: right");
    Ok(())
}
