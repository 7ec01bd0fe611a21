use nigh::CollectionOptions;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [model, scratch, folder] = [1, 2, 3].map(|n| std::env::args().nth(n).expect("a model, a scratch folder, a folder"));
    let library = CollectionOptions::new().model(model).open(format!("{scratch}/formats.nigh"))?;
    let mut writer = library.writer()?;
    let report = writer.index_folder(&folder).run()?;
    writer.commit()?;
    let hits = library.search("how do the plots collect rain for the hoses?").run()?;
    assert_eq!(hits.hits[0].document.id.as_str(), "allotment-minutes.docx");
    let of_pdf = report.failed.iter().find(|file| file.path.ends_with("bread-science.pdf")).expect("it is named");
    assert!(of_pdf.reason.contains("feature `pdf`"), "{}", of_pdf.reason);
    println!("formats: right");
    Ok(())
}
