//! The merchant's colour, and what can be read on it.

const BLACK: &str = "#000000";
const WHITE: &str = "#ffffff";

/// Of a shop that has chosen none: white on it has a contrast of 16.
const NEUTRAL: &str = "#1f2328";

/// The colour, if it is `#rrggbb`, or else a neutral one; and black or white, whichever contrasts
/// more with it.
pub(crate) fn paint(color: Option<&str>) -> (&str, &'static str) {
    let chosen = color.and_then(|color| Some((color, luminance(color)?)));
    match chosen {
        // Where both contrast alike, at 0.179, it is 4.58 with either; WCAG asks for 4.5.
        Some((color, luminance)) if luminance > 0.179 => (color, BLACK),
        Some((color, _)) => (color, WHITE),
        None => (NEUTRAL, WHITE),
    }
}

/// WCAG's relative luminance of `#rrggbb`, from 0 (black) to 1 (white).
fn luminance(color: &str) -> Option<f64> {
    let digits = color.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue))
}

fn linear(channel: u8) -> f64 {
    let share = f64::from(channel) / 255.0;
    if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one).unwrap(), luminance(other).unwrap());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn what_is_written_on_any_colour_can_be_read() {
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let color = format!("#{red:02x}{green:02X}{blue:02x}");
                    let (painted, ink) = paint(Some(&color));
                    assert_eq!(painted, color);
                    assert!(contrast(painted, ink) >= 4.5, "{ink} on {color}");
                }
            }
        }
        assert!(contrast(NEUTRAL, WHITE) > 15.0);
        assert!((contrast(BLACK, WHITE) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_no_colour_is_a_neutral_one() {
        for color in ["", "#", "#fff", "red", "#12345", "#1234567", "#+12345", "#ffffé", "#fff;}*{"]
        {
            assert_eq!(paint(Some(color)), (NEUTRAL, WHITE), "{color}");
        }
        assert_eq!(paint(None), (NEUTRAL, WHITE));
    }

    #[test]
    fn what_the_page_is_written_in_can_be_read() {
        use crate::html::{DARK, LIGHT};
        for palette in [LIGHT, DARK] {
            assert!(contrast(palette.ink, palette.card) >= 7.0);
            assert!(contrast(palette.quiet, palette.page) >= 4.5);
        }
    }
}
