//! Every limit of the edge API, each with its reason.

/// SKUs of one read, one fragment or one page's socket. A listing page shows 24 to 48; KV's bulk
/// read takes 100.
pub(crate) const MAX_SKUS: usize = 50;

/// Keys of one bulk read of KV (Cloudflare's limit). What would do instead of 50 products, 12
/// candidates each, is six of them; of the one product that a page shows, one.
pub(crate) const KV_BULK_READ: usize = 100;

/// Longest JSON body: a command of 100 lines, each with the longest SKU (128 bytes), location
/// (64) and quantity, comes to 26 kB; doubled for escapes, and doubled again.
pub(crate) const MAX_JSON_BYTES: usize = 128 * 1024;

/// Longest import: 20,000 rows of 800 bytes. It is read as a stream; only its SKUs
/// and locations are held, against repetition.
pub(crate) const MAX_IMPORT_BYTES: usize = 16 * 1024 * 1024;

/// Most rows of one import. A row takes about 0.3 ms of the object's one thread (4,070 rows took
/// 1.3 s), and while a file is applied nothing else is answered: 6 s for these and 1.3 s to look
/// for candidates among them (see [`store::MAX_COMPARED`]), of the 30 s of CPU that the platform
/// grants.
pub(crate) const MAX_IMPORT_ROWS: u64 = 20_000;

/// Longest record of an import: two addresses of 2,048 bytes, a title and the other cells come to
/// 6 kB, and a list of 100 substitutes of 128 bytes to 13 kB more. Also what a file without line
/// breaks costs in memory before it is refused.
pub(crate) const MAX_RECORD_BYTES: usize = 32 * 1024;

/// Faults that a refused import names; a file with more is wrong in some larger way.
pub(crate) const MAX_CELL_FAULTS: usize = 100;

/// Longest title.
pub(crate) const MAX_TITLE_BYTES: usize = 500;

/// Longest category, options text or product id.
pub(crate) const MAX_DETAIL_BYTES: usize = 200;

/// Longest address of a page or picture; browsers and feeds take about as much.
pub(crate) const MAX_URL_BYTES: usize = 2_048;

/// Highest price, in minor units; far from 2^53, up to which JavaScript's numbers are exact.
pub(crate) const MAX_PRICE_MINOR: i64 = 1_000_000_000_000;

/// Most units that a file may count at one place.
pub(crate) const MAX_COUNT: i64 = 1_000_000_000;

/// Longest id that a sender chooses.
pub(crate) const MAX_ID_BYTES: usize = 128;

/// Longest reason.
pub(crate) const MAX_REASON_BYTES: usize = 200;

/// Highest low mark: more than that many left is plenty anywhere.
pub(crate) const MAX_LOW_MARK: u32 = 1_000;

/// Most origins that a shop lists: its site in each language, staging and development.
pub(crate) const MAX_ORIGINS: usize = 20;

/// KV writes of one alarm. The platform allows 1,000 operations an invocation; a hundred, six at a
/// time and 200 ms each, take 3.4 s, so that the next alarm is never far.
pub(crate) const KV_WRITES_PER_ALARM: i64 = 100;

/// KV writes at a time: the platform opens six connections for an invocation, and a write that
/// waits for one of them would be taken for a slow one.
pub(crate) const KV_WRITES_AT_ONCE: usize = 6;

/// The platform takes one write a second to one key.
pub(crate) const KV_WRITE_GAP_MS: i64 = 1_000;

/// How long one KV write may take before it counts as failed.
pub(crate) const KV_WRITE_TIMEOUT_MS: u64 = 3_000;

/// When a KV write of which nothing was heard counts as lost. Before that no other of the same key
/// is begun, so that an older value never lands on a newer one.
pub(crate) const KV_WRITE_LOST_MS: u64 = 60_000;

/// How long one push to a Room may take before it counts as failed.
pub(crate) const PUSH_TIMEOUT_MS: u64 = 3_000;

/// How long a change waits for what would do instead: KV answers in a tenth of that.
pub(crate) const INSTEAD_TIMEOUT_MS: u64 = 500;

/// The longest wait between two tries of an outbox row: publishing resumes at most so long after
/// the receiver does.
pub(crate) const MAX_BACKOFF_MS: i64 = 8_000;

/// Snapshots that one message to a Room carries: about 100 kB.
pub(crate) const SNAPSHOTS_PER_PUSH: i64 = 200;

