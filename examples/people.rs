//! `people SEED COUNT`: so many requests, a line each, for one person whose facts are all known: what `scripts/bench batch` answers.

#[path = "../tests/integration/independent/mod.rs"]
#[allow(dead_code, unused_imports, reason = "only the generator is wanted here")]
mod independent;

use std::{
    error::Error,
    io::{self, Write},
};

use independent::households::Households;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, count] = arguments.as_slice() else { return Err("people SEED COUNT".into()) };
    let mut people =
        Households::new(seed.parse()?, "2018-12-01".parse()?, "2027-12-31".parse()?).of_one_person();
    let mut out = io::BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut line = String::new();
    for _ in 0..count.parse::<u64>()? {
        line.clear();
        people.write_next(&mut line);
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(out.flush()?)
}
