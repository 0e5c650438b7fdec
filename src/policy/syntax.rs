//! The grammar of conditions: one line of text, read by hand so that an error names its column.

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

impl Op {
    /// Whether `left op right` holds, from how left compares with right.
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Eq => ordering.is_eq(),
            Self::Ne => ordering.is_ne(),
            Self::Lt => ordering.is_lt(),
            Self::Le => ordering.is_le(),
            Self::Gt => ordering.is_gt(),
            Self::Ge => ordering.is_ge(),
        }
    }
}

/// A name or value with its byte offset in the condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    pub at: usize,
    pub it: T,
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    Word(String),
    Number(i64),
    Parameter(String),
    Day(chrono::NaiveDate),
    Bool(bool),
}

/// A condition before its names mean anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ast {
    Any(Vec<Ast>),
    All(Vec<Ast>),
    Not(Box<Ast>),
    Category(At<String>),
    Flag(At<String>),
    Compare(At<String>, Op, At<Operand>),
    In(At<String>, Vec<At<Operand>>),
    Age(Op, At<Operand>),
    MonthsSince(At<String>, Op, At<Operand>),
    CardRunning(At<Operand>, At<Operand>),
    Some(At<String>, Box<Ast>),
    Empty(At<String>),
}

/// A mistake in a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset in the condition.
    pub at: usize,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    Number(i64),
    Day(chrono::NaiveDate),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 13] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", "@", "$"];

/// Deeper nesting than any clause needs; it keeps the reader from running out of stack.
const DEEPEST: usize = 40;

fn tokens(text: &str) -> Result<Vec<At<Token>>, SyntaxError> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if first.is_ascii_whitespace() {
            at += 1;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            out.push(At { at, it: Token::Sign(sign) });
            at += sign.len();
        } else if first.is_ascii_digit() {
            let len = rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
            let word = &rest[..len];
            let token = match (word.parse(), word.parse()) {
                (Ok(number), _) => Token::Number(number),
                (_, Ok(day)) => Token::Day(day),
                _ => {
                    return Err(SyntaxError {
                        at,
                        message: format!("“{word}” is neither a whole number nor a day"),
                    });
                }
            };
            out.push(At { at, it: token });
            at += len;
        } else if first.is_ascii_lowercase() || first == '_' {
            let len =
                rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
            out.push(At { at, it: Token::Name(rest[..len].to_owned()) });
            at += len;
        } else {
            return Err(SyntaxError { at, message: format!("“{first}” has no meaning in a condition") });
        }
    }
    out.push(At { at: text.len(), it: Token::End });
    Ok(out)
}

/// Reads a condition.
pub fn parse(text: &str) -> Result<Ast, SyntaxError> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0 };
    let ast = parser.any()?;
    match parser.peek() {
        Token::End => Ok(ast),
        _ => Err(parser.unexpected("“and”, “or” or the end")),
    }
}

