// DescribeRegions: the one region of this cloud, and where it answers.
#include "clc/actions/action.h"

namespace angophora::clc::actions::describe_regions {
namespace {

struct Request {
  std::vector<std::string> region_names;
  bool all_regions = false;
  Filters filters;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::region_names>("RegionName"),
    optional<&Request::all_regions>("AllRegions"),
    filters<&Request::filters>(),
};

struct Region {
  std::string name;
  std::string endpoint;
};

constexpr FilterField<Region> kFilters[] = {
    {"region-name", [](const Region& r) { return FilterValues{r.name}; }},
    {"endpoint", [](const Region& r) { return FilterValues{r.endpoint}; }},
    {"opt-in-status", [](const Region&) { return FilterValues{"opt-in-not-required"}; }},
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto wanted, RowFilter<Region>::compile(request.filters, kFilters));
  const Region region{s.config.region_name, caller.endpoint};
  for (const auto& name : request.region_names)
    if (name != region.name)
      co_return Error(ZoneErrc::region_not_found, "The region '" + name + "' does not exist");
  std::vector<Region> regions;
  if (wanted.matches(region)) regions.push_back(region);
  Reply reply;
  reply.list("regionInfo", regions, [](const Region& r, Element& item) {
    item.add("regionName", r.name).add("regionEndpoint", r.endpoint);
    item.add("optInStatus", "opt-in-not-required");
  });
  co_return reply;
}

}  // namespace

extern const Action DescribeRegions{
    .name = "DescribeRegions",
    .permission = "ec2:DescribeRegions",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_regions
