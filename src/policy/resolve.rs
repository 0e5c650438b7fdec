//! Gives the names of a condition their meaning.

use crate::facts::{FactId, Kind, Member, UnitCode, reader::nearest, vocabulary};

use super::{
    conditions::{Conditions, EntryTest, Node, NodeIdx, OutputValue, Quantity, Test},
    model::{CategoryIdx, ParameterIdx},
    names::in_bounds,
    syntax::{self, Ast, At, Op, Operand},
};

/// A mistake in a condition: byte offset inside it, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub at: usize,
    pub message: String,
}

/// The names that conditions may use beside those of the vocabulary.
pub struct Names<'a> {
    pub parameters: &'a dyn Fn(&str) -> Option<ParameterIdx>,
    pub parameter_names: &'a [String],
    pub categories: &'a [String],
    /// Outputs and fields, for conditions of fields.
    pub outputs: &'a [String],
}

/// Reads a condition into the arena; also tells the parameters it reads.
pub fn condition(
    text: &str,
    names: &Names<'_>,
    arena: &mut Conditions,
) -> Result<(NodeIdx, Vec<ParameterIdx>), Mistake> {
    let ast = syntax::parse(text).map_err(|error| Mistake { at: error.at, message: error.message })?;
    let mut resolver = Resolver { names, arena, parameters: Vec::new() };
    let node = resolver.node(&ast)?;
    Ok((node, resolver.parameters))
}

struct Resolver<'a, 'n> {
    names: &'a Names<'n>,
    arena: &'a mut Conditions,
    parameters: Vec<ParameterIdx>,
}

fn not_found<'a>(what: &str, name: &At<String>, known: impl Iterator<Item = &'a str>) -> Mistake {
    let hint = nearest(&name.it, known).map_or_else(String::new, |word| format!("; did you mean “{word}”?"));
    Mistake { at: name.at, message: format!("no {what} “{}”{hint}", name.it) }
}

impl Resolver<'_, '_> {
    fn node(&mut self, ast: &Ast) -> Result<NodeIdx, Mistake> {
        let node = match ast {
            Ast::Any(parts) => {
                let parts = self.nodes(parts)?;
                self.any(parts)
            }
            Ast::All(parts) => Node::All(self.nodes(parts)?),
            Ast::Not(inner) => Node::Not(self.node(inner)?),
            Ast::Category(name) => Node::Category(self.category(name)?),
            Ast::Flag(name) => match self.output(&name.it) {
                Some(name) => Node::Output { name, op: Op::Eq, value: OutputValue::Bool(true) },
                None => {
                    let fact = self.fact(name)?;
                    match vocabulary().get(fact).kind {
                        Kind::Bool => Node::Test(Test::Bool { fact }),
                        _ => {
                            return Err(Mistake {
                                at: name.at,
                                message: format!("“{}” is not true or false; compare it", name.it),
                            });
                        }
                    }
                }
            },
            Ast::Compare(name, op, operand) => return self.compare(name, *op, operand),
            Ast::In(name, operands) => self.membership(name, operands)?,
            Ast::Age(op, operand) => Node::Test(Test::Age { op: *op, years: self.quantity(operand)? }),
            Ast::MonthsSince(name, op, operand) => {
                let fact = self.fact(name)?;
                let Kind::Date { .. } = vocabulary().get(fact).kind else {
                    return Err(Mistake { at: name.at, message: format!("“{}” is not a date", name.it) });
                };
                Node::Test(Test::MonthsSince { fact, op: *op, months: self.quantity(operand)? })
            }
            Ast::CardRunning(months, day) => {
                let month_day = match &day.it {
                    Operand::Parameter(_) => match self.quantity(day)? {
                        Quantity::Parameter(at) => at,
                        Quantity::Number(_) => {
                            return Err(Mistake { at: day.at, message: "a parameter is needed here".into() });
                        }
                    },
                    _ => return Err(Mistake { at: day.at, message: "a parameter is needed here".into() }),
                };
                Node::Test(Test::CardRunning { months: self.quantity(months)?, month_day })
            }
            Ast::Some(name, inner) => {
                let fact = self.fact(name)?;
                let entry = Box::new(self.entry_of(fact, name, inner)?);
                Node::Test(Test::Some { fact, entry })
            }
            Ast::Empty(name) => {
                let fact = self.fact(name)?;
                if !matches!(vocabulary().get(fact).kind, Kind::Records(_) | Kind::Words(_)) {
                    return Err(Mistake { at: name.at, message: format!("“{}” is not a list", name.it) });
                }
                let some =
                    self.arena.add(Node::Test(Test::Some { fact, entry: Box::new(EntryTest::Always) }));
                Node::Not(some)
            }
        };
        Ok(self.arena.add(node))
    }

