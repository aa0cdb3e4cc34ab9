// DescribeAvailabilityZones: the zones that have a cluster controller, and whether they work.
#include <algorithm>

#include "clc/actions/action.h"
#include "clc/actions/zone_rows.h"

namespace angophora::clc::actions::describe_availability_zones {
namespace {

struct Request {
  std::vector<std::string> names;
  std::vector<std::string> ids;
  bool all = false;
  Filters filters;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::names>("ZoneName"),
    optional<&Request::ids>("ZoneId"),
    optional<&Request::all>("AllAvailabilityZones"),
    filters<&Request::filters>(),
};

constexpr FilterField<ZoneRow> kFilters[] = {
    {"zone-name", [](const ZoneRow& z) { return FilterValues{z.name.value}; }},
    {"zone-id", [](const ZoneRow& z) { return FilterValues{z.name.value}; }},
    {"state",
     [](const ZoneRow& z) { return FilterValues{z.available ? "available" : "unavailable"}; }},
    {"message", [](const ZoneRow& z) { return z.messages; }},
    {"region-name", [](const ZoneRow& z) { return FilterValues{z.region}; }},
    {"group-name", [](const ZoneRow& z) { return FilterValues{z.region}; }},
    {"zone-type", [](const ZoneRow&) { return FilterValues{"availability-zone"}; }},
    {"opt-in-status", [](const ZoneRow&) { return FilterValues{"opt-in-not-required"}; }},
};

// euca-describe-availability-zones sends this in place of a name: all zones, with their services.
constexpr std::string_view kVerbose = "verbose";

Result<> keep_named(Request& request, std::vector<ZoneRow>& zones) {
  std::erase(request.names, kVerbose);
  auto names = request.names;
  names.insert(names.end(), request.ids.begin(), request.ids.end());
  for (const auto& name : names)
    if (std::none_of(zones.begin(), zones.end(),
                     [&](const ZoneRow& z) { return z.name.value == name; }))
      return Error(ZoneErrc::not_found, "Invalid availability zone: [" + name + "]");
  if (names.empty()) return common::ok();
  std::erase_if(zones, [&](const ZoneRow& zone) {
    return std::find(names.begin(), names.end(), zone.name.value) == names.end();
  });
  return common::ok();
}

void add_zone(const ZoneRow& zone, Element& item) {
  item.add("zoneName", zone.name).add("zoneId", zone.name);
  item.add("zoneState", zone.available ? "available" : "unavailable");
  item.add("regionName", zone.region).add("groupName", zone.region);
  item.add("networkBorderGroup", zone.region);
  item.add("zoneType", "availability-zone").add("optInStatus", "opt-in-not-required");
  item.list("messageSet", zone.messages,
            [](const std::string& message, Element& entry) { entry.add("message", message); });
}

// As Eucalyptus lists what a zone is made of: a name starting with "|-", the state in its place.
void add_services(const ZoneRow& zone, Element& list) {
  for (const auto& service : zone.services) {
    auto& item = list.child("item");
    item.add("zoneName", "|- " + service.type + " " + service.name);
    item.add("zoneState", service.state + (service.reason.empty() ? "" : ": " + service.reason));
    item.add("regionName", zone.region);
  }
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<ZoneRow>::compile(request.filters, kFilters));
  const bool verbose =
      std::find(request.names.begin(), request.names.end(), kVerbose) != request.names.end() &&
      caller.cloud_administrator;
  CO_TRY(auto zones, co_await zone_rows(s));
  CO_TRY_VOID(keep_named(request, zones));
  std::erase_if(zones, [&](const ZoneRow& zone) { return !wanted.matches(zone); });
  Reply reply;
  auto& list = reply.child("availabilityZoneInfo");
  for (const auto& zone : zones) {
    add_zone(zone, list.child("item"));
    if (verbose) add_services(zone, list);
  }
  co_return reply;
}

}  // namespace

extern const Action DescribeAvailabilityZones{
    .name = "DescribeAvailabilityZones",
    .permission = "ec2:DescribeAvailabilityZones",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_availability_zones
