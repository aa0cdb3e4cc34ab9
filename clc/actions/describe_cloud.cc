// DescribeCloud (bootstrap): how much of everything the cloud has, and what stands out; for those
// who run it.
#include "clc/actions/action.h"
#include "clc/instance_services.h"
#include "clc/store/census.h"
#include "clc/store/registrations.h"
#include "clc/store/volumes.h"

namespace angophora::clc::actions::describe_cloud {
namespace {

struct Request {};

// An attachment takes seconds; what takes longer than this waits for something.
constexpr std::chrono::minutes kStuckAfter{2};

struct Storage {
  ZoneName zone;
  ServiceName service;
  std::optional<StorageReport> report;
  std::vector<VolumeId> unknown;  // it keeps them, the cloud knows nothing of them
  std::vector<StoredVolume> damaged;
};

void add_counts(const char* name, const CountByName& counts, Element& into) {
  into.list(name, counts, [](const auto& count, Element& item) {
    item.add("name", count.first).add("count", count.second);
  });
}

struct Found {
  Census census;
  std::vector<Storage> storages;
};

Result<Found> load(Tx& tx, common::SysTime now) {
  Found found;
  TRY(found.census, take_census(tx, now - kStuckAfter));
  TRY(const auto services, Registrations(tx).list());
  for (const auto& service : services)
    if (service.type == ServiceType::storage)
      found.storages.push_back({service.zone, service.name, {}, {}, {}});
  return found;
}

// What the storage controllers last said, held against what is known here.
Task<> look_at_storages(Services& s, std::vector<Storage>& storages) {
  if (!s.cloud || !s.cloud->storage) co_return common::ok();
  for (auto& storage : storages) {
    const auto* report = s.cloud->storage->find(storage.zone, s.runtime.steady_now());
    if (!report) continue;
    storage.report = *report;
    const auto read = [zone = storage.zone](Tx& tx) { return Volumes(tx).states_in(zone); };
    CO_TRY(const auto known, co_await s.db.read(read));
    for (const auto& volume : storage.report->volumes) {
      if (!known.contains(volume.id)) storage.unknown.push_back(volume.id);
      if (!volume.damage.empty()) storage.damaged.push_back(volume);
    }
  }
  co_return common::ok();
}

void add_storage(const Storage& storage, Element& item) {
  item.add("zone", storage.zone).add("name", storage.service);
  item.add("reported", storage.report.has_value());
  if (!storage.report) return;
  item.add("capacityGib", storage.report->capacity_gib).add("usedGib", storage.report->used_gib);
  item.list("unknownVolumes", storage.unknown,
            [](const VolumeId& id, Element& entry) { entry.add("volumeId", id); });
  item.list("damagedVolumes", storage.damaged, [](const StoredVolume& volume, Element& entry) {
    entry.add("volumeId", volume.id).add("reason", volume.damage);
  });
}

void add_stuck(const Census::Stuck& stuck, Element& item) {
  item.add("volumeId", stuck.volume).add("instanceId", stuck.instance);
  item.add("state", stuck.state).add("since", stuck.since).add("reason", stuck.reason);
}

Task<Reply> handle(Services& s, Caller, Request) {
  const auto now = s.runtime.now();
  const auto read = [now](Tx& tx) { return load(tx, now); };
  CO_TRY(auto found, co_await s.db.read(read));
  CO_TRY_VOID(co_await look_at_storages(s, found.storages));
  const auto& census = found.census;
  Reply reply;
  reply.add("regionName", s.config.region_name).add("time", now);
  reply.add("registryVersion", census.registry_version + 1);  // as it is issued
  if (census.restored_at_ms)
    reply.add("restoredAt", common::SysTime(std::chrono::milliseconds(census.restored_at_ms)));
  reply.add("notWritable", s.db.why_not_writable());
  reply.add("accounts", census.accounts).add("users", census.users);
  add_counts("instances", census.instances, reply);
  add_counts("volumes", census.volumes, reply);
  reply.add("volumesGib", census.volumes_gib);
  add_counts("images", census.images, reply);
  reply.list("storages", found.storages, add_storage);
  reply.list("stuckAttachments", census.stuck, add_stuck);
  co_return reply;
}

}  // namespace

extern const Action DescribeCloud{
    .name = "DescribeCloud",
    .permission = "bootstrap:DescribeCloud",
    .api = Api::bootstrap,
    .administrators_only = true,
    .run = parse_then<Request, kNoParams<Request>, handle>,
};

}  // namespace angophora::clc::actions::describe_cloud
