//! English as in the United States: what differs from that of Britain.

use super::{Words, en::EN};

pub(super) const EN_US: Words = Words {
    claim_text: "We keep it for you until {}. After that, the next in line can have it.",
    why: "You get this email because you asked us to write when something is back in stock.",
    why_order: "You get this email because you placed an order with us.",
    ..EN
};
