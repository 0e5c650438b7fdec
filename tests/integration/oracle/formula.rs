//! Arithmetic of the fields of a benefit: exact decimals, `round` half up to a whole đồng.

use rust_decimal::{Decimal, RoundingStrategy};

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub enum Formula {
    Number(Decimal),
    /// The value of a parameter on the day asked.
    Parameter(String),
    /// An output, an earlier field or a fact.
    Name(String),
    /// `+ - * /` of two.
    Binary(char, Box<Formula>, Box<Formula>),
    /// `round`, `min` or `max`.
    Call(String, Vec<Formula>),
}

/// Reads one formula to its end.
pub fn parse(text: &str) -> Result<Formula, String> {
    let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut reader = Reader { chars, at: 0 };
    let formula = reader.sum().map_err(|error| format!("{error} in `{text}`"))?;
    if reader.at == reader.chars.len() {
        Ok(formula)
    } else {
        Err(format!("something is left over in `{text}`"))
    }
}

/// The value, or `None` when a part of it has none.
pub fn value(formula: &Formula, lookup: &impl Fn(&Formula) -> Option<Decimal>) -> Option<Decimal> {
    match formula {
        Formula::Number(number) => Some(*number),
        Formula::Parameter(_) | Formula::Name(_) => lookup(formula),
        Formula::Binary(op, left, right) => {
            let (left, right) = (value(left, lookup)?, value(right, lookup)?);
            match op {
                '+' => Some(left + right),
                '-' => Some(left - right),
                '*' => Some(left * right),
                _ => left.checked_div(right),
            }
        }
        Formula::Call(name, arguments) => {
            let values =
                arguments.iter().map(|argument| value(argument, lookup)).collect::<Option<Vec<_>>>()?;
            match name.as_str() {
                "round" => Some(values[0].round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)),
                "min" => values.into_iter().min(),
                _ => values.into_iter().max(),
            }
        }
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn accept(&mut self, wanted: &[char]) -> Option<char> {
        let found = self.chars.get(self.at).copied().filter(|c| wanted.contains(c))?;
        self.at += 1;
        Some(found)
    }

    fn sum(&mut self) -> Result<Formula, String> {
        let mut left = self.product()?;
        while let Some(op) = self.accept(&['+', '-']) {
            left = Formula::Binary(op, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Formula, String> {
        let mut left = self.atom()?;
        while let Some(op) = self.accept(&['*', '/']) {
            left = Formula::Binary(op, Box::new(left), Box::new(self.atom()?));
        }
        Ok(left)
    }

    fn atom(&mut self) -> Result<Formula, String> {
        if self.accept(&['(']).is_some() {
            let inner = self.sum()?;
            self.accept(&[')']).ok_or("`)` expected")?;
            return Ok(inner);
        }
        let start = self.at;
        while self.chars.get(self.at).is_some_and(|c| c.is_ascii_alphanumeric() || "_.$".contains(*c)) {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        if let Ok(number) = word.parse() {
            return Ok(Formula::Number(number));
        }
        if let Some(parameter) = word.strip_prefix('$') {
            return Ok(Formula::Parameter(parameter.to_owned()));
        }
        if word.is_empty() {
            return Err("a value expected".to_owned());
        }
        if self.accept(&['(']).is_none() {
            return Ok(Formula::Name(word));
        }
        if !["round", "min", "max"].contains(&word.as_str()) {
            return Err(format!("no function {word}"));
        }
        let mut arguments = vec![self.sum()?];
        while self.accept(&[',']).is_some() {
            arguments.push(self.sum()?);
        }
        self.accept(&[')']).ok_or("`)` expected")?;
        Ok(Formula::Call(word, arguments))
    }
}

#[test]
fn formulas_follow_the_rules_of_arithmetic() {
    let of = |text: &str| {
        let formula = parse(text).unwrap_or_else(|error| panic!("{error}"));
        value(&formula, &|part| match part {
            Formula::Parameter(name) if name == "base" => Some(Decimal::from(2_340_000)),
            Formula::Name(name) if name == "percent" => Some(Decimal::from(70)),
            _ => None,
        })
    };
    assert_eq!(of("1 + 2 * 3 - 4 / 2"), Some(Decimal::from(5)));
    assert_eq!(of("round($base * 4.5 / 100)"), Some(Decimal::from(105_300)));
    assert_eq!(of("round((1 + 4) / 2)"), Some(Decimal::from(3)));
    assert_eq!(of("min(percent, 50, 60) + max(1, 2)"), Some(Decimal::from(52)));
    assert_eq!(of("unknown * 0"), None);
    assert!(parse("1 +").is_err() && parse("floor(1)").is_err() && parse("1 2 )").is_err());
}
