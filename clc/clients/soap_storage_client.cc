#include "clc/clients/soap_storage_client.h"

#include <algorithm>

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;
constexpr auto kStorageTimeout = 10s;
// Removing many gigabytes, or waiting until a client that is far away is cut off, may take longer.
constexpr auto kSlowOrderTimeout = 30s;

StoredSnapshot read_snapshot(const storage__snapshot& wire) {
  using State = StoredSnapshot::State;
  StoredSnapshot snapshot;
  snapshot.id = SnapshotId(wire.snapshotId);
  if (wire.state == "completed") snapshot.state = State::completed;
  if (wire.state == "error") snapshot.state = State::error;
  snapshot.progress = std::clamp(wire.progress, 0, 100);
  snapshot.reason = wire.reason.value_or("");
  snapshot.started_at = common::SysTime(std::chrono::milliseconds(wire.startTimeMs));
  return snapshot;
}

}  // namespace

Task<> SoapStorageClient::create_volume(ServiceName storage, VolumeId volume, std::int64_t size_gib,
                                        SnapshotId snapshot) {
  using Op = soap::storage::CreateVolume;
  Op::Request request;
  request.volumeId = volume.value;
  request.sizeGib = static_cast<int>(size_gib);
  if (!snapshot.empty()) request.snapshotId = snapshot.value;
  soap::CallOptions options(kStorageTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(storage), std::move(request),
                                                   std::move(options)));
  co_return common::ok();
}

Task<> SoapStorageClient::delete_volume(ServiceName storage, VolumeId volume) {
  using Op = soap::storage::DeleteVolume;
  Op::Request request;
  request.volumeId = volume.value;
  soap::CallOptions options(kSlowOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(storage), std::move(request),
                                                   std::move(options)));
  co_return common::ok();
}

Task<StoredSnapshot> SoapStorageClient::create_snapshot(ServiceName storage, SnapshotId snapshot,
                                                        VolumeId volume) {
  using Op = soap::storage::CreateSnapshot;
  Op::Request request;
  request.snapshotId = snapshot.value;
  request.volumeId = volume.value;
  soap::CallOptions options(kStorageTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(storage), std::move(request),
                                                   std::move(options)));
  co_return read_snapshot(reply.snapshot);
}

Task<> SoapStorageClient::delete_snapshot(ServiceName storage, SnapshotId snapshot) {
  using Op = soap::storage::DeleteSnapshot;
  Op::Request request;
  request.snapshotId = snapshot.value;
  soap::CallOptions options(kSlowOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(storage), std::move(request),
                                                   std::move(options)));
  co_return common::ok();
}

Task<StorageReport> SoapStorageClient::describe_volumes(ServiceName storage) {
  using Op = soap::storage::DescribeVolumes;
  Op::Request request;
  soap::CallOptions options(kStorageTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(storage), std::move(request),
                                                   std::move(options)));
  StorageReport report;
  for (const auto& wire : reply.volumes) {
    StoredVolume volume;
    volume.id = VolumeId(wire.volumeId);
    volume.size_gib = wire.sizeGib;
    if (wire.state == "error") volume.damage = wire.reason.value_or("it is damaged");
    report.volumes.push_back(std::move(volume));
  }
  for (const auto& wire : reply.snapshots) report.snapshots.push_back(read_snapshot(wire));
  report.capacity_gib = reply.capacityGib;
  report.used_gib = reply.usedGib;
  report.received_at = runtime_.steady_now();
  co_return report;
}

Task<> SoapStorageClient::grant_export(ServiceName storage, ExportGrant grant) {
  using Op = soap::storage::GrantExport;
  Op::Request request;
  request.volumeId = grant.volume.value;
  request.instanceId = grant.instance.value;
  request.nodeName = grant.node.value;
  request.attachmentEpoch = grant.epoch;
  soap::CallOptions options(kSlowOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(storage), std::move(request),
                                                   std::move(options)));
  co_return common::ok();
}

Task<> SoapStorageClient::revoke_export(ServiceName storage, VolumeId volume, std::int64_t epoch) {
  using Op = soap::storage::RevokeExport;
  Op::Request request;
  request.volumeId = volume.value;
  request.attachmentEpoch = epoch;
  soap::CallOptions options(kSlowOrderTimeout);
  CO_TRY(const auto reply, co_await soap::call<Op>(channel_, std::move(storage), std::move(request),
                                                   std::move(options)));
  co_return common::ok();
}

}  // namespace angophora::clc
