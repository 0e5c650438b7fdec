//! The grammar of conditions: one line of text becomes a tree.

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// One of these holds.
    Or(Vec<Expr>),
    /// All of these hold; with none in it, always.
    And(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// A bool fact is true.
    Fact(String),
    /// A fact compared with a value.
    Compare(String, Op, Operand),
    /// A fact is one of these values.
    In(String, Vec<Operand>),
    /// A category holds.
    Category(String),
    /// Completed years of life.
    Age(Op, Operand),
    /// Calendar months since the month of a date fact.
    MonthsSince(String, Op, Operand),
    /// The school-year rule of a child's card: months, month and day.
    CardRunning(Operand, Operand),
    /// Some entry of a list satisfies this.
    Some(String, Box<Expr>),
    /// A list is known to be empty.
    Empty(String),
}

impl Expr {
    /// The tests in it, in order of reading; a `some` is one test, its inner tests are not listed.
    pub fn tests(&self) -> Vec<&Expr> {
        match self {
            Self::Or(parts) | Self::And(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Not(inner) => inner.tests(),
            test => vec![test],
        }
    }
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// What a fact is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    Word(String),
    Number(Decimal),
    Date(NaiveDate),
    Bool(bool),
    /// The value of a parameter on the day asked.
    Parameter(String),
}

/// Reads one condition to its end.
pub fn parse(text: &str) -> Result<Expr, String> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0 };
    let expr = parser.or().map_err(|error| format!("{error} in `{text}`"))?;
    match parser.peek() {
        None => Ok(expr),
        Some(rest) => Err(format!("`{rest}` is left over in `{text}`")),
    }
}

/// Reads `output op value`.
pub fn parse_comparison(text: &str) -> Result<(String, Op, Operand), String> {
    match parse(text)? {
        Expr::Compare(name, op, value) => Ok((name, op, value)),
        other => Err(format!("not a comparison: {other:?}")),
    }
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let chars: Vec<char> = text.chars().collect();
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_.-$@+".contains(c);
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        at += 1;
        match chars[start] {
            c if c.is_whitespace() => continue,
            c if is_word(c) => {
                while at < chars.len() && is_word(chars[at]) {
                    at += 1;
                }
            }
            '!' | '<' | '>' if chars.get(at) == Some(&'=') => at += 1,
            '=' | '<' | '>' | '(' | ')' | '[' | ']' | ',' => {}
            other => return Err(format!("unexpected `{other}` in `{text}`")),
        }
        found.push(chars[start..at].iter().collect());
    }
    Ok(found)
}