/// Longest message to a Room: as many snapshots, each with two addresses, a title, substitutes and
/// the rest at their longest, 8 kB, come to 1.6 MB, and escapes may add to it.
pub(crate) const MAX_PUSH_BYTES: usize = 4 * 1024 * 1024;

/// Rooms of one shop. Each takes 32,768 sockets by the platform's limit.
pub(crate) const ROOMS: u32 = 4;

/// Sockets of one Room; a quarter of the platform's limit, since each push looks at all of them.
pub(crate) const MAX_SOCKETS: usize = 8_192;

/// Longest text from a page: 50 SKUs of 128 bytes, escaped and with their versions.
pub(crate) const MAX_FRAME_BYTES: usize = 32 * 1024;

/// Frames that a page may send in a [`FRAME_WINDOW_MS`]: one for each of its 50 elements as they
/// wake one by one, and as many again.
pub(crate) const MAX_FRAMES: u32 = 100;

/// See [`MAX_FRAMES`].
pub(crate) const FRAME_WINDOW_MS: i64 = 10_000;

/// How long a Room's lease lasts.
pub(crate) const LEASE_MS: i64 = 20 * 60 * 1_000;

/// When a Room with sockets renews its lease: so early that no clock that jumps ahead, by five
/// minutes or ten, ends it before. A lease that is too long costs nothing, for a Room that has
/// no sockets any more says so when it is told something.
pub(crate) const LEASE_RENEWED_MS: i64 = LEASE_MS / 4;

/// How old a value of KV's may be in a data centre that has read it before; the least it allows.
pub(crate) const KV_CACHE_SECONDS: u32 = 30;

/// Writes under way at a time in one isolate. One object answers at least 500 a second, so the last
/// of these waits half a second; more would only wait longer, and their callers' time run out.
pub(crate) const MAX_WRITES_UNDER_WAY: usize = 256;

/// When a write of which nothing was heard is no longer counted: its client has gone, and the
/// platform has dropped it without a word. Far longer than any write takes.
pub(crate) const WRITE_LOST_MS: i64 = 10_000;

/// How long a browser's token opens anything: as long as the longest hold made with it.
pub(crate) const BROWSER_TOKEN_MS: i64 = ledger::MAX_BROWSER_LIFETIME_MS;

/// How long units are kept for a cart that does not say: as long as people take to pay.
pub(crate) const DEFAULT_HOLD_SECONDS: u32 = 600;

/// Longest name that a caller has for a buyer.
pub(crate) const MAX_BUYER_BYTES: usize = 128;

/// Highest priority of a location.
pub(crate) const MAX_PRIORITY: u32 = 1_000;

/// Holds that one run of the alarm lets expire: 0.3 ms of the object's one thread each, so that
/// what comes in meanwhile waits for a twentieth of a second.
pub(crate) const EXPIRED_PER_RUN: i64 = 150;

/// Between two runs of the alarm for what expires: many holds that end one after the other end
/// together, at most so much later than they should.
pub(crate) const EXPIRY_GAP_MS: i64 = 250;

/// Between two sweeps of an Outreach object: nothing there ends to the second.
pub(crate) const SWEEP_GAP_MS: i64 = 60_000;

/// How often holds are let expire while the alarm waits for a slow KV.
pub(crate) const EXPIRY_TICK_MS: u64 = 500;

/// Rows of each kind that one run of the alarm removes for being old: a few milliseconds of the
/// object's one thread.
pub(crate) const SWEPT_PER_RUN: i64 = 500;

/// Within this time of a request an alarm runs, if only to remove what is old enough to go.
pub(crate) const SWEEP_WITHIN_MS: i64 = 6 * 60 * 60 * 1_000;

/// Longest form: an address (254 bytes), a SKU (128), the shop's id and the short fields come to
/// 500 bytes, 1.5 kB if all of them are percent-encoded, and with a challenge solved 2 kB more; the
/// rest is for fields of the page's own.
pub(crate) const MAX_FORM_BYTES: usize = 6 * 1024;

/// Longest token of Turnstile's, as Cloudflare documents it.
pub(crate) const MAX_CHALLENGE_BYTES: usize = 2_048;

/// How long Turnstile may take to say whether a token is good: it takes a tenth of a second.
pub(crate) const TURNSTILE_TIMEOUT_MS: u64 = 5_000;

/// A sign-up is answered when a whole number of these is over: nobody waits longer for it than they
/// notice, and half a millisecond more or less shows in one answer of a hundred.
pub(crate) const SIGN_UP_STEP_MS: u64 = 50;

/// Longest e-mail address: RFC 5321 leaves as much of a path of 256 with its two angle brackets.
pub(crate) const MAX_EMAIL_BYTES: usize = 254;