    fn nodes(&mut self, parts: &[Ast]) -> Result<Vec<NodeIdx>, Mistake> {
        parts.iter().map(|part| self.node(part)).collect()
    }

    /// “Some entry fits A, or some entry fits B” is one question: some entry fits A or B. Fewer questions make smaller
    /// diagrams.
    fn any(&mut self, parts: Vec<NodeIdx>) -> Node {
        let mut kept: Vec<NodeIdx> = Vec::new();
        let mut asked: Vec<(FactId, Vec<EntryTest>)> = Vec::new();
        for part in parts {
            match self.arena.get(part) {
                Node::Test(Test::Some { fact, entry }) => {
                    match asked.iter_mut().find(|(other, _)| other == fact) {
                        Some((_, entries)) => entries.push(entry.as_ref().clone()),
                        None => asked.push((*fact, vec![entry.as_ref().clone()])),
                    }
                }
                _ => kept.push(part),
            }
        }
        for (fact, mut entries) in asked {
            let entry = if entries.len() == 1 { entries.remove(0) } else { EntryTest::Any(entries) };
            kept.push(self.arena.add(Node::Test(Test::Some { fact, entry: Box::new(entry) })));
        }
        Node::Any(kept)
    }

    fn output(&self, name: &str) -> Option<String> {
        self.names.outputs.iter().find(|output| *output == name).cloned()
    }

    fn fact(&self, name: &At<String>) -> Result<FactId, Mistake> {
        vocabulary().find(&name.it).ok_or_else(|| {
            let known: Vec<String> = vocabulary().facts().map(|(_, fact)| fact.name()).collect();
            not_found(
                "fact",
                name,
                known.iter().map(String::as_str).chain(self.names.outputs.iter().map(String::as_str)),
            )
        })
    }

    fn category(&self, name: &At<String>) -> Result<CategoryIdx, Mistake> {
        let at = self.names.categories.iter().position(|category| *category == name.it);
        at.and_then(|at| u16::try_from(at).ok())
            .map(CategoryIdx)
            .ok_or_else(|| not_found("category", name, self.names.categories.iter().map(String::as_str)))
    }

    fn parameter(&mut self, name: &At<String>) -> Result<ParameterIdx, Mistake> {
        let at = (self.names.parameters)(&name.it).ok_or_else(|| {
            not_found("parameter", name, self.names.parameter_names.iter().map(String::as_str))
        })?;
        if !self.parameters.contains(&at) {
            self.parameters.push(at);
        }
        Ok(at)
    }

    fn quantity(&mut self, operand: &At<Operand>) -> Result<Quantity, Mistake> {
        match &operand.it {
            Operand::Number(number) if in_bounds(*number) => Ok(Quantity::Number(*number)),
            Operand::Number(number) => Err(Mistake {
                at: operand.at,
                message: format!("{number} is larger than any number of the law"),
            }),
            Operand::Parameter(name) => {
                self.parameter(&At { at: operand.at + 1, it: name.clone() }).map(Quantity::Parameter)
            }
            _ => Err(Mistake {
                at: operand.at,
                message: "a whole number or a $parameter is needed here".into(),
            }),
        }
    }

