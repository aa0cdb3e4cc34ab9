#include "clc/domain/service.h"

#include <cmath>

namespace angophora::clc {
namespace {

std::int64_t whole_seconds(common::Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

std::string skew_reason(std::chrono::milliseconds ahead) {
  const auto seconds = (std::abs(ahead.count()) + 500) / 1000;
  return "clock off by " + std::to_string(seconds) + " s: it is " +
         (ahead.count() > 0 ? "ahead of" : "behind") + " the cloud controller's";
}

}  // namespace

std::string_view to_string(ServiceType type) {
  switch (type) {
    case ServiceType::cloud:
      return "cloud";
    case ServiceType::cluster:
      return "cluster";
    case ServiceType::node:
      return "node";
    case ServiceType::walrus:
      return "walrus";
    case ServiceType::storage:
      return "storage";
  }
  return "unknown";
}

std::optional<ServiceType> parse_service_type(std::string_view text) {
  for (const auto type : {ServiceType::cloud, ServiceType::cluster, ServiceType::node,
                          ServiceType::walrus, ServiceType::storage})
    if (text == to_string(type)) return type;
  return std::nullopt;
}

bool has_zone(ServiceType type) {
  return type == ServiceType::cluster || type == ServiceType::node || type == ServiceType::storage;
}

std::uint16_t default_port(ServiceType type) {
  switch (type) {
    case ServiceType::cloud:
      return 8779;
    case ServiceType::cluster:
      return 8774;
    case ServiceType::node:
      return 8775;
    case ServiceType::walrus:
      return 8778;
    case ServiceType::storage:
      return 8777;
  }
  return 0;
}

std::string_view to_string(ServiceState state) {
  switch (state) {
    case ServiceState::enabled:
      return "ENABLED";
    case ServiceState::stopped:
      return "STOPPED";
    case ServiceState::notready:
      return "NOTREADY";
  }
  return "NOTREADY";
}

void ServiceStates::heard(const ServiceName& name, bool ready, std::string reason,
                          std::string version, std::chrono::milliseconds clock_ahead,
                          common::SteadyTime now) {
  auto [place, is_new] = seen_.try_emplace(name);
  auto& seen = place->second;
  if (is_new) seen.watched_since = now;
  seen.ready = ready;
  seen.reason = std::move(reason);
  seen.version = std::move(version);
  seen.clock_ahead = clock_ahead;
  seen.heard_at = now;
  seen.failure.clear();
}

void ServiceStates::not_heard(const ServiceName& name, std::string reason, common::SteadyTime now) {
  auto [place, is_new] = seen_.try_emplace(name);
  if (is_new) place->second.watched_since = now;
  place->second.failure = std::move(reason);
}

void ServiceStates::forget(const ServiceName& name) { seen_.erase(name); }

ServiceHealth ServiceStates::health(const Service& service, common::SteadyTime now) const {
  if (service.wanted == WantedState::stopped) return {ServiceState::stopped, "stopped by request"};
  if (!service.enrolled()) return {ServiceState::notready, "not enrolled"};
  const auto found = seen_.find(service.name);
  if (found == seen_.end()) return {ServiceState::notready, "not heard from yet"};
  const auto& seen = found->second;
  const auto since = seen.heard_at.value_or(seen.watched_since);
  const bool silent = !seen.heard_at || now - since > limits_.silence_max;
  if (silent) {
    auto reason = "silent for " + std::to_string(whole_seconds(now - since)) + " s";
    if (!seen.failure.empty()) reason += ": " + seen.failure;
    return {ServiceState::notready, std::move(reason)};
  }
  if (std::chrono::abs(seen.clock_ahead) > limits_.skew_max)
    return {ServiceState::notready, skew_reason(seen.clock_ahead)};
  if (!seen.ready) return {ServiceState::notready, seen.reason};
  return {ServiceState::enabled, {}};
}

std::string ServiceStates::version(const ServiceName& name) const {
  const auto found = seen_.find(name);
  return found == seen_.end() ? std::string() : found->second.version;
}

}  // namespace angophora::clc
