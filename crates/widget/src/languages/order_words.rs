//! What a buyer reads of their order, in every language. When it is sent, the widget's own words
//! say.

use super::{Language, PerLanguage};

/// A language's words for an order.
#[derive(Debug, PartialEq, Eq)]
pub struct OrderWords {
    /// Over the page.
    pub heading: &'static str,
    /// Nobody knows when these units come.
    pub undated: &'static str,
    /// These units are there, and will be sent.
    pub ready: &'static str,
    /// These units have been sent.
    pub shipped: &'static str,
    /// These units were cancelled.
    pub cancelled: &'static str,
    /// A button: what has not come yet is not wanted any more.
    pub cancel: &'static str,
    /// A date has come to be later, and the reader has not agreed to that: what they can do.
    pub moved: &'static str,
    /// Beside a date that has moved since.
    pub before: &'static str,
    /// A button: they agree to the new dates, and wait.
    pub agree: &'static str,
    /// The link is wrong or too old.
    pub unknown: &'static str,
}

impl Language {
    /// The words for an order in this language.
    pub fn order_words(&self) -> &'static OrderWords {
        ORDER_WORDS.of(self)
    }
}

const EN: OrderWords = OrderWords {
    heading: "Your order",
    undated: "No date yet",
    ready: "Ready to be sent",
    shipped: "Sent",
    cancelled: "Cancelled",
    cancel: "Cancel what has not come yet",
    moved: "The date has changed. You can keep waiting or cancel.",
    before: "Before",
    agree: "Agree and keep waiting",
    unknown: "This link does not work any more.",
};

