# What xtask runs in workerd without wrangler: the built Worker, the rivals of the bench, and the
# KV that all of them read. The sockets' ports are whatever is free. "/index.js" is looked up in
# the folder that --import-path names, so that other builds of the Worker can be run, too.

using Workerd = import "/workerd/workerd.capnp";

const alone :Workerd.Config = (
  services = [
    (name = "backroom", worker = .backroom),
    (name = "kv", worker = .kv),
    (name = "state", disk = (writable = true)),
  ],
  sockets = [
    (name = "backroom", address = "127.0.0.1:0", http = (), service = "backroom"),
  ],
);

# With a storage that fails now and then.
const faulty :Workerd.Config = (
  services = [
    (name = "backroom", worker = .backroomOnFaults),
    (name = "kv", worker = .kv),
    (name = "state", disk = (writable = true)),
  ],
  sockets = [
    (name = "backroom", address = "127.0.0.1:0", http = (), service = "backroom"),
  ],
);

const bench :Workerd.Config = (
  services = [
    (name = "backroom", worker = .backroom),
    (name = "read", worker = .read),
    (name = "hold", worker = .hold),
    (name = "kv", worker = .kv),
    (name = "state", disk = (writable = true)),
  ],
  sockets = [
    (name = "backroom", address = "127.0.0.1:0", http = (), service = "backroom"),
    (name = "read", address = "127.0.0.1:0", http = (), service = "read"),
    (name = "hold", address = "127.0.0.1:0", http = (), service = "hold"),
  ],
);

# Each as in the bench, with a meter around it.
const meter :Workerd.Config = (
  services = [
    (name = "backroom", worker = .backroomMetered),
    (name = "hold", worker = .holdMetered),
    (name = "kv", worker = .kv),
    (name = "state", disk = (writable = true)),
  ],
  sockets = [
    (name = "backroom", address = "127.0.0.1:0", http = (), service = "backroom"),
    (name = "hold", address = "127.0.0.1:0", http = (), service = "hold"),
  ],
);

# With an object that is elsewhere and busy.
const distant :Workerd.Config = (
  services = [
    (name = "backroom", worker = .backroomDistant),
    (name = "kv", worker = .kv),
    (name = "state", disk = (writable = true)),
  ],
  sockets = [
    (name = "backroom", address = "127.0.0.1:0", http = (), service = "backroom"),
  ],
);

# With mail: a queue, a KV that outlives a kill, a provider on this machine, and the clock that the
# environment says.
const mailing :Workerd.Config = (
  services = [
    (name = "backroom", worker = .backroomMailing),
    (name = "queue", worker = .queue),
    (name = "kv", worker = .keptKv),
    (name = "state", disk = (writable = true)),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [
    (name = "backroom", address = "127.0.0.1:0", http = (), service = "backroom"),
  ],
);

# The same with the meter around it, and the clock as it is.
const mailMeter :Workerd.Config = (
  services = [
    (name = "backroom", worker = .backroomMailingMetered),
    (name = "queue", worker = .queue),
    (name = "kv", worker = .keptKv),
    (name = "state", disk = (writable = true)),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [
    (name = "backroom", address = "127.0.0.1:0", http = (), service = "backroom"),
  ],
);

const compatibilityDate :Text = "2026-11-01";

const backroomBindings :List(Workerd.Worker.Binding) = [
  (name = "SNAPSHOTS", kvNamespace = "kv"),
  (name = "SHOP", durableObjectNamespace = "Shop"),
  (name = "ROOM", durableObjectNamespace = "Room"),
  (name = "OUTREACH", durableObjectNamespace = "Outreach"),
  (name = "LIMITER", durableObjectNamespace = "Limiter"),
  (name = "OPERATOR_SECRET", fromEnvironment = "OPERATOR_SECRET"),
  # Names the bug that a build with the feature `bugs` shows; nothing else looks at it.
  (name = "BUG", fromEnvironment = "BUG"),
];

const backroomObjects :List(Workerd.Worker.DurableObjectNamespace) = [
  (className = "Shop", uniqueKey = "shop", enableSql = true),
  (className = "Room", uniqueKey = "room", enableSql = true),
  (className = "Outreach", uniqueKey = "outreach", enableSql = true),
  (className = "Limiter", uniqueKey = "limiter", enableSql = true),
];

const backroom :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "index.js", esModule = embed "/index.js"),
    (name = "index_bg.wasm", wasm = embed "/index_bg.wasm"),
  ],
  bindings = .backroomBindings,
  durableObjectNamespaces = .backroomObjects,
  durableObjectStorage = (localDisk = "state"),
);

const backroomOnFaults :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "faults.js", esModule = embed "faults.js"),
    (name = "index.js", esModule = embed "/index.js"),
    (name = "index_bg.wasm", wasm = embed "/index_bg.wasm"),
  ],
  bindings = .backroomBindings,
  durableObjectNamespaces = .backroomObjects,
  durableObjectStorage = (localDisk = "state"),
);

