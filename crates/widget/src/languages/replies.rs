//! What is answered to a shopper who asks to be told when something is back, in every language.
//! Whoever writes to them is the shop, and polite.

use super::{Language, PerLanguage};

/// A language's answers: whole sentences.
#[derive(Debug, PartialEq, Eq)]
pub struct Replies {
    /// It is noted, and to be confirmed by mail; what comes then is a letter about this product.
    pub thanks: &'static str,
    /// What was given as an e-mail address is none.
    pub bad_email: &'static str,
    /// The box that allows to write to them is not ticked.
    pub no_consent: &'static str,
    /// They, or all together, have asked too often.
    pub too_many: &'static str,
    /// For any other reason it is not taken, and there is nothing that they could mend.
    pub not_now: &'static str,
    /// A link to where they came from.
    pub back: &'static str,
    /// Whether they are a robot is being looked at.
    pub check: &'static str,
    /// That cannot be done without scripts.
    pub check_needs_scripts: &'static str,
}

impl Language {
    /// What is answered in this language.
    pub fn replies(&self) -> &'static Replies {
        REPLIES.of(self)
    }
}

const EN: Replies = Replies {
    thanks: "Please check your mail and confirm there: then we will write when it is back.",
    bad_email: "That does not look like an e-mail address. Please check it.",
    no_consent: "Please tick that we may write to you about this product.",
    too_many: "That was too much at once. Please try again later.",
    not_now: "This cannot be taken just now. Please try again later.",
    back: "Back to the shop",
    check: "One moment: we make sure that this was not sent by a robot.",
    check_needs_scripts: "This needs scripts (JavaScript). Please allow them for this page and reload it.",
};

