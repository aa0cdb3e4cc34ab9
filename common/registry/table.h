// The registry in memory: who is who, for those who check messages, make calls or look for a
// component. The cloud controller, who issues the registry, sets it; all others take what it has
// signed.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/registry/document.h"
#include "common/runtime/runtime.h"
#include "common/soap/peers.h"

namespace angophora::registry {

struct TableOptions {
  // Without a newer document for so long nobody is trusted any more but the cloud controller, whose
  // certificate was pinned at enrolment: it is the one to ask for a newer document.
  std::chrono::seconds age_max{std::chrono::hours(24 * 7)};
};

// I/O thread only, but the tables it hands out may be read by any thread.
class RegistryTable final : public soap::PeerSource {
 public:
  explicit RegistryTable(common::Runtime& runtime, TableOptions options = {});

  // Takes a document that was opened with open_registry(). Errc::invalid_argument when it is older
  // than the present one (a lower version, or the same issued earlier) or already too old.
  Result<> accept(const t__registry& registry);
  // Takes the document that was kept over a restart, however old it is.
  void restore(const t__registry& registry);
  // For the issuer and for simulations: never too old.
  void set(const t__registry& registry);

  std::shared_ptr<const soap::Peers> peers() const override;
  void heard_of_version(std::int64_t version) override;

  std::int64_t version() const;  // 0 before the first
  // Why the document at hand is not to be trusted for its age; empty when it is.
  std::string why_too_old() const override;
  // The cloud controller said that it does not know this component, or no longer.
  void set_disowned(bool disowned) { disowned_ = disowned; }
  bool disowned() const { return disowned_; }
  // The highest version that was heard of; more than version() means that there is a newer one.
  std::int64_t known_version() const { return known_version_; }
  std::optional<soap::Peer> find(const common::ServiceName& name) const;
  // By name. `zone` limits to those of that zone.
  std::vector<soap::Peer> of_role(soap::Role role, const common::ZoneName& zone = {}) const;
  std::optional<soap::Peer> cloud() const;

  // Notified after each change and when a newer version was heard of.
  common::Wake changed;

 private:
  void install(const t__registry& registry);

  common::Runtime& runtime_;
  TableOptions options_;
  std::shared_ptr<const soap::Peers> peers_;
  std::shared_ptr<const soap::Peers> cloud_only_;  // of the same document
  std::int64_t known_version_ = 0;
  bool disowned_ = false;
  common::SysTime issued_{};
  bool is_issuer_ = false;
};

// Entries without certificates, with unknown types or broken certificates are left out and logged.
std::vector<soap::Peer> peers_of(const t__registry& registry);

}  // namespace angophora::registry