const read :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "read.js", esModule = embed "../bench/read.js"),
    (name = "widget.css", text = embed "../../widget/src/widget.css"),
  ],
  bindings = [
    (name = "SNAPSHOTS", kvNamespace = "kv"),
    (name = "BUILD", fromEnvironment = "BUILD"),
  ],
);

const holdBindings :List(Workerd.Worker.Binding) = [
  (name = "SNAPSHOTS", kvNamespace = "kv"),
  (name = "SHOP", durableObjectNamespace = "Shop"),
  (name = "OPERATOR_SECRET", fromEnvironment = "OPERATOR_SECRET"),
];

const holdObjects :List(Workerd.Worker.DurableObjectNamespace) = [
  (className = "Shop", uniqueKey = "hold", enableSql = true),
];

const hold :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [(name = "hold.js", esModule = embed "../bench/hold.js")],
  bindings = .holdBindings,
  durableObjectNamespaces = .holdObjects,
  durableObjectStorage = (localDisk = "state"),
);

const backroomMetered :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "meter.js", esModule = embed "../bench/meter.js"),
    (name = "index.js", esModule = embed "/index.js"),
    (name = "index_bg.wasm", wasm = embed "/index_bg.wasm"),
  ],
  bindings = .backroomBindings,
  durableObjectNamespaces = .backroomObjects,
  durableObjectStorage = (localDisk = "state"),
);

const backroomDistant :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "distant.js", esModule = embed "../bench/distant.js"),
    (name = "index.js", esModule = embed "/index.js"),
    (name = "index_bg.wasm", wasm = embed "/index_bg.wasm"),
  ],
  bindings = .backroomBindings,
  durableObjectNamespaces = .backroomObjects,
  durableObjectStorage = (localDisk = "state"),
);

const holdMetered :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "meter.js", esModule = embed "../bench/meter.js"),
    (name = "index.js", esModule = embed "../bench/hold.js"),
  ],
  bindings = .holdBindings,
  durableObjectNamespaces = .holdObjects,
  durableObjectStorage = (localDisk = "state"),
);

const mailBindings :List(Workerd.Worker.Binding) = [
  (name = "SNAPSHOTS", kvNamespace = "kv"),
  (name = "SHOP", durableObjectNamespace = "Shop"),
  (name = "ROOM", durableObjectNamespace = "Room"),
  (name = "OUTREACH", durableObjectNamespace = "Outreach"),
  (name = "LIMITER", durableObjectNamespace = "Limiter"),
  (name = "MAIL", queue = "queue"),
  (name = "OPERATOR_SECRET", fromEnvironment = "OPERATOR_SECRET"),
  (name = "CONTACT_KEYS", fromEnvironment = "CONTACT_KEYS"),
  (name = "SIGNING_SECRET", fromEnvironment = "SIGNING_SECRET"),
  (name = "MAIL_API_URL", fromEnvironment = "MAIL_API_URL"),
  (name = "MAIL_API_KEY", text = "a provider's key"),
  (name = "MAIL_FROM", text = "alerts@backroom.example"),
  (name = "PUBLIC_URL", text = "https://backroom.example"),
  (name = "CLIENT_ADDRESS_HEADER", text = "x-client"),
  (name = "BUG", fromEnvironment = "BUG"),
  (name = "HASTE", fromEnvironment = "HASTE"),
  (name = "HASTE_FROM", fromEnvironment = "HASTE_FROM"),
];

const backroomMailing :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "haste.js", esModule = embed "haste.js"),
    (name = "index.js", esModule = embed "/index.js"),
    (name = "index_bg.wasm", wasm = embed "/index_bg.wasm"),
  ],
  bindings = .mailBindings,
  durableObjectNamespaces = .backroomObjects,
  durableObjectStorage = (localDisk = "state"),
);

const backroomMailingMetered :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "meter.js", esModule = embed "../bench/meter.js"),
    (name = "index.js", esModule = embed "/index.js"),
    (name = "index_bg.wasm", wasm = embed "/index_bg.wasm"),
  ],
  bindings = .mailBindings,
  durableObjectNamespaces = .backroomObjects,
  durableObjectStorage = (localDisk = "state"),
);

const queue :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  # To call a Worker's handler for a queue.
  compatibilityFlags = ["service_binding_extra_handlers"],
  modules = [(name = "queue.js", esModule = embed "queue.js")],
  bindings = [
    (name = "CONSUMER", service = "backroom"),
    (name = "QUEUE_WAIT_MS", fromEnvironment = "QUEUE_WAIT_MS"),
  ],
);

const keptKv :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [(name = "kept-kv.js", esModule = embed "kept-kv.js")],
  bindings = [(name = "DISK", service = "state")],
);

const kv :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [(name = "kv.js", esModule = embed "kv.js")],
);
