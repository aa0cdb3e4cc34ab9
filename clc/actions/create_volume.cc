// CreateVolume: promises a volume in an availability zone, empty or with the bytes of a snapshot.
// The zone's storage controller then makes it.
#include "clc/actions/quotas.h"
#include "clc/actions/snapshot_selection.h"
#include "clc/actions/tag_parameters.h"
#include "clc/actions/volume_selection.h"
#include "clc/actions/volume_xml.h"
#include "clc/domain/volume_errors.h"
#include "clc/instance_services.h"
#include "clc/store/client_tokens.h"
#include "clc/store/events.h"
#include "clc/store/registrations.h"
#include "clc/store/volumes.h"
#include "common/log/log.h"

namespace angophora::clc {

constexpr auto wire_names(VolumeType) {
  return std::to_array<std::pair<const char*, VolumeType>>({{"standard", VolumeType::standard},
                                                            {"gp2", VolumeType::gp2},
                                                            {"gp3", VolumeType::gp3},
                                                            {"io1", VolumeType::io1}});
}

namespace actions::create_volume {
namespace {

constexpr char kName[] = "CreateVolume";

struct Request {
  ZoneName zone;
  std::optional<std::int64_t> size_gib;
  SnapshotId snapshot;
  VolumeType type = VolumeType::standard;
  std::optional<std::int64_t> iops;
  bool encrypted = false;
  bool multi_attach = false;
  std::vector<TagSpecification> tags;
  ClientToken client_token;
};

constexpr Param<Request> kParams[] = {
    required<&Request::zone>("AvailabilityZone"),
    optional<&Request::size_gib>("Size"),
    optional<&Request::snapshot>("SnapshotId"),
    optional<&Request::type>("VolumeType"),
    optional<&Request::iops>("Iops"),
    optional<&Request::encrypted>("Encrypted"),
    optional<&Request::multi_attach>("MultiAttachEnabled"),
    optional<&Request::tags>("TagSpecification"),
    client_token<&Request::client_token>(),
    refused<Request>("KmsKeyId", "volumes are not encrypted"),
    refused<Request>("Throughput", "nothing limits or promises a volume's throughput"),
    refused<Request>("OutpostArn", "there are no outposts"),
    refused<Request>("AvailabilityZoneId", "use AvailabilityZone"),
    refused<Request>("VolumeInitializationRate", "a volume can be used at once"),
    refused<Request>("Operator", "there are no managed resources"),
};

Result<> check(const Request& request) {
  if (!request.size_gib && request.snapshot.empty()) return missing_parameter("size/snapshot");
  if (request.size_gib && (*request.size_gib < kVolumeGibMin || *request.size_gib > kVolumeGibMax))
    return invalid_value("size", std::to_string(*request.size_gib), "1 to 16384 GiB");
  if (request.encrypted)
    return Error(RequestErrc::unsupported_parameter,
                 "The parameter Encrypted is not supported: volumes are not encrypted");
  if (request.multi_attach)
    return Error(RequestErrc::unsupported_parameter,
                 "The parameter MultiAttachEnabled is not supported: a volume is attached to one "
                 "instance at a time");
  return common::ok();
}

// The size that was asked for, or else that of the snapshot, which it must hold.
Result<std::int64_t> size_of(Tx& tx, const Caller& caller, const SnapshotId& snapshot,
                             const std::optional<std::int64_t>& asked) {
  if (snapshot.empty()) return *asked;
  TRY(const auto found, completed_snapshot(tx, caller, snapshot));
  if (!asked) return found.size_gib;
  if (*asked < found.size_gib)
    return invalid_value("size", std::to_string(*asked),
                         std::to_string(found.size_gib) + " GiB or more, as the snapshot has");
  return *asked;
}

Result<Volume> create(Tx& tx, const Caller& caller, const Request& request, Volume wanted,
                      const Quotas& quotas) {
  const auto& token = request.client_token;
  ClientTokens tokens(tx);
  TRY(const auto earlier, tokens.find(wanted.account, kName, token.value, token.parameters));
  if (earlier) {
    TRY(auto found, Volumes(tx).find(VolumeId(*earlier)));
    if (found) return std::move(*found);
    return Error(VolumeErrc::not_found, "The volume '" + *earlier + "' does not exist.");
  }
  TRY(wanted.size_gib, size_of(tx, caller, request.snapshot, request.size_gib));
  TRY_VOID(check_iops(wanted.type, wanted.size_gib, request.iops));
  TRY(const auto storage, Registrations(tx).storage_of(wanted.zone));
  if (!storage)
    return Error(VolumeErrc::insufficient_capacity,
                 "There is not enough capacity: no storage controller serves " + wanted.zone.value);
  TRY_VOID(quotas.admit(tx, {{Quota::volumes}, {Quota::volume_gib, wanted.size_gib}}));
  TRY_VOID(Volumes(tx).insert(wanted));
  TRY_VOID(quotas.made(tx, Quota::volumes, wanted.id.value));
  TRY_VOID(Events(tx).append(
      {wanted.account, "volume.creating", wanted.id.value,
       "size_gib=" + std::to_string(wanted.size_gib) + " zone=" + wanted.zone.value},
      wanted.created_at));
  TRY_VOID(tokens.keep(wanted.account, kName, token.value, token.parameters, wanted.id.value,
                       wanted.created_at));
  return wanted;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(check(request));
  if (s.cloud->zones.is_loaded() && !s.cloud->zones.find(request.zone))
    co_return Error(ZoneErrc::not_found, "The zone '" + request.zone.value + "' does not exist.");
  Volume wanted;
  CO_TRY(wanted.tags, tags_for("volume", request.tags));
  wanted.id = new_id<VolumeId>(s.runtime, "vol");
  wanted.account = caller.account;
  wanted.zone = request.zone;
  wanted.snapshot = request.snapshot;
  wanted.type = request.type;
  wanted.iops = request.iops.value_or(0);
  wanted.client_token = request.client_token.value;
  wanted.created_at = wanted.changed_at = s.runtime.now();
  const Quotas quotas(s, caller);
  const auto change = [caller, request, wanted, quotas](Tx& tx) {
    return create(tx, caller, request, wanted, quotas);
  };
  CO_TRY(const auto volume, co_await commit(s, caller, change));
  s.changes.volumes.notify();
  log::info("volume.promised", {{"request_id", caller.request_id},
                                {"volume", volume.id},
                                {"account", volume.account},
                                {"zone", volume.zone}});
  Reply reply;
  add_volume(reply, volume);
  co_return reply;
}

}  // namespace

extern const Action CreateVolume{
    .name = kName,
    .permission = "ec2:CreateVolume",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::create_volume
}  // namespace angophora::clc
