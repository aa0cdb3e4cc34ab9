// How a component other than the cloud controller becomes and stays a part of the cloud.
//
//   registry::Membership membership(runtime, {.state_dir = config.state_dir, .role = Role::node});
//   CO_TRY_VOID(co_await membership.join());         // returns once enrolled
//   soap::SoapServer soap(runtime, membership.self(), membership.table(), dispatcher,
//                         membership.server_options());
//   ... soap::call<...>(membership.channel(), membership.cloud_name(), request) ...
//
// join() makes the keys, and enrols with the token in STATE_DIR/enrolment-token when there is one;
// a token beats an earlier enrolment. Without either it waits for a token to appear, and
// why_not_ready() says which command makes one. Then it loads the registry and keeps it fresh in
// the background until the runtime stops.
//
// Files in STATE_DIR: keys/ (identity.h), enrolment-token (deleted once used), registry.enrolment
// (who this component is and who the cloud controller is), registry.signed (the last document).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "common/registry/identity.h"
#include "common/registry/table.h"
#include "common/registry/token.h"
#include "common/soap/soap_channel.h"
#include "common/soap/soap_server.h"

namespace angophora::registry {

struct MembershipOptions {
  std::string state_dir;
  soap::Role role = soap::Role::node;
  TableOptions table = {};
  soap::Freshness freshness = {};
  std::chrono::milliseconds token_poll{250};  // how often the folder is looked at for a token
};

// What this component knows from its enrolment.
struct Enrolment {
  common::ServiceName name;
  common::ServiceName cloud_name;
  crypto::Certificate cloud_certificate;
};

// I/O thread only; outlives all that uses its parts.
class Membership {
 public:
  Membership(common::Runtime& runtime, MembershipOptions options);
  ~Membership();

  // Returns when this component is enrolled. Errc::cancelled when the daemon is told to stop
  // before; otherwise fails only when the state folder cannot be used.
  Task<> join();

  // Why this component is not ready for work, for /readyz; empty when it is. Any time.
  std::string why_not_ready() const;

  // After join().
  const Identity& identity() const;
  common::ServiceName name() const;
  common::ServiceName cloud_name() const;
  common::ZoneName zone() const;  // of the newest registry
  soap::Self self() const;
  soap::SoapServerOptions server_options() const;
  RegistryTable& table();
  soap::Channel& channel();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace angophora::registry
