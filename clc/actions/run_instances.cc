// RunInstances: promises instances to the caller. All that is promised is claimed in one
// transaction; the reconcilers then make it true.
#include "clc/actions/instance_xml.h"
#include "clc/actions/interface_wish.h"
#include "clc/actions/launch.h"
#include "clc/actions/profile_wish.h"
#include "clc/actions/tag_parameters.h"
#include "clc/domain/instance_errors.h"
#include "clc/instance_services.h"
#include "common/log/log.h"

namespace angophora::clc {

enum class Tenancy { standard };
constexpr auto wire_names(Tenancy) {
  return std::to_array<std::pair<const char*, Tenancy>>({{"default", Tenancy::standard}});
}
enum class ShutdownBehavior { terminate };
constexpr auto wire_names(ShutdownBehavior) {
  return std::to_array<std::pair<const char*, ShutdownBehavior>>(
      {{"terminate", ShutdownBehavior::terminate}});
}
enum class HttpTokens { optional, required };
constexpr auto wire_names(HttpTokens) {
  return std::to_array<std::pair<const char*, HttpTokens>>(
      {{"optional", HttpTokens::optional}, {"required", HttpTokens::required}});
}
enum class Enabled { enabled };
constexpr auto wire_names(Enabled) {
  return std::to_array<std::pair<const char*, Enabled>>({{"enabled", Enabled::enabled}});
}
enum class Disabled { disabled };
constexpr auto wire_names(Disabled) {
  return std::to_array<std::pair<const char*, Disabled>>({{"disabled", Disabled::disabled}});
}
enum class Addressing { as_public, as_private };
constexpr auto wire_names(Addressing) {
  return std::to_array<std::pair<const char*, Addressing>>(
      {{"public", Addressing::as_public}, {"private", Addressing::as_private}});
}

namespace actions::run_instances {
namespace {

constexpr std::size_t kUserDataBytesMax = 16 * 1024;
// After a start the first reports take a moment; so long a request waits for them.
constexpr std::chrono::milliseconds kReportWait{3000};
constexpr std::chrono::milliseconds kReportLook{50};

struct Placement {
  ZoneName zone;
  Tenancy tenancy = Tenancy::standard;
  static auto params() {
    return std::to_array({
        optional<&Placement::zone>("AvailabilityZone"),
        optional<&Placement::tenancy>("Tenancy"),
        refused<Placement>("GroupName", "there are no placement groups"),
        refused<Placement>("GroupId", "there are no placement groups"),
        refused<Placement>("Affinity", "there are no dedicated hosts"),
        refused<Placement>("HostId", "there are no dedicated hosts"),
        refused<Placement>("HostResourceGroupArn", "there are no dedicated hosts"),
        refused<Placement>("PartitionNumber", "there are no placement groups"),
        refused<Placement>("SpreadDomain", "there are no placement groups"),
    });
  }
};

struct MonitoringWish {
  bool enabled = false;
  static auto params() { return std::to_array({optional<&MonitoringWish::enabled>("Enabled")}); }
};

struct MetadataOptions {
  HttpTokens tokens = HttpTokens::optional;
  Enabled endpoint = Enabled::enabled;
  Disabled ipv6 = Disabled::disabled;
  Disabled tags = Disabled::disabled;
  std::int64_t hop_limit = 1;
  static auto params() {
    return std::to_array({
        optional<&MetadataOptions::tokens>("HttpTokens"),
        optional<&MetadataOptions::endpoint>("HttpEndpoint"),
        optional<&MetadataOptions::ipv6>("HttpProtocolIpv6"),
        optional<&MetadataOptions::tags>("InstanceMetadataTags"),
        optional<&MetadataOptions::hop_limit>("HttpPutResponseHopLimit"),
    });
  }
};

struct Request {
  ImageId image;
  ImageId kernel;
  ImageId ramdisk;
  std::string type = std::string(kDefaultInstanceType);
  std::int64_t min_count = 0;
  std::int64_t max_count = 0;
  std::string key_name;
  std::vector<GroupId> groups;
  std::vector<std::string> group_names;
  Base64 user_data;
  Placement placement;
  SubnetId subnet;
  MonitoringWish monitoring;
  bool termination_protected = false;
  ShutdownBehavior shutdown = ShutdownBehavior::terminate;
  std::optional<Addressing> addressing;
  std::vector<InterfaceWish> interfaces;
  MetadataOptions metadata;
  std::vector<TagSpecification> tags;
  bool ebs_optimized = false;
  std::optional<ProfileWish> profile;
  ClientToken client_token;
};

constexpr Param<Request> kParams[] = {
    required<&Request::image>("ImageId"),
    required<&Request::min_count>("MinCount"),
    required<&Request::max_count>("MaxCount"),
    optional<&Request::type>("InstanceType"),
    optional<&Request::kernel>("KernelId"),
    optional<&Request::ramdisk>("RamdiskId"),
    optional<&Request::key_name>("KeyName"),
    optional<&Request::groups>("SecurityGroupId"),
    optional<&Request::group_names>("SecurityGroup"),
    optional<&Request::user_data>("UserData"),
    optional<&Request::placement>("Placement"),
    optional<&Request::subnet>("SubnetId"),
    optional<&Request::monitoring>("Monitoring"),
    optional<&Request::termination_protected>("DisableApiTermination"),
    optional<&Request::shutdown>("InstanceInitiatedShutdownBehavior"),
    optional<&Request::addressing>("AddressingType"),
    optional<&Request::interfaces>("NetworkInterface"),
    optional<&Request::metadata>("MetadataOptions"),
    optional<&Request::tags>("TagSpecification"),
    optional<&Request::ebs_optimized>("EbsOptimized"),
    optional<&Request::profile>("IamInstanceProfile"),
    client_token<&Request::client_token>(),
    refused<Request>("BlockDeviceMapping", "instances have the disks of their type"),
    refused<Request>("PrivateIpAddress", "the cloud chooses the address"),
    refused<Request>("Ipv6AddressCount", "there is no IPv6"),
    refused<Request>("Ipv6Address", "there is no IPv6"),
    refused<Request>("LaunchTemplate", "there are no launch templates"),
    refused<Request>("InstanceMarketOptions", "there are no spot instances"),
    refused<Request>("CapacityReservationSpecification", "there are no capacity reservations"),
    refused<Request>("CpuOptions", "the instance type decides"),
    refused<Request>("CreditSpecification", "there are no CPU credits"),
    refused<Request>("HibernationOptions", "instances do not hibernate"),
    refused<Request>("LicenseSpecification", "there are no licences"),
    refused<Request>("EnclaveOptions", "there are no enclaves"),
    refused<Request>("PrivateDnsNameOptions", "names are made from addresses"),
    refused<Request>("MaintenanceOptions", "there is no automatic recovery"),
    refused<Request>("DisableApiStop", "these instances cannot be stopped"),
    refused<Request>("ElasticGpuSpecification", "there are no elastic GPUs"),
    refused<Request>("ElasticInferenceAccelerator", "there are no accelerators"),
    refused<Request>("AdditionalInfo", "it is reserved"),
};

Result<> check(const Request& request) {
  if (request.min_count < 1)
    return invalid_value("MinCount", std::to_string(request.min_count), "1 or more");
  if (request.max_count < request.min_count)
    return invalid_value("MaxCount", std::to_string(request.max_count), "MinCount or more");
  if (request.user_data.bytes.size() > kUserDataBytesMax)
    return Error(InstanceErrc::user_data_too_large,
                 "User data is limited to 16384 bytes; there are " +
                     std::to_string(request.user_data.bytes.size()));
  if (request.ebs_optimized)
    return Error(RequestErrc::unsupported_parameter,
                 "The parameter EbsOptimized is not supported: there are no such instance types");
  if (request.metadata.hop_limit != 1)
    return invalid_value("MetadataOptions.HttpPutResponseHopLimit",
                         std::to_string(request.metadata.hop_limit), "1");
  return common::ok();
}

// What the request says of the one interface, moved to where it is said of the instance.
Result<> take_interface(Request& request) {
  if (request.interfaces.empty()) return common::ok();
  TRY_VOID(check_interfaces(request.interfaces));
  auto& wish = request.interfaces.front();
  if (!request.subnet.empty() || !request.groups.empty() || !request.group_names.empty())
    return Error(RequestErrc::invalid_combination,
                 "Network interfaces and an instance-level subnet ID or security groups may not "
                 "be specified on the same request");
  if (wish.public_address && request.addressing)
    return Error(RequestErrc::invalid_combination,
                 "The parameters AddressingType and AssociatePublicIpAddress cannot be used "
                 "together");
  request.subnet = wish.subnet;
  request.groups = std::move(wish.groups);
  if (wish.public_address)
    request.addressing = *wish.public_address ? Addressing::as_public : Addressing::as_private;
  return common::ok();
}

bool wants_public_address(const Services& s, const Request& request) {
  if (request.addressing) return *request.addressing == Addressing::as_public;
  return s.properties.text(kPublicAtLaunch) == "yes";
}

// The room of the zones that may be chosen, as last reported; none when nothing is known.
std::vector<ZoneRoom> rooms_now(Services& s, const ZoneName& wanted) {
  std::vector<ZoneRoom> rooms;
  for (const auto& [name, zone] : s.cloud->zones.all()) {
    if (!wanted.empty() && name != wanted) continue;
    if (zone.is_fresh(s.runtime.steady_now())) rooms.push_back({name, zone.report->nodes});
  }
  return rooms;
}

Task<std::vector<ZoneRoom>> find_rooms(Services& s, ZoneName wanted) {
  if (!wanted.empty() && s.cloud->zones.is_loaded() && !s.cloud->zones.find(wanted))
    co_return Error(RequestErrc::invalid_value,
                    "Invalid availability zone: [" + wanted.value + "]");
  const auto until = s.runtime.steady_now() + kReportWait;
  auto rooms = rooms_now(s, wanted);
  while (rooms.empty() && s.runtime.steady_now() < until && !s.runtime.stopping()) {
    co_await s.runtime.sleep_for(kReportLook);
    rooms = rooms_now(s, wanted);
  }
  if (!rooms.empty()) co_return rooms;
  co_return Error(InstanceErrc::insufficient_capacity,
                  "There is not enough capacity: no availability zone is ready at the moment");
}

Result<LaunchRequest> to_launch(Services& s, const Caller& caller, Request request) {
  LaunchRequest wanted;
  TRY(const auto types, InstanceTypes::parse(s.properties.text("cloud.instance_types")));
  const auto* type = types.find(request.type);
  if (!type)
    return Error(RequestErrc::invalid_value,
                 "Invalid value '" + request.type + "' for InstanceType: there is no such type");
  wanted.type = *type;
  TRY(wanted.model.tags, tags_for("instance", request.tags));
  wanted.account = caller.account;
  wanted.client_token = std::move(request.client_token);
  wanted.min_count = request.min_count;
  wanted.max_count = request.max_count;
  wanted.image = request.image;
  wanted.kernel = request.kernel;
  wanted.ramdisk = request.ramdisk;
  wanted.key_name = request.key_name;
  wanted.groups = std::move(request.groups);
  wanted.group_names = std::move(request.group_names);
  wanted.subnet = request.subnet;
  wanted.profile = std::move(request.profile);
  wanted.cidr = s.config.instance_network;
  wanted.network = s.cloud->network;
  wanted.now = s.runtime.now();
  wanted.wants_public_address = wants_public_address(s, request);
  TRY(wanted.pool, PublicPool::parse(s.properties.text(kPublicAddresses)));
  wanted.model.user_data = std::move(request.user_data.bytes);
  wanted.model.metadata_tokens_required = request.metadata.tokens == HttpTokens::required;
  wanted.model.termination_protected = request.termination_protected;
  wanted.model.monitoring = request.monitoring.enabled;
  return wanted;
}

Reply reply_with(Services& s, const std::vector<Instance>& instances) {
  Reply reply;
  if (!instances.empty()) add_reservation(reply, instances, &s.cloud->zones);
  return reply;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check(request));
  CO_TRY_VOID(take_interface(request));
  const auto zone = request.placement.zone;
  CO_TRY(auto wanted, to_launch(s, caller, std::move(request)));
  // A repetition is answered whether or not there is room for more by now.
  const auto look = [&wanted](Tx& tx) {
    return launched_before(tx, wanted.account, wanted.client_token);
  };
  if (!wanted.client_token.value.empty()) {
    CO_TRY(const auto earlier, co_await s.db.read(look));
    if (earlier) co_return reply_with(s, *earlier);
  }
  CO_TRY(wanted.rooms, co_await find_rooms(s, zone));
  const Quotas quotas(s, caller);
  const auto claim = [&s, wanted, quotas](Tx& tx) { return launch(tx, s.runtime, wanted, quotas); };
  CO_TRY(const auto instances, co_await commit(s, caller, claim));
  s.changes.instances.notify();
  s.changes.network.notify();
  for (const auto& instance : instances)
    log::info("instance.promised", {{"request_id", caller.request_id},
                                    {"instance", instance.id},
                                    {"account", instance.account},
                                    {"zone", instance.zone}});
  co_return reply_with(s, instances);
}

}  // namespace

extern const Action RunInstances{
    .name = "RunInstances",
    .permission = "ec2:RunInstances",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::run_instances
}  // namespace angophora::clc
