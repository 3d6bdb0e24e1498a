//! Formats numbers for people.

pub(crate) use harness::thousands;

/// Shown in place of a missing number.
pub(crate) const NOTHING: &str = "–";

/// Four significant digits or all before the point: 12.35, 123.5, 1,235.
pub(crate) fn decimal(number: f64) -> String {
    match number.abs() {
        _ if !number.is_finite() => NOTHING.to_owned(),
        size if size >= 999.95 => thousands_of(number),
        size if size >= 99.995 => format!("{number:.1}"),
        size if size >= 9.9995 => format!("{number:.2}"),
        _ => format!("{number:.3}"),
    }
}

fn thousands_of(number: f64) -> String {
    let sign = if number < 0.0 { "−" } else { "" };
    format!("{sign}{}", thousands(number.abs().round() as u64))
}

/// Three digits after the point: 1.234.
pub(crate) fn three(number: f64) -> String {
    format!("{number:.3}")
}

/// A difference with its sign: +0.123, −0.004.
pub(crate) fn signed(number: f64, digits: usize) -> String {
    if !number.is_finite() {
        return NOTHING.to_owned();
    }
    let text = format!("{:.digits$}", number.abs());
    let is_zero = text.chars().all(|c| c == '0' || c == '.');
    match number < 0.0 {
        _ if is_zero => text,
        true => format!("−{text}"),
        false => format!("+{text}"),
    }
}

/// 0.3125 as 31.2 %.
pub(crate) fn percent(share: f64) -> String {
    if share.is_finite() {
        format!("{:.1} %", 100.0 * share)
    } else {
        NOTHING.to_owned()
    }
}

/// Seconds up to two minutes, then minutes, then hours.
pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        _ if !seconds.is_finite() => NOTHING.to_owned(),
        s if s < 0.0995 => format!("{:.0} ms", 1000.0 * s),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 119.5 => format!("{s:.0} s"),
        s if s < 119.5 * 60.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// Bytes in decimal units: 45.1 MB.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..1000 => format!("{count} B"),
        _ => format!("{}B", scaled(count as f64)),
    }
}

/// A rounded number with a unit prefix: 12.3 M. The prefix comes after a space, ready for a unit.
pub(crate) fn scaled(number: f64) -> String {
    const PREFIXES: [&str; 9] = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];
    if !number.is_finite() {
        return NOTHING.to_owned();
    }
    let (mut rest, mut prefix) = (number, 0);
    while rest.abs() >= 999.5 && prefix + 1 < PREFIXES.len() {
        rest /= 1000.0;
        prefix += 1;
    }
    let digits = match rest.abs() {
        size if size >= 99.95 || (prefix == 0 && rest.fract() == 0.0) => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    format!("{rest:.digits$} {}", PREFIXES[prefix])
}

/// The number at a tick of an axis: 0.05, 20, 5,000, 2M.
pub(crate) fn tick(number: f64) -> String {
    if number >= 999_999.5 {
        return short(number);
    }
    if number >= 999.5 {
        return thousands_of(number);
    }
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The power of ten at a tick of an axis that spans many: 1, 1,000, 10⁶, 10²⁴.
pub(crate) fn power(number: f64) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let exponent = number.log10().round();
    if number < 99_999.5 || (number / 10_f64.powf(exponent) - 1.0).abs() > 1e-6 {
        return tick(number);
    }
    let digits = format!("{exponent}");
    let raised = digits.bytes().filter(u8::is_ascii_digit);
    let raised: String = raised
        .map(|digit| DIGITS[usize::from(digit - b'0')])
        .collect();
    format!("10{raised}")
}

fn short(number: f64) -> String {
    let (size, unit) = match number {
        n if n < 999_999_999.5 => (n / 1e6, "M"),
        n if n < 999_999_999_999.5 => (n / 1e9, "G"),
        n => (n / 1e12, "T"),
    };
    format!("{}{unit}", (size * 100.0).round() / 100.0)
}

/// A file name for something that data named.
pub(crate) fn slug(prefix: &str, name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase);
    std::iter::once(prefix.to_owned())
        .chain(words)
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_rounded_and_scaled() {
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(999), "999");
        assert_eq!(decimal(93.216), "93.22");
        assert_eq!(decimal(33278.0), "33,278");
        assert_eq!(decimal(f64::NAN), NOTHING);
        assert_eq!(signed(-0.1234, 2), "−0.12");
        assert_eq!(signed(-0.001, 2), "0.00");
        assert_eq!(percent(0.3125), "31.2 %");
        assert_eq!(bytes(45_123_000), "45.1 MB");
        assert_eq!(bytes(12), "12 B");
        assert_eq!(scaled(12_345.0), "12.3 k");
        assert_eq!(scaled(3.0), "3 ");
    }

    #[test]
    fn times_have_a_suitable_unit() {
        assert_eq!(duration(0.012), "12 ms");
        assert_eq!(duration(3.25), "3.2 s");
        assert_eq!(duration(119.0), "119 s");
        assert_eq!(duration(600.0), "10 min");
        assert_eq!(duration(9000.0), "2.5 h");
    }

    #[test]
    fn ticks_have_no_unnecessary_digits() {
        assert_eq!(tick(0.05), "0.05");
        assert_eq!(tick(20.0), "20");
        assert_eq!(tick(5000.0), "5,000");
        assert_eq!(tick(2e6), "2M");
        assert_eq!(tick(1.5e9), "1.5G");
        assert_eq!(power(1000.0), "1,000");
        assert_eq!(power(1e24), "10²⁴");
        assert_eq!(power(3e6), "3M");
    }
}