static REPLIES: PerLanguage<Replies> = PerLanguage {
    en: EN,
    en_us: Replies {
        bad_email: "That does not look like an email address. Please check it.",
        no_consent: "Please check the box that lets us write to you about this product.",
        back: "Back to the store",
        ..EN
    },
    ar: Replies {
        thanks: "يُرجى التحقق من بريدك والتأكيد هناك: بعدها سنراسلك عندما يتوفر المنتج مجددًا.",
        bad_email: "لا يبدو هذا عنوان بريد إلكتروني. يُرجى التحقق منه.",
        no_consent: "يُرجى تحديد المربع الذي يسمح لنا بمراسلتك بشأن هذا المنتج.",
        too_many: "طلبات كثيرة في وقت واحد. يُرجى المحاولة لاحقًا.",
        not_now: "هذا غير ممكن الآن. يُرجى المحاولة لاحقًا.",
        back: "العودة إلى المتجر",
        check: "لحظة من فضلك: نتأكد من أن الطلب لم يرسله برنامج آلي.",
        check_needs_scripts: "يتطلب هذا تشغيل البرامج النصية (JavaScript). يُرجى السماح بها لهذه الصفحة ثم إعادة تحميلها.",
    },
    cs: Replies {
        thanks: "Podívejte se prosím do e-mailu a potvrďte to tam: pak vám napíšeme, jakmile bude zboží znovu skladem.",
        bad_email: "Tohle nevypadá jako e-mailová adresa. Zkontrolujte ji, prosím.",
        no_consent: "Zaškrtněte prosím, že vám o tomto zboží smíme napsat.",
        too_many: "Příliš mnoho žádostí najednou. Zkuste to prosím později.",
        not_now: "Teď to bohužel nejde. Zkuste to prosím později.",
        back: "Zpět do obchodu",
        check: "Okamžik prosím: ověřujeme, že to neodeslal robot.",
        check_needs_scripts: "K tomu jsou potřeba skripty (JavaScript). Povolte je prosím pro tuto stránku a načtěte ji znovu.",
    },
    da: Replies {
        thanks: "Tjek venligst din mail, og bekræft der: Så skriver vi, når varen er på lager igen.",
        bad_email: "Det ligner ikke en e-mailadresse. Tjek den venligst.",
        no_consent: "Sæt venligst kryds ved, at vi må skrive til dig om denne vare.",
        too_many: "Det var for meget på én gang. Prøv venligst igen senere.",
        not_now: "Det kan ikke lade sig gøre lige nu. Prøv venligst igen senere.",
        back: "Tilbage til butikken",
        check: "Et øjeblik: Vi sikrer os, at dette ikke blev sendt af en robot.",
        check_needs_scripts: "Dette kræver scripts (JavaScript). Tillad dem venligst for denne side, og genindlæs den.",
    },
    de: Replies {
        thanks: "Bitte sehen Sie in Ihr E-Mail-Postfach und bestätigen Sie dort: Dann schreiben wir Ihnen, sobald der Artikel wieder da ist.",
        bad_email: "Das ist offenbar keine E-Mail-Adresse. Bitte prüfen Sie Ihre Eingabe.",
        no_consent: "Bitte setzen Sie das Häkchen, damit wir Ihnen zu diesem Artikel schreiben dürfen.",
        too_many: "Das war zu viel auf einmal. Bitte versuchen Sie es später noch einmal.",
        not_now: "Das geht im Moment leider nicht. Bitte versuchen Sie es später noch einmal.",
        back: "Zurück zum Shop",
        check: "Einen Moment bitte: Wir prüfen, dass dies kein Roboter geschickt hat.",
        check_needs_scripts: "Dafür werden Skripte (JavaScript) gebraucht. Bitte erlauben Sie sie für diese Seite und laden Sie sie neu.",
    },
    es: Replies {
        thanks: "Revise su correo y confirme allí, por favor: después le escribiremos cuando el producto vuelva a estar disponible.",
        bad_email: "Eso no parece una dirección de correo electrónico. Revísela, por favor.",
        no_consent: "Marque, por favor, la casilla que nos permite escribirle sobre este producto.",
        too_many: "Demasiadas solicitudes a la vez. Inténtelo de nuevo más tarde, por favor.",
        not_now: "Ahora mismo no es posible. Inténtelo de nuevo más tarde, por favor.",
        back: "Volver a la tienda",
        check: "Un momento, por favor: comprobamos que esto no lo ha enviado un robot.",
        check_needs_scripts: "Para esto se necesitan scripts (JavaScript). Permítalos en esta página y vuelva a cargarla, por favor.",
    },
    fi: Replies {
        thanks: "Tarkista sähköpostisi ja vahvista siellä: sitten kirjoitamme, kun tuotetta on taas varastossa.",
        bad_email: "Tämä ei näytä sähköpostiosoitteelta. Tarkista se.",
        no_consent: "Rastita, että saamme kirjoittaa sinulle tästä tuotteesta.",
        too_many: "Liikaa pyyntöjä kerralla. Yritä myöhemmin uudelleen.",
        not_now: "Tämä ei onnistu juuri nyt. Yritä myöhemmin uudelleen.",
        back: "Takaisin kauppaan",
        check: "Hetki: varmistamme, ettei tätä lähettänyt robotti.",
        check_needs_scripts: "Tähän tarvitaan skriptejä (JavaScript). Salli ne tällä sivulla ja lataa se uudelleen.",
    },
    fr: Replies {
        thanks: "Merci de consulter vos e-mails et d’y confirmer\u{a0}: nous vous écrirons ensuite dès le retour du produit.",
        bad_email: "Cela ne ressemble pas à une adresse e-mail. Merci de la vérifier.",
        no_consent: "Merci de cocher la case qui nous permet de vous écrire au sujet de ce produit.",
        too_many: "Trop de demandes à la fois. Merci de réessayer plus tard.",
        not_now: "Ce n’est pas possible pour le moment. Merci de réessayer plus tard.",
        back: "Retour à la boutique",
        check: "Un instant\u{a0}: nous vérifions que ceci n’a pas été envoyé par un robot.",
        check_needs_scripts: "Cela nécessite des scripts (JavaScript). Merci de les autoriser pour cette page et de la recharger.",
    },
    he: Replies {
        thanks: "נא לבדוק את הדוא״ל ולאשר שם: לאחר מכן נכתוב כשהמוצר יחזור למלאי.",
        bad_email: "זה לא נראה כמו כתובת דוא״ל. נא לבדוק אותה.",
        no_consent: "נא לסמן הסכמה לקבלת הודעות על המוצר הזה.",
        too_many: "יותר מדי בקשות בבת אחת. נא לנסות שוב מאוחר יותר.",
        not_now: "זה לא אפשרי כרגע. נא לנסות שוב מאוחר יותר.",
        back: "חזרה לחנות",
        check: "רק רגע: אנו מוודאים שהבקשה לא נשלחה על ידי רובוט.",
        check_needs_scripts: "לשם כך דרושים סקריפטים (JavaScript). נא לאפשר אותם בדף הזה ולטעון אותו מחדש.",
    },
    it: Replies {
        thanks: "La preghiamo di controllare la posta e di confermare lì: poi Le scriveremo quando il prodotto sarà di nuovo disponibile.",
        bad_email: "Non sembra un indirizzo e-mail. La preghiamo di controllarlo.",
        no_consent: "La preghiamo di spuntare la casella che ci permette di scriverLe su questo prodotto.",
        too_many: "Troppe richieste in una volta. La preghiamo di riprovare più tardi.",
        not_now: "Al momento non è possibile. La preghiamo di riprovare più tardi.",
        back: "Torna al negozio",
        check: "Un momento: verifichiamo che non sia stato un robot a inviare la richiesta.",
        check_needs_scripts: "Per questo servono gli script (JavaScript). La preghiamo di consentirli per questa pagina e di ricaricarla.",
    },
    ja: Replies {
        thanks: "メールをご確認のうえ、お申し込みを確定してください。その後、再入荷しましたらメールでお知らせします。",
        bad_email: "メールアドレスの形式が正しくないようです。ご確認ください。",
        no_consent: "この商品に関するご連絡に同意する欄にチェックを入れてください。",
        too_many: "一度に多くのお申し込みがありました。しばらくしてからもう一度お試しください。",
        not_now: "ただいま受け付けることができません。しばらくしてからもう一度お試しください。",
        back: "ショップに戻る",
        check: "少々お待ちください。ロボットによる送信でないことを確認しています。",
        check_needs_scripts: "この確認にはスクリプト（JavaScript）が必要です。このページで有効にして、再読み込みしてください。",
    },
    ko: Replies {
        thanks: "메일을 확인하고 신청을 확정해 주세요. 그러면 재입고될 때 메일로 알려 드리겠습니다.",
        bad_email: "이메일 주소가 아닌 것 같습니다. 확인해 주세요.",
        no_consent: "이 상품에 관한 메일 수신 동의에 체크해 주세요.",
        too_many: "한꺼번에 요청이 너무 많습니다. 나중에 다시 시도해 주세요.",
        not_now: "지금은 접수할 수 없습니다. 나중에 다시 시도해 주세요.",
        back: "쇼핑몰로 돌아가기",
        check: "잠시만 기다려 주세요. 로봇이 보낸 것이 아닌지 확인하고 있습니다.",
        check_needs_scripts: "이 확인에는 스크립트(JavaScript)가 필요합니다. 이 페이지에서 허용한 뒤 새로 고쳐 주세요.",
    },
    nl: Replies {
        thanks: "Kijk alstublieft in uw mail en bevestig daar: dan schrijven we u zodra het product er weer is.",
        bad_email: "Dit lijkt geen e-mailadres te zijn. Controleer het alstublieft.",
        no_consent: "Vink alstublieft aan dat we u over dit product mogen schrijven.",
        too_many: "Dat was te veel tegelijk. Probeer het later opnieuw.",
        not_now: "Dit lukt nu even niet. Probeer het later opnieuw.",
        back: "Terug naar de winkel",
        check: "Een ogenblik: we gaan na dat dit niet door een robot is verzonden.",
        check_needs_scripts: "Hiervoor zijn scripts (JavaScript) nodig. Sta ze toe voor deze pagina en laad die opnieuw.",
    },
    pl: Replies {
        thanks: "Proszę sprawdzić pocztę i tam potwierdzić: wtedy napiszemy, gdy produkt znów będzie dostępny.",
        bad_email: "To nie wygląda na adres e-mail. Proszę go sprawdzić.",
        no_consent: "Proszę zaznaczyć zgodę na wiadomości o tym produkcie.",
        too_many: "Zbyt wiele zgłoszeń naraz. Proszę spróbować później.",
        not_now: "Teraz nie jest to możliwe. Proszę spróbować później.",
        back: "Powrót do sklepu",
        check: "Chwileczkę: sprawdzamy, czy nie wysłał tego robot.",
        check_needs_scripts: "Do tego potrzebne są skrypty (JavaScript). Proszę zezwolić na nie na tej stronie i ją odświeżyć.",
    },
    pt: Replies {
        thanks: "Verifique seu e-mail e confirme por lá: depois escreveremos quando o produto voltar.",
        bad_email: "Isso não parece um endereço de e-mail. Verifique, por favor.",
        no_consent: "Marque, por favor, que podemos escrever para você sobre este produto.",
        too_many: "Muitas solicitações de uma só vez. Tente de novo mais tarde, por favor.",
        not_now: "Não é possível neste momento. Tente de novo mais tarde, por favor.",
        back: "Voltar à loja",
        check: "Um momento: estamos verificando se isto não foi enviado por um robô.",
        check_needs_scripts: "Para isso são necessários scripts (JavaScript). Permita-os nesta página e recarregue-a, por favor.",
    },
    sv: Replies {
        thanks: "Titta i din mejl och bekräfta där: sedan skriver vi när varan är tillbaka i lager.",
        bad_email: "Det ser inte ut som en e-postadress. Kontrollera den, tack.",
        no_consent: "Kryssa för att vi får skriva till dig om den här varan, tack.",
        too_many: "Det var för mycket på en gång. Försök igen senare.",
        not_now: "Det går inte just nu. Försök igen senare.",
        back: "Tillbaka till butiken",
        check: "Ett ögonblick: vi ser till att det här inte skickades av en robot.",
        check_needs_scripts: "Det här kräver skript (JavaScript). Tillåt dem för den här sidan och ladda om den.",
    },
    tr: Replies {
        thanks: "Lütfen e-postanıza bakıp onaylayın: Ürün yeniden stokta olduğunda size yazacağız.",
        bad_email: "Bu bir e-posta adresine benzemiyor. Lütfen kontrol edin.",
        no_consent: "Lütfen bu ürün hakkında size yazabileceğimizi işaretleyin.",
        too_many: "Aynı anda çok fazla istek geldi. Lütfen daha sonra yeniden deneyin.",
        not_now: "Bu şu anda mümkün değil. Lütfen daha sonra yeniden deneyin.",
        back: "Mağazaya dön",
        check: "Bir dakika: Bunu bir robotun göndermediğini doğruluyoruz.",
        check_needs_scripts: "Bunun için betikler (JavaScript) gerekiyor. Lütfen bu sayfada izin verip sayfayı yenileyin.",
    },
    uk: Replies {
        thanks: "Перевірте, будь ласка, пошту й підтвердьте там: тоді ми напишемо, коли товар знову буде в наявності.",
        bad_email: "Це не схоже на адресу електронної пошти. Перевірте її, будь ласка.",
        no_consent: "Позначте, будь ласка, що ми можемо писати вам про цей товар.",
        too_many: "Забагато запитів одразу. Спробуйте, будь ласка, пізніше.",
        not_now: "Зараз це неможливо. Спробуйте, будь ласка, пізніше.",
        back: "Назад до магазину",
        check: "Хвилинку: ми перевіряємо, що це надіслав не робот.",
        check_needs_scripts: "Для цього потрібні скрипти (JavaScript). Дозвольте їх, будь ласка, для цієї сторінки та перезавантажте її.",
    },
    zh: Replies {
        thanks: "请查看您的邮箱并在其中确认：之后到货时我们会发邮件通知您。",
        bad_email: "这似乎不是有效的邮箱地址，请检查一下。",
        no_consent: "请勾选同意我们就此商品给您发邮件。",
        too_many: "请求过于频繁，请稍后再试。",
        not_now: "暂时无法受理，请稍后再试。",
        back: "返回商店",
        check: "请稍候：我们正在确认这不是机器人发送的。",
        check_needs_scripts: "此步骤需要脚本（JavaScript）。请为本页启用脚本并重新加载。",
    },
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LANGUAGES;

    #[test]
    fn every_language_answers_in_its_own_words() {
        for language in LANGUAGES.into_iter().filter(|language| language.tag != "en") {
            assert_ne!(language.replies(), &EN, "{} answers in English", language.tag);
        }
        for (at, one) in LANGUAGES.iter().enumerate() {
            for other in LANGUAGES.iter().skip(at + 1) {
                assert_ne!(one.replies(), other.replies(), "{} is {}", one.tag, other.tag);
            }
        }
    }

    #[test]
    fn no_answer_is_empty_or_the_same_as_another() {
        for language in LANGUAGES {
            let Replies {
                thanks,
                bad_email,
                no_consent,
                too_many,
                not_now,
                back,
                check,
                check_needs_scripts,
            } = language.replies();
            let said = [
                thanks,
                bad_email,
                no_consent,
                too_many,
                not_now,
                back,
                check,
                check_needs_scripts,
            ];
            for (at, text) in said.iter().enumerate() {
                assert!(!text.trim().is_empty(), "{}: the {at}th is empty", language.tag);
                assert!(!said[at + 1..].contains(text), "{}: {text} twice", language.tag);
            }
        }
    }
}