struct Parser {
    tokens: Vec<At<Token>>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next].it
    }

    fn at(&self) -> usize {
        self.tokens[self.next].at
    }

    fn take(&mut self) -> At<Token> {
        let token = self.tokens[self.next].clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    fn unexpected(&self, wanted: &str) -> SyntaxError {
        let got = match self.peek() {
            Token::Name(name) => format!("“{name}”"),
            Token::Number(number) => format!("“{number}”"),
            Token::Day(day) => format!("“{day}”"),
            Token::Sign(sign) => format!("“{sign}”"),
            Token::End => "the end".to_owned(),
        };
        SyntaxError { at: self.at(), message: format!("{wanted} expected, {got} found") }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(name) if name == word)
    }

    fn sign(&mut self, sign: &'static str) -> Result<(), SyntaxError> {
        if *self.peek() == Token::Sign(sign) {
            self.take();
            Ok(())
        } else {
            Err(self.unexpected(&format!("“{sign}”")))
        }
    }

    fn any(&mut self) -> Result<Ast, SyntaxError> {
        let mut parts = vec![self.all()?];
        while self.is_word("or") {
            self.take();
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Ast::Any(parts) })
    }

    fn all(&mut self) -> Result<Ast, SyntaxError> {
        let mut parts = vec![self.not()?];
        while self.is_word("and") {
            self.take();
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Ast::All(parts) })
    }

    fn not(&mut self) -> Result<Ast, SyntaxError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(SyntaxError {
                at: self.at(),
                message: format!("more than {DEEPEST} levels of nesting"),
            });
        }
        let ast = if self.is_word("not") {
            self.take();
            Ast::Not(Box::new(self.not()?))
        } else if *self.peek() == Token::Sign("(") {
            self.take();
            let inner = self.any()?;
            self.sign(")")?;
            inner
        } else {
            self.test()?
        };
        self.depth -= 1;
        Ok(ast)
    }

    fn test(&mut self) -> Result<Ast, SyntaxError> {
        if *self.peek() == Token::Sign("@") {
            self.take();
            return Ok(Ast::Category(self.name("a category")?));
        }
        let name = self.name("a fact, @category, “not”, “some” or “(”")?;
        match name.it.as_str() {
            "some" => {
                let list = self.name("a list fact")?;
                self.sign("(")?;
                let inner = self.any()?;
                self.sign(")")?;
                Ok(Ast::Some(list, Box::new(inner)))
            }
            "age" => {
                let op = self.op()?;
                Ok(Ast::Age(op, self.operand()?))
            }
            "months_since" => {
                self.sign("(")?;
                let fact = self.name("a date fact")?;
                self.sign(")")?;
                let op = self.op()?;
                Ok(Ast::MonthsSince(fact, op, self.operand()?))
            }
            "card_running" => {
                self.sign("(")?;
                let months = self.operand()?;
                self.sign(",")?;
                let day = self.operand()?;
                self.sign(")")?;
                Ok(Ast::CardRunning(months, day))
            }
            _ => self.comparison(name),
        }
    }

    fn comparison(&mut self, name: At<String>) -> Result<Ast, SyntaxError> {
        if self.is_word("in") {
            self.take();
            return Ok(Ast::In(name, self.list()?));
        }
        if self.is_word("not")
            && matches!(self.tokens.get(self.next + 1), Some(At { it: Token::Name(word), .. }) if word == "in")
        {
            self.take();
            self.take();
            return Ok(Ast::Not(Box::new(Ast::In(name, self.list()?))));
        }
        let Ok(op) = self.op() else { return Ok(Ast::Flag(name)) };
        if *self.peek() == Token::Sign("[") {
            self.take();
            self.sign("]")?;
            return match op {
                Op::Eq => Ok(Ast::Empty(name)),
                Op::Ne => Ok(Ast::Not(Box::new(Ast::Empty(name)))),
                _ => Err(SyntaxError { at: name.at, message: "a list can only be = [] or != []".into() }),
            };
        }
        Ok(Ast::Compare(name, op, self.operand()?))
    }

    fn list(&mut self) -> Result<Vec<At<Operand>>, SyntaxError> {
        self.sign("[")?;
        let mut items = vec![self.operand()?];
        while *self.peek() == Token::Sign(",") {
            self.take();
            items.push(self.operand()?);
        }
        self.sign("]")?;
        Ok(items)
    }

    fn name(&mut self, wanted: &str) -> Result<At<String>, SyntaxError> {
        match self.peek() {
            Token::Name(name) if !matches!(name.as_str(), "and" | "or" | "in") => {
                let name = name.clone();
                Ok(At { at: self.take().at, it: name })
            }
            _ => Err(self.unexpected(wanted)),
        }
    }

    fn op(&mut self) -> Result<Op, SyntaxError> {
        let op = match self.peek() {
            Token::Sign("=") => Op::Eq,
            Token::Sign("!=") => Op::Ne,
            Token::Sign("<") => Op::Lt,
            Token::Sign("<=") => Op::Le,
            Token::Sign(">") => Op::Gt,
            Token::Sign(">=") => Op::Ge,
            _ => return Err(self.unexpected("a comparison")),
        };
        self.take();
        Ok(op)
    }

    fn operand(&mut self) -> Result<At<Operand>, SyntaxError> {
        let at = self.at();
        let it = match self.peek().clone() {
            Token::Name(name) if name == "true" || name == "false" => Operand::Bool(name == "true"),
            Token::Name(name) => Operand::Word(name),
            Token::Number(number) => Operand::Number(number),
            Token::Day(day) => Operand::Day(day),
            Token::Sign("$") => {
                self.take();
                let name = self.name("the name of a parameter")?;
                return Ok(At { at, it: Operand::Parameter(name.it) });
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.take();
        Ok(At { at, it })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn and_binds_tighter_than_or() {
        let Ast::Any(parts) = parse("a or b and not c").unwrap() else { panic!() };
        assert!(matches!(&parts[0], Ast::Flag(name) if name.it == "a"));
        assert!(matches!(&parts[1], Ast::All(both) if matches!(both[1], Ast::Not(_))));
    }

    #[test]
    fn reads_every_kind_of_test() {
        for text in [
            "age >= $elderly and citizenship = vietnamese",
            "some merit(title in [war_invalid, sick_soldier] and impairment_percent >= 61)",
            "merit = [] and employment not in [contract, civil_servant]",
            "months_since(household.status_since) < 36",
            "card_running($child_card_months, $school_year_ends)",
            "not (@poor or @near_poor) and social_allowance_since < 2025-07-01",
            "disability.severity >= mild and not has_health_card",
        ] {
            parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        }
    }

    #[test]
    fn a_mistake_names_its_column() {
        assert_eq!(parse("age >= ").unwrap_err().at, 7);
        assert_eq!(parse("a and").unwrap_err().at, 5);
        assert_eq!(parse("a b").unwrap_err().at, 2);
        assert_eq!(parse("a = 1.5").unwrap_err().at, 5);
        assert!(parse(&"(".repeat(10_000)).is_err());
        assert!(parse("a = “x”").is_err());
    }
}
