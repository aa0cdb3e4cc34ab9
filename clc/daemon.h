// The cloud controller, put together. main.cc builds it from its settings; tests and simulations
// build it with seams of their own.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "clc/components/registry_issuer.h"
#include "clc/components/service_poller.h"
#include "clc/http/front_door.h"
#include "clc/operations/operations.h"
#include "clc/services.h"
#include "common/admin/admin.h"
#include "common/soap/soap_channel.h"
#include "common/soap/soap_server.h"

namespace angophora::clc {

// What a test or simulation replaces.
struct Seams {
  bool listen = true;                   // false: no sockets at all
  std::optional<CloudKeys> keys;        // instead of those in STATE_DIR/keys
  std::optional<db::Options> database;  // instead of STATE_DIR/clc.sqlite
  // Instead of SOAP over TLS.
  std::function<std::unique_ptr<soap::Channel>(registry::RegistryTable&)> make_channel;
};

// I/O thread only. `runtime` outlives it, and it outlives the runtime's last coroutine.
class Daemon {
 public:
  Daemon(common::Runtime& runtime, Config config, Seams seams = {});
  ~Daemon();

  // Returns when everything is served; from then on it works until the runtime stops.
  Task<> start();

  // After start().
  std::uint16_t port() const;
  std::uint16_t internal_port() const;
  std::uint16_t admin_port() const;
  Services& services();
  soap::Dispatcher& dispatcher();
  FrontDoor& front_door();

 private:
  struct Parts;
  Task<> open_state();
  Result<> open_database(const db::Options& options);
  Result<> build_parts();
  Result<> listen();

  common::Runtime& runtime_;
  Config config_;
  Seams seams_;
  std::unique_ptr<Parts> parts_;
};

}  // namespace angophora::clc
