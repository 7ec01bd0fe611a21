use nigh_encoder::Encoder;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = std::env::args().nth(1).expect("a model");
    let encoder = Encoder::load(model)?;
    let vectors = encoder.encode(&["A dog runs over the field.", "The puppy is running outside.", "Interest rates were raised."])?;
    let cosine = |a: usize, b: usize| vectors.get(a).into_iter().flatten().zip(vectors.get(b).into_iter().flatten()).map(|(x, y)| x * y).sum::<f32>();
    assert!(cosine(0, 1) > cosine(0, 2) + 0.2, "{} and {}", cosine(0, 1), cosine(0, 2));
    println!("encoder: right");
    Ok(())
}
