//! The order of facts in the diagrams. A bad order costs seconds where a good one costs milliseconds.

use crate::facts::FactId;

/// FORCE (Aloul, Markov, Sakallah 2003): facts that stand in one condition are pulled together. Started from first use and
/// from table order; the smaller total span wins.
pub fn force(facts: &[FactId], edges: &[Vec<FactId>]) -> Vec<FactId> {
    let mut first_use: Vec<FactId> = Vec::new();
    for fact in edges.iter().flatten().chain(facts) {
        if !first_use.contains(fact) {
            first_use.push(*fact);
        }
    }
    let starts = [first_use, facts.to_vec()];
    let orders = starts.into_iter().map(|start| settle(start, edges));
    orders.min_by_key(|order| span(order, edges)).unwrap_or_default()
}

fn place(order: &[FactId], fact: FactId) -> usize {
    order.iter().position(|other| *other == fact).unwrap_or(0)
}

/// Sum over the edges of the distance between their first and last fact.
fn span(order: &[FactId], edges: &[Vec<FactId>]) -> usize {
    edges
        .iter()
        .map(|edge| {
            let places = edge.iter().map(|fact| place(order, *fact));
            places.clone().max().unwrap_or(0) - places.min().unwrap_or(0)
        })
        .sum()
}

fn settle(mut order: Vec<FactId>, edges: &[Vec<FactId>]) -> Vec<FactId> {
    let mut best = (span(&order, edges), order.clone());
    for _ in 0..30 {
        // Centres of gravity as whole numbers: no float decides an order.
        const SCALE: usize = 1 << 20;
        let centre: Vec<usize> = edges
            .iter()
            .map(|edge| {
                edge.iter().map(|fact| place(&order, *fact)).sum::<usize>() * SCALE / edge.len().max(1)
            })
            .collect();
        let mut pulled: Vec<(usize, usize, FactId)> = order
            .iter()
            .enumerate()
            .map(|(at, fact)| {
                let own: Vec<usize> = edges
                    .iter()
                    .zip(&centre)
                    .filter(|(edge, _)| edge.contains(fact))
                    .map(|(_, c)| *c)
                    .collect();
                (own.iter().sum::<usize>().checked_div(own.len()).unwrap_or(at * SCALE), at, *fact)
            })
            .collect();
        pulled.sort_unstable();
        order = pulled.into_iter().map(|(.., fact)| fact).collect();
        let now = span(&order, edges);
        if now >= best.0 {
            break;
        }
        best = (now, order.clone());
    }
    best.1
}
