//! Lists that come page by page: `limit` and an opaque `cursor`.

use serde::Deserialize;

use crate::api::{ErrorCode, Problem};

/// Items of a page when no limit is named.
const USUAL: u32 = 50;
/// Items of a page, at most.
const MOST: u32 = 200;

/// Which page is wanted, as the query says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Which page is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<I> {
    /// Items, 1 to 200.
    limit: usize,
    /// Last item of the page before.
    pub after: Option<I>,
}

impl PageQuery {
    /// Checks the limit and reads the cursor.
    ///
    /// # Errors
    /// 400 when either is none of ours.
    pub fn read<I>(&self, parse: impl FnOnce(&str) -> Option<I>) -> Result<Page<I>, Problem> {
        let limit = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::new(ErrorCode::BadRequest).detail(
                format!("Tham số limit phải từ 1 đến {MOST}."),
                format!("The parameter limit must be from 1 to {MOST}."),
            ));
        }
        let after = self.cursor.as_deref().map(|cursor| {
            parse(cursor).ok_or_else(|| {
                Problem::new(ErrorCode::BadRequest).detail(
                    "Tham số cursor phải là next_cursor của trang trước.",
                    "The parameter cursor must be the next_cursor of the page before.",
                )
            })
        });
        Ok(Page { limit: limit as usize, after: after.transpose()? })
    }
}

impl<I: Copy + ToString> Page<I> {
    /// How many items to look for: one more than asked for tells whether more follow.
    pub fn look_for(self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// Cuts what was found to the page, and tells the cursor of the next.
    pub fn cut<T>(self, found: &mut Vec<T>, id: impl Fn(&T) -> I) -> Option<String> {
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        found.last().filter(|_| more).map(|last| id(last).to_string())
    }
}