/// Longest part of it before the `@`, by RFC 5321.
pub(crate) const MAX_MAILBOX_BYTES: usize = 64;

/// Most units that somebody waits for.
pub(crate) const MAX_WANTED: u32 = 1_000;

/// Versions of the secret under which addresses are kept: one in use and those before it, each a
/// hash and a look into the database for every sign-up.
pub(crate) const MAX_CONTACT_KEYS: usize = 8;

/// Sign-ups taken from one network in a [`SIGN_UP_WINDOW_MS`]: a household that wants five variants
/// in two sizes, and three such homes, since mobile networks put many behind one address.
pub(crate) const SIGN_UPS_PER_NETWORK: i64 = 30;

/// Sign-ups that a shop takes in a [`SIGN_UP_WINDOW_MS`]: a sold-out drop's whole waitlist within an
/// hour. That is three a second on average, of the object's 500.
pub(crate) const SIGN_UPS_IN_ALL: i64 = 10_000;

/// See [`SIGN_UPS_PER_NETWORK`].
pub(crate) const SIGN_UP_WINDOW_MS: i64 = 60 * 60 * 1_000;

/// Sign-ups that a shop keeps which nobody has confirmed: ten such hours. Each is about 300 bytes
/// with its indexes, so 30 MB of the object's 10 GB.
pub(crate) const MAX_SIGN_UPS: i64 = 100_000;

/// How long a sign-up is kept that nobody confirms: whoever comes home from a holiday still can,
/// and no address of somebody who never asked is kept for longer than the month within which a
/// request to erase it would have to be met (GDPR, article 12 (3)).
pub(crate) const SIGN_UP_LIFETIME_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// Orders, or purchase orders, of one page: each is some ten statements to read.
pub(crate) const MAX_ORDERS_PER_PAGE: i64 = 100;

/// How long a desk stays open after its key was given: an hour's work, on a machine that others may
/// sit at.
pub(crate) const DESK_MS: i64 = 60 * 60 * 1_000;

/// Alerts of one person that their page shows; with some hundred it is long enough. Whoever has more
/// ends those first, or all.
pub(crate) const ALERTS_SHOWN: usize = 100;

/// Longest name of a shop: a mail program's list shows some 30 characters of a sender.
pub(crate) const MAX_SHOP_NAME_CHARS: usize = 60;

/// Longest name of a supplier.
pub(crate) const MAX_SUPPLIER_BYTES: usize = 128;

/// Rows of waiting orders, and places of waitlists, that the alarm looks at before it lets others
/// have their turn: some 20 ms each.
pub(crate) const SETTLED_PER_STEP: i64 = 50;

/// Such steps in one run of the alarm: half a second's worth. Nothing else is published while it runs
/// on, and what is sold is to be seen within two seconds.
pub(crate) const SETTLED_STEPS_PER_RUN: usize = 25;

/// How often Outreach is told of claims in one run, and how often of orders: half a second's worth,
/// and more than the offers of one run.
pub(crate) const TOLD_PER_RUN: usize = 20;

/// How long Outreach may take to hear of something: it takes some hundredths of a second.
pub(crate) const OUTREACH_TIMEOUT_MS: u64 = 5_000;

/// How long a buyer's link to their order works: as long as movements are kept.
pub(crate) const ORDER_LINK_MS: i64 = store::MOVEMENTS_KEPT_MS;

/// For so long nobody is asked again whether they signed up for the same SKU: whoever does not find
/// the message signs up once more, and whoever knows somebody's address does no more than that.
pub(crate) const ASK_GAP_MS: i64 = 60 * 60 * 1_000;

/// For how many SKUs an address is asked in a day: somebody who wants five variants in two sizes.
/// A stranger who signs it up for a whole catalogue sends it no more than those.
pub(crate) const ASKS_PER_DAY: i64 = 10;

/// How long a confirmed sign-up is kept, as long as movements are: what has not come back by then
/// is not waited for any more.
pub(crate) const CONFIRMED_LIFETIME_MS: i64 = store::MOVEMENTS_KEPT_MS;

/// How long it can be proved after that who agreed to what: three years, after which in most of
/// Europe nobody can ask for it any more (in Germany BGB, section 195).
pub(crate) const PROOF_KEPT_MS: i64 = 3 * 365 * 24 * 60 * 60 * 1_000;

