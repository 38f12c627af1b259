# One workerd with both Workers in it, each on a socket of its own, and the KV that both read.
# `cargo xtask bench read` starts it; the sockets' ports are whatever is free.

using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "backroom", worker = .backroom),
    (name = "rival", worker = .rival),
    (name = "kv", worker = .kv),
    (name = "state", disk = (writable = true)),
  ],
  sockets = [
    (name = "backroom", address = "127.0.0.1:0", http = (), service = "backroom"),
    (name = "rival", address = "127.0.0.1:0", http = (), service = "rival"),
  ],
);

const compatibilityDate :Text = "2026-11-01";

const backroom :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "index.js", esModule = embed "../../../build/worker/index.js"),
    (name = "index_bg.wasm", wasm = embed "../../../build/worker/index_bg.wasm"),
  ],
  bindings = [
    (name = "SNAPSHOTS", kvNamespace = "kv"),
    (name = "SHOP", durableObjectNamespace = "Shop"),
    (name = "ROOM", durableObjectNamespace = "Room"),
    (name = "OPERATOR_SECRET", fromEnvironment = "OPERATOR_SECRET"),
  ],
  durableObjectNamespaces = [
    (className = "Shop", uniqueKey = "shop", enableSql = true),
    (className = "Room", uniqueKey = "room", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "state"),
);

const rival :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [
    (name = "rival.js", esModule = embed "rival.js"),
    (name = "widget.css", text = embed "../../widget/src/widget.css"),
  ],
  bindings = [
    (name = "SNAPSHOTS", kvNamespace = "kv"),
    (name = "BUILD", fromEnvironment = "BUILD"),
  ],
);

const kv :Workerd.Worker = (
  compatibilityDate = .compatibilityDate,
  modules = [(name = "kv.js", esModule = embed "kv.js")],
);
