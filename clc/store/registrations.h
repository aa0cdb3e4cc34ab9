// The other daemons: what was registered, what they enrolled with, and the one-time tokens. Every
// change raises the registry's version.
#pragma once

#include <optional>
#include <vector>

#include "clc/domain/service.h"
#include "clc/store/rows.h"

namespace angophora::clc {

struct EnrolmentToken {
  std::string id;
  ServiceName service;
  std::string secret;  // sealed (clc/domain/secrets.h)
  common::SysTime expires_at{};
};

class Registrations {
 public:
  explicit Registrations(Tx& tx) : tx_(tx) {}

  // ServiceErrc::exists when the name or the address is taken.
  Result<> insert(const Service& service);
  Result<> remove(const ServiceName& name);  // ServiceErrc::not_found
  Result<> set_wanted(const ServiceName& name, WantedState wanted);
  // Pins the certificates and uses up every token of that service.
  Result<> enrol(const ServiceName& name, std::string_view signing_der,
                 std::string_view encryption_der, common::SysTime now);

  Result<Service> get(const ServiceName& name);  // ServiceErrc::not_found
  Result<std::vector<Service>> list();           // by name
  // Who keeps a zone's volumes now: enrolled, and not stopped by an administrator.
  Result<std::optional<Service>> storage_of(const ZoneName& zone);
  Result<std::int64_t> version();
  // True when a node holds, or the zone of a cluster controller has, instances that are not
  // terminated.
  Result<bool> has_instances(const Service& service);
  // True when the zone of a storage controller has volumes.
  Result<bool> has_volumes(const Service& service);

  // Replaces earlier tokens of that service.
  Result<> issue(const EnrolmentToken& token);
  // Nothing when there is none; one that is over is returned as it is.
  Result<std::optional<EnrolmentToken>> find_token(std::string_view id);
  Result<std::vector<EnrolmentToken>> tokens();
  Result<> set_token_secret(std::string_view id, std::string_view sealed);  // the same secret

 private:
  Result<> changed();
  Tx& tx_;
};

}  // namespace angophora::clc
