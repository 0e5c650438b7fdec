//! The small arithmetic of amounts: `round($base_salary * $premium_rate / 100)`.

use super::{
    conditions::Quantity,
    model::{Calc, DateCalc, ParameterIdx},
    names::{hint, index, number},
    resolve::Mistake,
};
use crate::facts::vocabulary;

/// Deeper nesting than any fee table needs.
const DEEPEST: usize = 30;
/// More numbers and names than any amount is made of; each stands one deeper than the one before it.
const MOST_TERMS: usize = 100;

/// Reads a calculation. `names` are outputs and earlier fields; facts that are numbers go by their names in conditions.
pub fn parse(
    text: &str,
    names: &[String],
    parameters: &[String],
    used: &mut Vec<ParameterIdx>,
) -> Result<Calc, Mistake> {
    let mut reader = Reader { text, at: 0, depth: 0, terms: 0, names, parameters, used };
    let calc = reader.sum()?;
    reader.space();
    if reader.at < text.len() { Err(reader.mistake("an operator or the end is expected")) } else { Ok(calc) }
}

/// Reads a day that a field shows.
pub fn parse_date(text: &str, parameters: &[String], used: &mut Vec<ParameterIdx>) -> Option<DateCalc> {
    let mut parameter = |name: &str| {
        let at = ParameterIdx(index(parameters, name.trim().strip_prefix('$')?)?);
        used.push(at);
        Some(at)
    };
    match text {
        "born_on" => Some(DateCalc::Born),
        "end_of_year" => Some(DateCalc::EndOfYear),
        _ => {
            if let Some(inside) = text.strip_prefix("card_end(").and_then(|rest| rest.strip_suffix(')')) {
                let (months, day) = inside.split_once(',')?;
                return Some(DateCalc::CardEnd {
                    months: Quantity::Parameter(parameter(months)?),
                    month_day: parameter(day)?,
                });
            }
            if text.starts_with('$') {
                return parameter(text).map(DateCalc::Parameter);
            }
            text.parse().ok().map(DateCalc::Fixed)
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
    names: &'a [String],
    parameters: &'a [String],
    used: &'a mut Vec<ParameterIdx>,
}

impl Reader<'_> {
    fn mistake(&self, message: impl Into<String>) -> Mistake {
        Mistake { at: self.at, message: message.into() }
    }

    fn space(&mut self) {
        while self.text[self.at..].starts_with(' ') {
            self.at += 1;
        }
    }

    fn sign(&mut self, sign: char) -> bool {
        self.space();
        let there = self.text[self.at..].starts_with(sign);
        if there {
            self.at += sign.len_utf8();
        }
        there
    }

    fn sum(&mut self) -> Result<Calc, Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.mistake("too many brackets"));
        }
        let mut left = self.product()?;
        loop {
            if self.sign('+') {
                left = Calc::Add(Box::new(left), Box::new(self.product()?));
            } else if self.sign('-') {
                left = Calc::Sub(Box::new(left), Box::new(self.product()?));
            } else {
                self.depth -= 1;
                return Ok(left);
            }
        }
    }

    fn product(&mut self) -> Result<Calc, Mistake> {
        let mut left = self.factor()?;
        loop {
            if self.sign('*') {
                left = Calc::Mul(Box::new(left), Box::new(self.factor()?));
            } else if self.sign('/') {
                left = Calc::Div(Box::new(left), Box::new(self.factor()?));
            } else {
                return Ok(left);
            }
        }
    }

    fn factor(&mut self) -> Result<Calc, Mistake> {
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err(self.mistake("too long a calculation"));
        }
        if self.sign('(') {
            let inner = self.sum()?;
            return if self.sign(')') { Ok(inner) } else { Err(self.mistake("“)” is expected")) };
        }
        if self.sign('$') {
            let start = self.at;
            let name = self.word();
            let Some(at) = index(self.parameters, &name) else {
                let hint = hint(&name, self.parameters);
                return Err(Mistake { at: start, message: format!("no parameter “{name}”{hint}") });
            };
            let at = ParameterIdx(at);
            if !self.used.contains(&at) {
                self.used.push(at);
            }
            return Ok(Calc::Parameter(at));
        }
        let start = self.at;
        let word = self.word();
        if let Some(number) = number(&word) {
            return Ok(Calc::Number(number));
        }
        match word.as_str() {
            "round" => Ok(Calc::Round(Box::new(self.arguments(1)?.remove(0)))),
            "min" | "max" => {
                let mut arguments = self.arguments(2)?;
                let second = Box::new(arguments.remove(1));
                let first = Box::new(arguments.remove(0));
                Ok(if word == "min" { Calc::Min(first, second) } else { Calc::Max(first, second) })
            }
            _ if self.names.contains(&word) => Ok(Calc::Name(word)),
            _ => match vocabulary().find(&word) {
                Some(fact) if vocabulary().get(fact).kind.bounds().is_some() => Ok(Calc::Fact(fact)),
                Some(_) => Err(Mistake { at: start, message: format!("the fact “{word}” is no number") }),
                None => {
                    let hint = hint(&word, self.names);
                    let message = format!("no output, earlier field or fact “{word}”{hint}");
                    Err(Mistake { at: start, message })
                }
            },
        }
    }

    fn arguments(&mut self, count: usize) -> Result<Vec<Calc>, Mistake> {
        if !self.sign('(') {
            return Err(self.mistake("“(” is expected"));
        }
        let mut all = vec![self.sum()?];
        while all.len() < count {
            if !self.sign(',') {
                return Err(self.mistake("“,” is expected"));
            }
            all.push(self.sum()?);
        }
        if self.sign(')') { Ok(all) } else { Err(self.mistake("“)” is expected")) }
    }

    fn word(&mut self) -> String {
        self.space();
        let rest = &self.text[self.at..];
        let len =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
        self.at += len;
        rest[..len].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_amounts_and_names_mistakes() {
        let (names, parameters) = (vec!["premium_vnd".to_owned()], vec!["base_salary".to_owned()]);
        let mut used = Vec::new();
        let calc =
            parse("round($base_salary * 4.5 / 100) - premium_vnd", &names, &parameters, &mut used).unwrap();
        assert!(matches!(calc, Calc::Sub(left, _) if matches!(*left, Calc::Round(_))));
        assert_eq!(used.len(), 1);
        let mistake = parse("2 * premim_vnd", &names, &parameters, &mut used).unwrap_err();
        assert_eq!(mistake.at, 4);
        assert!(mistake.message.contains("did you mean “premium_vnd”"), "{}", mistake.message);
        let calc = parse("trip.trips_a_month * 2", &names, &parameters, &mut used).unwrap();
        assert!(matches!(calc, Calc::Mul(left, _) if matches!(*left, Calc::Fact(_))));
        let mistake = parse("2 * veteran", &names, &parameters, &mut used).unwrap_err();
        assert_eq!(mistake.message, "the fact “veteran” is no number");
        assert!(parse(&"(".repeat(1000), &names, &parameters, &mut used).is_err());
        assert!(parse(&"1 + ".repeat(100_000), &names, &parameters, &mut used).is_err());
        assert!(parse("10000000000000", &names, &parameters, &mut used).is_err());
        assert!(parse("1 +", &names, &parameters, &mut used).is_err());
    }
}