    fn compare(&mut self, name: &At<String>, op: Op, operand: &At<Operand>) -> Result<NodeIdx, Mistake> {
        if let Some(output) = self.output(&name.it) {
            let value = match &operand.it {
                Operand::Number(number) => OutputValue::Number((*number).into()),
                Operand::Word(word) => OutputValue::word(word),
                Operand::Bool(value) => OutputValue::Bool(*value),
                _ => {
                    return Err(Mistake {
                        at: operand.at,
                        message: "an output is compared with a number or word".into(),
                    });
                }
            };
            return Ok(self.arena.add(Node::Output { name: output, op, value }));
        }
        let fact = self.fact(name)?;
        let kind = &vocabulary().get(fact).kind;
        let test = match (kind, &operand.it) {
            (Kind::Bool, Operand::Bool(value)) if matches!(op, Op::Eq | Op::Ne) => {
                let node = self.arena.add(Node::Test(Test::Bool { fact }));
                return Ok(if *value == (op == Op::Eq) { node } else { self.arena.add(Node::Not(node)) });
            }
            (Kind::Word { .. }, Operand::Word(word)) => Test::Words {
                fact,
                set: word_set(kind, op, &At { at: operand.at, it: word.clone() }, &name.it)?,
            },
            (Kind::Date { .. }, Operand::Day(day)) => Test::Date { fact, op, day: *day },
            (Kind::Unit, Operand::Word(_) | Operand::Number(_)) => {
                return Err(Mistake {
                    at: operand.at,
                    message: "units are asked with “in [00070, …]”".into(),
                });
            }
            (Kind::Count { .. } | Kind::Money | Kind::Percent, _) => {
                Test::Number { fact, op, value: self.quantity(operand)? }
            }
            _ => return Err(mismatch(operand.at, &name.it, kind)),
        };
        Ok(self.arena.add(Node::Test(test)))
    }

    fn membership(&mut self, name: &At<String>, operands: &[At<Operand>]) -> Result<Node, Mistake> {
        let words = |operands: &[At<Operand>]| -> Result<Vec<At<String>>, Mistake> {
            operands
                .iter()
                .map(|operand| match &operand.it {
                    Operand::Word(word) => Ok(At { at: operand.at, it: word.clone() }),
                    Operand::Number(number) => Ok(At { at: operand.at, it: format!("{number:05}") }),
                    _ => Err(Mistake { at: operand.at, message: "a word is needed here".into() }),
                })
                .collect()
        };
        if let Some(output) = self.output(&name.it) {
            return Ok(Node::OutputIn {
                name: output,
                words: words(operands)?.into_iter().map(|word| word.it).collect(),
            });
        }
        let fact = self.fact(name)?;
        let kind = &vocabulary().get(fact).kind;
        match kind {
            Kind::Word { .. } => {
                let mut set = 0;
                for word in words(operands)? {
                    set |= word_set(kind, Op::Eq, &word, &name.it)?;
                }
                Ok(Node::Test(Test::Words { fact, set }))
            }
            Kind::Unit => {
                let mut units = Vec::new();
                for word in words(operands)? {
                    units.push(UnitCode::parse(&word.it).ok_or_else(|| Mistake {
                        at: word.at,
                        message: format!("no ward or commune has the code {}", word.it),
                    })?);
                }
                Ok(Node::Test(Test::Unit { fact, units }))
            }
            _ => Err(Mistake { at: name.at, message: format!("“{}” has no list of words", name.it) }),
        }
    }

    fn entry_of(&mut self, fact: FactId, name: &At<String>, ast: &Ast) -> Result<EntryTest, Mistake> {
        match &vocabulary().get(fact).kind {
            Kind::Records(members) => self.entry(members, ast),
            kind @ Kind::Words(words) => {
                let value = Member {
                    id: "value".into(),
                    label: crate::facts::Text::default(),
                    kind: Kind::Word { words: words.clone(), ordered: false },
                    required: true,
                    default: None,
                };
                let _ = kind;
                self.entry(&[value], ast)
            }
            _ => Err(Mistake { at: name.at, message: format!("“{}” is not a list", name.it) }),
        }
    }