struct Parser {
    tokens: Vec<String>,
    next: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.next).map(String::as_str)
    }

    fn take(&mut self) -> Result<String, String> {
        let token = self.tokens.get(self.next).cloned().ok_or("the condition ends too early")?;
        self.next += 1;
        Ok(token)
    }

    fn accept(&mut self, token: &str) -> bool {
        let found = self.peek() == Some(token);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        let found = self.take()?;
        if found == token { Ok(()) } else { Err(format!("`{token}` expected, not `{found}`")) }
    }

    fn or(&mut self) -> Result<Expr, String> {
        let mut parts = vec![self.and()?];
        while self.accept("or") {
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) })
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut parts = vec![self.not()?];
        while self.accept("and") {
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    fn not(&mut self) -> Result<Expr, String> {
        if self.accept("not") {
            return Ok(Expr::Not(Box::new(self.not()?)));
        }
        if self.accept("(") {
            let inner = self.or()?;
            self.expect(")")?;
            return Ok(inner);
        }
        self.test()
    }

    fn test(&mut self) -> Result<Expr, String> {
        let name = self.take()?;
        if let Some(category) = name.strip_prefix('@') {
            return Ok(Expr::Category(category.to_owned()));
        }
        match name.as_str() {
            "age" => return Ok(Expr::Age(self.op()?, self.operand()?)),
            "months_since" => {
                self.expect("(")?;
                let fact = self.take()?;
                self.expect(")")?;
                return Ok(Expr::MonthsSince(fact, self.op()?, self.operand()?));
            }
            "card_running" => {
                self.expect("(")?;
                let months = self.operand()?;
                self.expect(",")?;
                let month_day = self.operand()?;
                self.expect(")")?;
                return Ok(Expr::CardRunning(months, month_day));
            }
            "some" => {
                let list = self.take()?;
                self.expect("(")?;
                let inner = self.or()?;
                self.expect(")")?;
                return Ok(Expr::Some(list, Box::new(inner)));
            }
            word if !word.starts_with(|c: char| c.is_ascii_lowercase()) => {
                return Err(format!("a test cannot start with `{word}`"));
            }
            _ => {}
        }
        self.of_fact(name)
    }

    fn of_fact(&mut self, name: String) -> Result<Expr, String> {
        if self.accept("in") {
            return Ok(Expr::In(name, self.values()?));
        }
        if self.peek() == Some("not") && self.tokens.get(self.next + 1).is_some_and(|token| token == "in") {
            self.next += 2;
            return Ok(Expr::Not(Box::new(Expr::In(name, self.values()?))));
        }
        if !matches!(self.peek(), Some("=" | "!=" | "<" | "<=" | ">" | ">=")) {
            return Ok(Expr::Fact(name));
        }
        let op = self.op()?;
        if self.accept("[") {
            self.expect("]")?;
            return match op {
                Op::Eq => Ok(Expr::Empty(name)),
                Op::Ne => Ok(Expr::Not(Box::new(Expr::Empty(name)))),
                _ => Err(format!("a list cannot be ordered: {name}")),
            };
        }
        Ok(Expr::Compare(name, op, self.operand()?))
    }

    fn values(&mut self) -> Result<Vec<Operand>, String> {
        self.expect("[")?;
        let mut values = vec![self.operand()?];
        while self.accept(",") {
            values.push(self.operand()?);
        }
        self.expect("]")?;
        Ok(values)
    }

    fn op(&mut self) -> Result<Op, String> {
        Ok(match self.take()?.as_str() {
            "=" => Op::Eq,
            "!=" => Op::Ne,
            "<" => Op::Lt,
            "<=" => Op::Le,
            ">" => Op::Gt,
            ">=" => Op::Ge,
            other => return Err(format!("a comparison expected, not `{other}`")),
        })
    }

    fn operand(&mut self) -> Result<Operand, String> {
        operand(&self.take()?)
    }
}

/// Reads one value: word, number, date, bool or `$parameter`.
pub fn operand(text: &str) -> Result<Operand, String> {
    if let Some(parameter) = text.strip_prefix('$') {
        return Ok(Operand::Parameter(parameter.to_owned()));
    }
    match text {
        "true" => return Ok(Operand::Bool(true)),
        "false" => return Ok(Operand::Bool(false)),
        _ => {}
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Ok(Operand::Date(date));
    }
    if let Ok(number) = text.parse() {
        return Ok(Operand::Number(number));
    }
    let is_word = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if is_word { Ok(Operand::Word(text.to_owned())) } else { Err(format!("not a value: `{text}`")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Operand {
        Operand::Word(text.to_owned())
    }

    #[test]
    fn and_binds_tighter_than_or_and_not_tightest() {
        let fact = |name: &str| Expr::Fact(name.to_owned());
        let expected = Expr::Or(vec![
            fact("veteran"),
            Expr::And(vec![Expr::Not(Box::new(fact("hiv"))), fact("abandoned")]),
        ]);
        assert_eq!(parse("veteran or not hiv and abandoned"), Ok(expected));
    }

    #[test]
    fn every_form_of_test_is_read() {
        let some = parse("some merit (title = war_invalid and impairment_percent >= $limit)");
        assert!(matches!(some, Ok(Expr::Some(list, _)) if list == "merit"));
        assert_eq!(parse("merit = []"), Ok(Expr::Empty("merit".to_owned())));
        assert_eq!(
            parse("residence not in [temporary, none]"),
            Ok(Expr::Not(Box::new(Expr::In("residence".to_owned(), vec![word("temporary"), word("none")]))))
        );
        assert!(matches!(
            parse("months_since(household.status_since) < 36"),
            Ok(Expr::MonthsSince(_, Op::Lt, Operand::Number(_)))
        ));
        assert!(matches!(parse("card_running($card_months, $school_end)"), Ok(Expr::CardRunning(..))));
        assert!(matches!(parse("born_on < 2025-07-01"), Ok(Expr::Compare(_, Op::Lt, Operand::Date(_)))));
        assert_eq!(parse("@near_poor"), Ok(Expr::Category("near_poor".to_owned())));
    }

    #[test]
    fn what_is_not_a_condition_is_refused() {
        for text in
            ["", "age", "age >=", "(veteran", "veteran)", "1 = 2", "residence in []", "a & b", "veteran hiv"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
