//! The 126 wards and communes of Hanoi since 1 July 2025 (Resolution 1656/NQ-UBTVQH15; codes by Decision 19/2025/QĐ-TTg).

use std::sync::LazyLock;

/// The code of a ward or commune of Hanoi: five digits, only from the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitCode(u16);

/// A ward or commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Five digits.
    pub code: &'static str,
    /// Vietnamese name without its type.
    pub name: &'static str,
    /// A ward (phường); otherwise a commune (xã).
    pub ward: bool,
}

static UNITS: LazyLock<Vec<Unit>> = LazyLock::new(|| {
    include_str!("hanoi-units.csv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.trim().split(',');
            Some(Unit { code: cells.next()?, name: cells.next()?, ward: cells.next()? == "phường" })
        })
        .collect()
});

/// All units in the order of their codes.
pub fn units() -> &'static [Unit] {
    &UNITS
}

impl UnitCode {
    /// Finds the code in the list; nothing else is a code.
    pub fn parse(text: &str) -> Option<Self> {
        let at = UNITS.iter().position(|unit| unit.code == text)?;
        u16::try_from(at).ok().map(Self)
    }

    /// Its row in the list.
    pub fn unit(self) -> &'static Unit {
        &UNITS[usize::from(self.0)]
    }

    /// Five digits.
    pub fn as_str(self) -> &'static str {
        self.unit().code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hanoi_has_51_wards_and_75_communes() {
        assert_eq!(units().len(), 126);
        assert_eq!(units().iter().filter(|unit| unit.ward).count(), 51);
        assert_eq!(UnitCode::parse("00070").unwrap().unit().name, "Hoàn Kiếm");
        assert!(UnitCode::parse("99999").is_none());
        assert!(UnitCode::parse("0007").is_none());
    }
}
