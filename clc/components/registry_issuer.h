// Makes the registry: who is who in the cloud, signed, versioned, for all components and for this
// one. Made anew whenever a component is registered, enrolled, changed or removed, and once in a
// while so that copies do not grow too old.
//
// I/O thread only.
#pragma once

#include <optional>

#include "clc/services.h"
#include "common/registry/table.h"

namespace angophora::clc {

inline constexpr std::chrono::hours kRegistryRenewal{1};

class RegistryIssuer {
 public:
  RegistryIssuer(Services& services, registry::RegistryTable& table)
      : services_(services), table_(table) {}

  // Issues the present state of the database unless that was issued already.
  Task<> refresh();
  // Refreshes after changes and signs afresh now and then, until the daemon stops.
  common::awaitable<void> run();

  // As soon as there is one newer than `known`, else after `wait`; the newest in any case.
  Task<cloud__signedRegistry> newer_than(std::int64_t known, common::Duration wait);
  std::int64_t version() const { return issued_ ? issued_->version : 0; }

 private:
  Services& services_;
  registry::RegistryTable& table_;
  std::optional<cloud__signedRegistry> issued_;
  common::SteadyTime issued_at_{};
  common::Wake changed_;
};

}  // namespace angophora::clc
