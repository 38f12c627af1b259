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

const kv :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [(name = "kv.js", esModule = embed "kv.js")],
);