static ORDER_WORDS: PerLanguage<OrderWords> = PerLanguage {
    en: EN,
    en_us: OrderWords { cancelled: "Canceled", ..EN },
    ar: OrderWords {
        heading: "طلبك",
        undated: "لا يوجد موعد بعد",
        ready: "جاهز للإرسال",
        shipped: "تم الإرسال",
        cancelled: "تم الإلغاء",
        cancel: "إلغاء ما لم يصل بعد",
        moved: "تغيّر الموعد. يمكنك مواصلة الانتظار أو الإلغاء.",
        before: "سابقًا",
        agree: "أوافق وأنتظر",
        unknown: "لم يعد هذا الرابط صالحًا.",
    },
    cs: OrderWords {
        heading: "Vaše objednávka",
        undated: "Termín zatím není znám",
        ready: "Připraveno k odeslání",
        shipped: "Odesláno",
        cancelled: "Zrušeno",
        cancel: "Zrušit, co ještě nedorazilo",
        moved: "Termín se změnil. Můžete počkat, nebo objednané zrušit.",
        before: "Dříve",
        agree: "Souhlasím a počkám",
        unknown: "Tento odkaz už neplatí.",
    },
    da: OrderWords {
        heading: "Din ordre",
        undated: "Ingen dato endnu",
        ready: "Klar til afsendelse",
        shipped: "Afsendt",
        cancelled: "Annulleret",
        cancel: "Annuller det, der ikke er kommet endnu",
        moved: "Datoen er ændret. Du kan vente eller annullere.",
        before: "Før",
        agree: "Accepter og vent",
        unknown: "Dette link virker ikke længere.",
    },
    de: OrderWords {
        heading: "Ihre Bestellung",
        undated: "Termin noch offen",
        ready: "Bereit zum Versand",
        shipped: "Versandt",
        cancelled: "Storniert",
        cancel: "Stornieren, was noch nicht da ist",
        moved: "Der Termin hat sich geändert. Sie können weiter warten oder stornieren.",
        before: "Bisher",
        agree: "Zustimmen und weiter warten",
        unknown: "Dieser Link gilt nicht mehr.",
    },
    es: OrderWords {
        heading: "Su pedido",
        undated: "Aún sin fecha",
        ready: "Listo para enviar",
        shipped: "Enviado",
        cancelled: "Cancelado",
        cancel: "Cancelar lo que aún no ha llegado",
        moved: "La fecha ha cambiado. Puede seguir esperando o cancelar.",
        before: "Antes",
        agree: "Aceptar y seguir esperando",
        unknown: "Este enlace ya no funciona.",
    },
    fi: OrderWords {
        heading: "Tilauksesi",
        undated: "Ei vielä päivämäärää",
        ready: "Valmis lähetettäväksi",
        shipped: "Lähetetty",
        cancelled: "Peruttu",
        cancel: "Peru se, mikä ei ole vielä saapunut",
        moved: "Päivämäärä on muuttunut. Voit jatkaa odottamista tai perua.",
        before: "Aiemmin",
        agree: "Hyväksy ja odota",
        unknown: "Tämä linkki ei enää toimi.",
    },
    fr: OrderWords {
        heading: "Votre commande",
        undated: "Pas encore de date",
        ready: "Prêt à être expédié",
        shipped: "Expédié",
        cancelled: "Annulé",
        cancel: "Annuler ce qui n’est pas encore arrivé",
        moved: "La date a changé. Vous pouvez continuer d’attendre ou annuler.",
        before: "Avant",
        agree: "Accepter et attendre",
        unknown: "Ce lien ne fonctionne plus.",
    },
    he: OrderWords {
        heading: "ההזמנה שלך",
        undated: "עדיין אין תאריך",
        ready: "מוכן למשלוח",
        shipped: "נשלח",
        cancelled: "בוטל",
        cancel: "ביטול מה שטרם הגיע",
        moved: "התאריך השתנה. אפשר להמשיך להמתין או לבטל.",
        before: "קודם",
        agree: "הסכמה והמשך המתנה",
        unknown: "הקישור הזה כבר אינו פעיל.",
    },
    it: OrderWords {
        heading: "Il Suo ordine",
        undated: "Ancora senza data",
        ready: "Pronto per la spedizione",
        shipped: "Spedito",
        cancelled: "Annullato",
        cancel: "Annulla ciò che non è ancora arrivato",
        moved: "La data è cambiata. Può continuare ad aspettare o annullare.",
        before: "Prima",
        agree: "Accetta e aspetta",
        unknown: "Questo link non funziona più.",
    },
    ja: OrderWords {
        heading: "ご注文",
        undated: "時期は未定です",
        ready: "発送準備ができています",
        shipped: "発送済み",
        cancelled: "キャンセル済み",
        cancel: "まだ入荷していない分をキャンセルする",
        moved: "予定日が変わりました。このままお待ちいただくか、キャンセルできます。",
        before: "これまで",
        agree: "同意して待つ",
        unknown: "このリンクは無効になりました。",
    },
    ko: OrderWords {
        heading: "주문 내역",
        undated: "아직 날짜 미정",
        ready: "발송 준비 완료",
        shipped: "발송됨",
        cancelled: "취소됨",
        cancel: "아직 입고되지 않은 상품 취소",
        moved: "날짜가 변경되었습니다. 계속 기다리거나 취소하실 수 있습니다.",
        before: "이전",
        agree: "동의하고 기다리기",
        unknown: "이 링크는 더 이상 사용할 수 없습니다.",
    },
    nl: OrderWords {
        heading: "Uw bestelling",
        undated: "Nog geen datum",
        ready: "Klaar voor verzending",
        shipped: "Verzonden",
        cancelled: "Geannuleerd",
        cancel: "Annuleren wat er nog niet is",
        moved: "De datum is veranderd. U kunt blijven wachten of annuleren.",
        before: "Eerst",
        agree: "Akkoord, ik wacht",
        unknown: "Deze link werkt niet meer.",
    },
    pl: OrderWords {
        heading: "Zamówienie",
        undated: "Jeszcze bez terminu",
        ready: "Gotowe do wysyłki",
        shipped: "Wysłano",
        cancelled: "Anulowano",
        cancel: "Anuluj to, co jeszcze nie dotarło",
        moved: "Termin się zmienił. Można dalej czekać lub anulować.",
        before: "Wcześniej",
        agree: "Zgadzam się i czekam",
        unknown: "Ten link już nie działa.",
    },
    pt: OrderWords {
        heading: "Seu pedido",
        undated: "Ainda sem data",
        ready: "Pronto para envio",
        shipped: "Enviado",
        cancelled: "Cancelado",
        cancel: "Cancelar o que ainda não chegou",
        moved: "A data mudou. Você pode continuar esperando ou cancelar.",
        before: "Antes",
        agree: "Aceitar e continuar esperando",
        unknown: "Este link não funciona mais.",
    },
    sv: OrderWords {
        heading: "Din beställning",
        undated: "Inget datum ännu",
        ready: "Redo att skickas",
        shipped: "Skickat",
        cancelled: "Avbeställt",
        cancel: "Avbeställ det som inte har kommit än",
        moved: "Datumet har ändrats. Du kan vänta eller avbeställa.",
        before: "Tidigare",
        agree: "Godkänn och vänta",
        unknown: "Den här länken fungerar inte längre.",
    },
    tr: OrderWords {
        heading: "Siparişiniz",
        undated: "Henüz tarih yok",
        ready: "Gönderime hazır",
        shipped: "Gönderildi",
        cancelled: "İptal edildi",
        cancel: "Henüz gelmeyenleri iptal et",
        moved: "Tarih değişti. Beklemeye devam edebilir veya iptal edebilirsiniz.",
        before: "Önce",
        agree: "Kabul et ve bekle",
        unknown: "Bu bağlantı artık çalışmıyor.",
    },
    uk: OrderWords {
        heading: "Ваше замовлення",
        undated: "Дати ще немає",
        ready: "Готово до відправлення",
        shipped: "Відправлено",
        cancelled: "Скасовано",
        cancel: "Скасувати те, що ще не надійшло",
        moved: "Дату змінено. Ви можете й далі чекати або скасувати.",
        before: "Раніше",
        agree: "Погоджуюся й чекаю",
        unknown: "Це посилання більше не діє.",
    },
    zh: OrderWords {
        heading: "您的订单",
        undated: "尚无日期",
        ready: "已可发货",
        shipped: "已发货",
        cancelled: "已取消",
        cancel: "取消尚未到货的商品",
        moved: "日期有变。您可以继续等待，也可以取消。",
        before: "之前",
        agree: "同意并继续等待",
        unknown: "此链接已失效。",
    },
};

#[cfg(test)]
mod tests {
    use crate::LANGUAGES;

    #[test]
    fn every_language_has_words_of_its_own() {
        for language in LANGUAGES {
            let own = language.order_words();
            let is_english = language.tag.starts_with("en");
            assert_eq!(own.heading == super::EN.heading, is_english, "{}", language.tag);
            assert_eq!(own.agree == super::EN.agree, is_english, "{}", language.tag);
            assert_eq!(own.moved == super::EN.moved, is_english, "{}", language.tag);
        }
    }
}
