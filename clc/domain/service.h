// The other daemons as the cloud controller knows them: what was registered, what was last heard,
// and what state that makes.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "clc/domain/ids.h"
#include "common/base/result.h"
#include "common/runtime/runtime.h"

namespace angophora::clc {

enum class ServiceType { cloud, cluster, node, walrus, storage };
std::string_view to_string(ServiceType type);
std::optional<ServiceType> parse_service_type(std::string_view text);
// Types that belong to an availability zone.
bool has_zone(ServiceType type);
// The port of a daemon's internal listener unless set otherwise.
std::uint16_t default_port(ServiceType type);

enum class WantedState { enabled, stopped };
enum class ServiceState { enabled, stopped, notready };
std::string_view to_string(ServiceState state);  // ENABLED, STOPPED, NOTREADY

struct Service {
  ServiceName name;
  ServiceType type = ServiceType::node;
  ZoneName zone;  // "" for types that have none
  std::string host;
  std::uint16_t port = 0;
  WantedState wanted = WantedState::enabled;
  std::string signing_certificate;     // DER; "" until enrolled
  std::string encryption_certificate;  // DER; "" until enrolled
  common::SysTime registered_at{};
  std::optional<common::SysTime> enrolled_at;
  bool enrolled() const { return enrolled_at.has_value(); }
};

struct ServiceHealth {
  ServiceState state = ServiceState::notready;
  std::string reason;  // a sentence; "" when all is well
};

struct HealthLimits {
  common::Duration silence_max = std::chrono::seconds(5);
  std::chrono::milliseconds skew_max = std::chrono::seconds(20);
};

// What was last heard of each service. In memory only: silence after a restart ends by itself.
// I/O thread only.
class ServiceStates {
 public:
  explicit ServiceStates(HealthLimits limits = {}) : limits_(limits) {}

  // It answered: its own opinion of itself, its program's version, and how far its clock is ahead.
  void heard(const ServiceName& name, bool ready, std::string reason, std::string version,
             std::chrono::milliseconds clock_ahead, common::SteadyTime now);
  // It did not answer, for this reason; counts as silence.
  void not_heard(const ServiceName& name, std::string reason, common::SteadyTime now);
  void forget(const ServiceName& name);

  ServiceHealth health(const Service& service, common::SteadyTime now) const;
  // The version it last told; "" when unknown.
  std::string version(const ServiceName& name) const;

 private:
  struct Seen {
    bool ready = false;
    std::string reason;
    std::string version;
    std::chrono::milliseconds clock_ahead{};
    std::optional<common::SteadyTime> heard_at;
    common::SteadyTime watched_since{};
    std::string failure;  // of the last attempt, "" when it succeeded
  };
  HealthLimits limits_;
  std::map<ServiceName, Seen> seen_;
};

}  // namespace angophora::clc
