//! Use your own vectors: a collection with a dimension and no model. Nothing is downloaded or encoded.
//!
//!     cargo run --example own_vectors
//!
//! Here a vector is the red, green and blue of a colour. In an application, your own model makes the vectors, of pictures, sounds,
//! users or proteins.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use nigh::{Collection, Document, Result, VectorPrecision};

const COLOURS: [(&str, u32); 14] = [
    ("crimson", 0xdc143c),
    ("tomato", 0xff6347),
    ("orange", 0xffa500),
    ("gold", 0xffd700),
    ("olive", 0x808000),
    ("lime green", 0x32cd32),
    ("sea green", 0x2e8b57),
    ("teal", 0x008080),
    ("steel blue", 0x4682b4),
    ("navy", 0x000080),
    ("indigo", 0x4b0082),
    ("orchid", 0xda70d6),
    ("chocolate", 0xd2691e),
    ("slate grey", 0x708090),
];

fn main() -> Result<()> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/target/examples/colours.nigh");
    // Vectors are stored as f16 by default; f32 stores yours exactly.
    let colours = Collection::options().dimension(3).vector_precision(VectorPrecision::F32).open(directory)?;

    let mut writer = colours.writer()?;
    for (name, rgb) in COLOURS {
        writer.upsert(Document::new(name, format!("the colour {name}")).with("rgb", rgb).with_vector(vector(rgb)))?;
    }
    writer.commit()?;

    println!("closest to #ff8800:");
    for hit in colours.search_by_vector(vector(0xff8800)).limit(3).run()? {
        println!("  {:.3}  {}", hit.score, hit.document.id);
    }
    println!("like teal, and at least 0.9:");
    for hit in colours.similar_to("teal").min_score(0.9).run()? {
        println!("  {:.3}  {}", hit.score, hit.document.id);
    }
    Ok(())
}

/// Converts a colour to red, green and blue. Vectors are compared by direction, so only the hue counts, not the brightness.
fn vector(rgb: u32) -> Vec<f32> {
    [16, 8, 0].map(|shift| (rgb >> shift & 0xff) as f32).to_vec()
}