    fn entry(&mut self, members: &[Member], ast: &Ast) -> Result<EntryTest, Mistake> {
        let find = |name: &At<String>| -> Result<(usize, &Kind), Mistake> {
            let at = members.iter().position(|member| member.id == name.it);
            at.map(|at| (at, &members[at].kind))
                .ok_or_else(|| not_found("member", name, members.iter().map(|member| member.id.as_str())))
        };
        Ok(match ast {
            Ast::Any(parts) => {
                EntryTest::Any(parts.iter().map(|part| self.entry(members, part)).collect::<Result<_, _>>()?)
            }
            Ast::All(parts) => {
                EntryTest::All(parts.iter().map(|part| self.entry(members, part)).collect::<Result<_, _>>()?)
            }
            Ast::Not(inner) => EntryTest::Not(Box::new(self.entry(members, inner)?)),
            Ast::Flag(name) => match find(name)? {
                (member, Kind::Bool) => EntryTest::Bool { member },
                (_, kind) => return Err(mismatch(name.at, &name.it, kind)),
            },
            Ast::Compare(name, op, operand) => match (find(name)?, &operand.it) {
                ((member, kind @ Kind::Word { .. }), Operand::Word(word)) => EntryTest::Words {
                    member,
                    set: word_set(kind, *op, &At { at: operand.at, it: word.clone() }, &name.it)?,
                },
                ((member, Kind::Bool), Operand::Bool(value)) => {
                    let test = EntryTest::Bool { member };
                    if *value == (*op == Op::Eq) { test } else { EntryTest::Not(Box::new(test)) }
                }
                ((member, Kind::Count { .. } | Kind::Money | Kind::Percent), _) => {
                    EntryTest::Number { member, op: *op, value: self.quantity(operand)? }
                }
                ((_, kind), _) => return Err(mismatch(operand.at, &name.it, kind)),
            },
            Ast::In(name, operands) => {
                let (member, kind) = find(name)?;
                let mut set = 0;
                for operand in operands {
                    let Operand::Word(word) = &operand.it else {
                        return Err(mismatch(operand.at, &name.it, kind));
                    };
                    set |= word_set(kind, Op::Eq, &At { at: operand.at, it: word.clone() }, &name.it)?;
                }
                EntryTest::Words { member, set }
            }
            Ast::MonthsSince(name, op, operand) => match find(name)? {
                (member, Kind::Date { .. }) => {
                    EntryTest::MonthsSince { member, op: *op, months: self.quantity(operand)? }
                }
                (_, kind) => return Err(mismatch(name.at, &name.it, kind)),
            },
            Ast::Category(name) | Ast::Some(name, _) | Ast::Empty(name) => {
                return Err(Mistake {
                    at: name.at,
                    message: "inside “some” only the entry's members can be asked".into(),
                });
            }
            Ast::Age(_, operand) | Ast::CardRunning(operand, _) => {
                return Err(Mistake {
                    at: operand.at,
                    message: "inside “some” only the entry's members can be asked".into(),
                });
            }
        })
    }
}

fn mismatch(at: usize, name: &str, kind: &Kind) -> Mistake {
    Mistake { at, message: format!("“{name}” is a {}; this comparison does not fit it", kind.name()) }
}

/// The words for which a comparison holds, a bit each. `unstated` has the bit behind the last word.
fn word_set(kind: &Kind, op: Op, word: &At<String>, fact: &str) -> Result<u64, Mistake> {
    let words = kind.words().unwrap_or_default();
    let at = kind.word(&word.it).ok_or_else(|| {
        let all: Vec<&str> = words.iter().map(|word| word.id.as_str()).collect();
        let mut mistake = not_found(&format!("value of “{fact}”"), word, all.iter().copied());
        mistake.message.push_str(&format!("; allowed: {}", all.join(", ")));
        mistake
    })?;
    let ordered = matches!(kind, Kind::Word { ordered: true, .. });
    if !ordered && !matches!(op, Op::Eq | Op::Ne) {
        return Err(Mistake {
            at: word.at,
            message: format!("the values of “{fact}” have no order; use = or in"),
        });
    }
    let range = 0..=u16::try_from(words.len()).unwrap_or(63).min(63);
    Ok(range.filter(|other| op.holds(other.cmp(&at))).fold(0, |set, other| set | 1 << other))
}
