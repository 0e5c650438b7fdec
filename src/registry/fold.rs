//! Names as they are searched: no marks, đ as d, lower case, single spaces.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// `  NGUYỄN  Đức Ánh` → `nguyen duc anh`.
pub fn fold(name: &str) -> String {
    let plain: String = name
        .nfd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == 'đ' { 'd' } else { letter })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn marks_case_and_spaces_do_not_matter() {
        for name in
            ["Nguyễn Đức Ánh", "NGUYEN DUC ANH", "  nguyễn   đức ánh ", "Nguye\u{302}\u{303}n Đức A\u{301}nh"]
        {
            assert_eq!(fold(name), "nguyen duc anh", "{name}");
        }
        assert_ne!(fold("Nguyễn Đức Anh"), fold("Nguyễn Đức Ân"));
    }
}