/// Tries of a message. The waits between them, of [`FIRST_MAIL_WAIT_MS`] and doubled up to
/// [`LONGEST_MAIL_WAIT_MS`], come to 12 of 20,475 s in all and 4 of 4 h: 21.7 h. Providers know an
/// idempotency key for a day, so the last try is still known for the same message as the first.
pub(crate) const MAIL_TRIES: i64 = 17;

/// The wait after the first try in vain.
pub(crate) const FIRST_MAIL_WAIT_MS: i64 = 5_000;

/// The longest wait between two tries.
pub(crate) const LONGEST_MAIL_WAIT_MS: i64 = 4 * 60 * 60 * 1_000;

/// How long a provider may take to answer: they take a tenth of a second.
pub(crate) const MAIL_TIMEOUT_MS: u64 = 10_000;

/// Mails that are leased together and sent at a time: the platform opens six connections for an
/// invocation.
pub(crate) const MAILS_AT_ONCE: usize = 6;

/// Messages that one message of the queue names: four rounds of [`MAILS_AT_ONCE`], each of which
/// may take [`MAIL_TIMEOUT_MS`] and before that the Limiters' [`LIMITER_TIMEOUT_MS`], come to 52 s.
pub(crate) const MAILS_PER_QUEUE_MESSAGE: usize = 20;

/// How long a lease lasts: far longer than those 13 s of its round and the word of it can take.
pub(crate) const MAIL_LEASE_MS: i64 = 90_000;

/// When messages of which nothing was heard since they were handed to the queue are handed to it
/// again. It hands on in seconds; what it has twice by then is leased once.
pub(crate) const HANDED_AGAIN_MS: i64 = 120_000;

/// Messages that one alarm hands to the queue: five messages of the queue's.
pub(crate) const HANDED_PER_RUN: i64 = 100;

/// Places that an Outreach object tells the Shop object of in one run of its alarm, one after the
/// other: a second's worth.
pub(crate) const PLACES_PER_RUN: i64 = 100;

/// How long anybody wants to hear that something is back of which nothing is kept for them.
pub(crate) const BACK_LIFETIME_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// How long a message waits for others that can be said with it, where nobody's time runs: that
/// something is back, or what became of an order. A delivery is booked in within a minute, line by
/// line; who is told of all of it then has one mail to read.
pub(crate) const GATHERED_MS: i64 = 60 * 1_000;

/// How long a claim's link says what has become of it, after its time.
pub(crate) const CLAIM_LINK_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// How often a Worker that cannot send looks whether it can now: its variables change only with a
/// deployment.
pub(crate) const MAIL_OFF_GAP_MS: i64 = 5 * 60 * 1_000;

/// Between two mails to one address that asks whether it is theirs, over all shops: whoever signs
/// up at one shop and then at another is asked again while they still remember.
pub(crate) const CONFIRMATION_GAP_MS: i64 = 10 * 60 * 1_000;

/// Such mails to one address in any 24 hours, over all shops: more than that is a stranger's doing,
/// or somebody who has three mails to find already. So a stranger who signs somebody up day by day can
/// put off what they want; more than three mails a day would be worse.
pub(crate) const CONFIRMATIONS_PER_DAY: usize = 3;

/// Such mails to all addresses in an hour of the clock: the whole waitlists of two sold-out drops,
/// each [`SIGN_UPS_IN_ALL`]. At $0.35 for 1,000 (Cloudflare's price) an attack that signs up all the
/// world costs $7 an hour, and a provider's suspicion of a sender is roused by so many bounces, not
/// by millions. In an hour that straddles two it can be twice as many. Operators whose plan bears
/// less, or more, set `CONFIRMATIONS_PER_HOUR`.
///
/// Each Limiter object counts its sixteenth by itself, so nobody has to be asked besides: 1,250, of
/// which chance has one have 70 more or fewer (two standard deviations, each the root of it). So the
/// first is full when some 95 % of all have gone, and all of them never let more than this go.
pub(crate) const CONFIRMATIONS_PER_HOUR: i64 = 2 * SIGN_UPS_IN_ALL;

/// How long a Limiter object may take to answer: they take a hundredth of a second.
pub(crate) const LIMITER_TIMEOUT_MS: u64 = 3_000;

/// When a mail is looked at again for which not all was there: the Limiter's word, or what its
/// letter says of the goods. Nobody was asked to deliver it, so it is no try.
pub(crate) const UNREADY_GAP_MS: i64 = 30_000;

/// When a network that the platform's own fence has turned away may come again: its counter's
/// period, as `wrangler.toml` has it.
pub(crate) const FENCE_SECONDS: i64 = 60;
