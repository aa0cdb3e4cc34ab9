// DescribeInstanceTypes: in AWS' shape for the API versions that have it there, in Eucalyptus' own
// for the older ones that its tools send.
#include "clc/actions/action.h"
#include "clc/domain/capacity.h"
#include "clc/domain/instance_errors.h"
#include "clc/domain/instance_types.h"
#include "clc/instance_services.h"
#include "clc/store/instances.h"

namespace angophora::clc::actions::describe_instance_types {
namespace {

constexpr char kName[] = "DescribeInstanceTypes";
// Eucalyptus' tools speak up to 2015-10-01; AWS has had the action since 2016-11-15.
constexpr std::string_view kFirstAwsVersion = "2016-11-15";

struct Request {
  std::vector<std::string> names;
  Filters filters;
  Paging paging;
  bool availability = false;
  bool verbose = false;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::names>("InstanceType"),
    filters<&Request::filters>(),
    max_results<&Request::paging>(),
    next_token<&Request::paging>(),
    optional<&Request::availability>("Availability"),
    optional<&Request::verbose>("Verbose"),
};

using T = const InstanceType&;
FilterValues number(std::int64_t value) { return {std::to_string(value)}; }

constexpr FilterField<InstanceType> kFilters[] = {
    {"instance-type", [](T t) { return FilterValues{t.name}; }},
    {"vcpu-info.default-vcpus", [](T t) { return number(t.resources.vcpus); }},
    {"vcpu-info.default-cores", [](T t) { return number(t.resources.vcpus); }},
    {"vcpu-info.default-threads-per-core", [](T) { return number(1); }},
    {"memory-info.size-in-mib", [](T t) { return number(t.resources.memory_mib); }},
    {"instance-storage-supported", [](T) { return FilterValues{"true"}; }},
    {"instance-storage-info.total-size-in-gb", [](T t) { return number(t.resources.disk_gib); }},
    {"network-info.maximum-network-interfaces", [](T t) { return number(t.interfaces); }},
    {"processor-info.supported-architecture", [](T) { return FilterValues{"x86_64"}; }},
    {"supported-root-device-type", [](T) { return FilterValues{"instance-store"}; }},
    {"supported-virtualization-type", [](T) { return FilterValues{"hvm"}; }},
    {"supported-usage-class", [](T) { return FilterValues{"on-demand"}; }},
    {"supported-boot-mode", [](T) { return FilterValues{"legacy-bios"}; }},
    {"hypervisor", [](T) { return FilterValues{"kvm"}; }},
    {"bare-metal", [](T) { return FilterValues{"false"}; }},
    {"burstable-performance-supported", [](T) { return FilterValues{"false"}; }},
    {"current-generation", [](T) { return FilterValues{"true"}; }},
    {"dedicated-hosts-supported", [](T) { return FilterValues{"false"}; }},
    {"free-tier-eligible", [](T) { return FilterValues{"false"}; }},
    {"hibernation-supported", [](T) { return FilterValues{"false"}; }},
    {"auto-recovery-supported", [](T) { return FilterValues{"false"}; }},
};

Element& one_item(Element& parent, std::string list, std::string text) {
  auto& element = parent.child(std::move(list));
  element.add("item", std::move(text));
  return element;
}

void add_aws_type(Element& item, const InstanceType& type) {
  item.add("instanceType", type.name).add("currentGeneration", true).add("freeTierEligible", false);
  one_item(item, "supportedUsageClasses", "on-demand");
  one_item(item, "supportedRootDeviceTypes", "instance-store");
  one_item(item, "supportedVirtualizationTypes", "hvm");
  item.add("bareMetal", false).add("hypervisor", "kvm");
  one_item(item.child("processorInfo"), "supportedArchitectures", "x86_64");
  auto& vcpus = item.child("vCpuInfo");
  vcpus.add("defaultVCpus", type.resources.vcpus).add("defaultCores", type.resources.vcpus);
  vcpus.add("defaultThreadsPerCore", 1);
  item.child("memoryInfo").add("sizeInMiB", type.resources.memory_mib);
  item.add("instanceStorageSupported", true);
  auto& storage = item.child("instanceStorageInfo");
  storage.add("totalSizeInGB", type.resources.disk_gib);
  auto& disk = storage.child("disks").child("item");
  disk.add("sizeInGB", type.resources.disk_gib).add("count", 1).add("type", "hdd");
  auto& ebs = item.child("ebsInfo");
  ebs.add("ebsOptimizedSupport", "unsupported").add("encryptionSupport", "unsupported");
  auto& network = item.child("networkInfo");
  network.add("networkPerformance", "Moderate").add("maximumNetworkInterfaces", 1);
  network.add("ipv4AddressesPerInterface", 1).add("ipv6AddressesPerInterface", 0);
  network.add("ipv6Supported", false).add("enaSupport", "unsupported");
  item.child("placementGroupInfo").child("supportedStrategies");
  item.add("hibernationSupported", false).add("burstablePerformanceSupported", false);
  item.add("dedicatedHostsSupported", false).add("autoRecoverySupported", false);
  one_item(item, "supportedBootModes", "legacy-bios");
}

struct ZoneFree {
  ZoneName zone;
  std::vector<NodeRoom> total, left;
};

// What each zone has and has left, for the availability that Eucalyptus' tools show.
Task<std::vector<ZoneFree>> free_by_zone(Services& s) {
  std::vector<ZoneFree> zones;
  if (!s.cloud) co_return zones;
  std::vector<std::pair<ZoneName, std::vector<NodeState>>> reported;
  for (const auto& [name, zone] : s.cloud->zones.all())
    if (zone.is_fresh(s.runtime.steady_now())) reported.emplace_back(name, zone.report->nodes);
  const auto compute = [reported](Tx& tx) -> Result<std::vector<ZoneFree>> {
    std::vector<ZoneFree> computed;
    for (const auto& [name, nodes] : reported) {
      TRY(const auto placed, NodeUsage(tx).by_node(name));
      TRY(const auto waiting, NodeUsage(tx).unplaced(name));
      ZoneFree zone;
      zone.zone = name;
      zone.left = free_by_node(nodes, placed, waiting);
      for (const auto& node : nodes)
        if (node.takes_guests())
          zone.total.push_back({node.name, node.total, node.guest_vcpus_max});
      computed.push_back(std::move(zone));
    }
    return computed;
  };
  co_return co_await s.db.read(compute);
}

void add_eucalyptus_type(Element& item, const InstanceType& type,
                         const std::vector<ZoneFree>& zones) {
  item.add("name", type.name).add("cpu", type.resources.vcpus).add("disk", type.resources.disk_gib);
  item.add("memory", type.resources.memory_mib).add("networkInterfaces", type.interfaces);
  item.list("availability", zones, [&type](const ZoneFree& zone, Element& entry) {
    entry.add("zoneName", zone.zone).add("max", fitting(zone.total, type.room()));
    entry.add("available", fitting(zone.left, type.room()));
  });
}

Result<std::vector<InstanceType>> select_types(const InstanceTypes& types, const Request& request) {
  TRY(const auto wanted, RowFilter<InstanceType>::compile(request.filters, kFilters));
  for (const auto& name : request.names)
    if (!types.find(name))
      return Error(InstanceErrc::no_such_type,
                   "The following supplied instance types do not exist: [" + name + "]");
  std::vector<InstanceType> selected;
  for (const auto& type : types.all()) {
    const bool named =
        request.names.empty() ||
        std::find(request.names.begin(), request.names.end(), type.name) != request.names.end();
    if (named && wanted.matches(type)) selected.push_back(type);
  }
  return selected;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto types, InstanceTypes::parse(s.properties.text("cloud.instance_types")));
  CO_TRY(auto selected, select_types(types, request));
  Reply reply;
  if (!caller.version.empty() && caller.version < kFirstAwsVersion) {
    std::vector<ZoneFree> zones;
    if (request.availability) {
      CO_TRY(zones, co_await free_by_zone(s));
    }
    reply.list("instanceTypeDetails", selected, [&](const InstanceType& type, Element& item) {
      add_eucalyptus_type(item, type, zones);
    });
    co_return reply;
  }
  if (request.availability || request.verbose)
    co_return unknown_parameter(request.availability ? "Availability" : "Verbose");
  CO_TRY(const auto page, s.pages.open(request.paging, caller, kName, {5, 100}));
  const auto last = cut_page(selected, page, [](const InstanceType& t) { return t.name; });
  reply.list("instanceTypeSet", selected,
             [](const InstanceType& type, Element& item) { add_aws_type(item, type); });
  if (!last.empty()) reply.add("nextToken", s.pages.seal(caller, kName, last));
  co_return reply;
}

}  // namespace

extern const Action DescribeInstanceTypes{
    .name = kName,
    .permission = "ec2:DescribeInstanceTypes",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::describe_instance_types
