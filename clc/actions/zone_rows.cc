#include "clc/actions/zone_rows.h"

#include <map>

#include "clc/store/registrations.h"

namespace angophora::clc {

common::Task<std::vector<ZoneRow>> zone_rows(Services& s) {
  const auto find = [](Tx& tx) { return Registrations(tx).list(); };
  CO_TRY(const auto services, co_await s.db.read(find));
  std::map<ZoneName, ZoneRow> zones;
  for (const auto& service : services) {
    if (service.type != ServiceType::cluster) continue;
    const auto health = s.states.health(service, s.runtime.steady_now());
    auto& zone = zones[service.zone];
    zone.name = service.zone;
    zone.region = s.config.region_name;
    zone.available = health.state == ServiceState::enabled;
    if (!zone.available)
      zone.messages.push_back("Cluster controller " + service.name.value + ": " + health.reason);
  }
  for (const auto& service : services) {
    const auto zone = zones.find(service.zone);
    if (zone == zones.end()) continue;
    const auto health = s.states.health(service, s.runtime.steady_now());
    zone->second.services.push_back({service.name.value, std::string(to_string(service.type)),
                                     std::string(to_string(health.state)), health.reason});
  }
  std::vector<ZoneRow> sorted;
  for (auto& [name, zone] : zones) sorted.push_back(std::move(zone));
  co_return sorted;
}

}  // namespace angophora::clc
