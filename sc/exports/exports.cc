#include "sc/exports/exports.h"

#include "common/log/log.h"
#include "sc/store/grants.h"

namespace angophora::sc {
namespace {

constexpr std::chrono::milliseconds kLookInterval{200};  // at servers that should run
constexpr std::chrono::seconds kTryAgain{2};             // to serve what could not be served
constexpr std::chrono::hours kNothingToLookAt{1};
constexpr std::size_t kKeyBytes = 32;

}  // namespace

std::string psk_username(const VolumeId& volume, std::int64_t epoch) {
  return volume.value + "." + std::to_string(epoch);
}

Exports::Exports(common::Runtime& runtime, db::Database& db, Volumes& volumes, ExportServer& server)
    : runtime_(runtime), db_(db), volumes_(volumes), server_(server), turns_(runtime) {}

Task<std::optional<Grant>> Exports::find(VolumeId volume) {
  auto read = [volume](db::Tx& tx) { return Grants(tx).find(volume); };
  co_return co_await db_.read(std::move(read));
}

Task<> Exports::put(Grant grant) {
  auto write = [grant](db::Tx& tx) { return Grants(tx).put(grant); };
  co_return co_await db_.write(std::move(write));
}

Task<std::map<VolumeId, Grant>> Exports::all() {
  auto read = [](db::Tx& tx) { return Grants(tx).all(); };
  CO_TRY(auto grants, co_await db_.read(std::move(read)));
  std::map<VolumeId, Grant> by_volume;
  for (auto& grant : grants) {
    const auto id = grant.volume;
    by_volume.emplace(id, std::move(grant));
  }
  co_return by_volume;
}

Task<ExportSpec> Exports::spec_of(Grant grant) {
  CO_TRY(auto volume, co_await volumes_.find(grant.volume));
  if (volume.lost)
    co_return Error(VolumeErrc::damaged, "volume " + volume.id.value + ": " + volume.damage);
  ExportSpec spec{grant.volume, grant.holder.epoch, volume.size_gib * kBytesPerGib, grant.port,
                  grant.key};
  co_return spec;
}

Task<> Exports::start() {
  CO_TRY(const auto grants, co_await all());
  std::vector<ExportSpec> keep;
  for (const auto& [id, grant] : grants) {
    if (!grant.open) continue;
    open_.insert(id);
    broken_.insert(id);  // until it was looked at
    ExportSpec spec{id, grant.holder.epoch, 0, grant.port, grant.key};
    keep.push_back(std::move(spec));
  }
  CO_TRY_VOID(co_await server_.sweep(std::move(keep)));
  co_await serve_broken();
  runtime_.spawn("keep exports served", keep_serving());
  co_return common::ok();
}

Task<> Exports::shut(Grant grant) {
  // First on disk that it is closed: after a crash in between, the next start ends the server.
  const auto id = grant.volume;
  grant.open = false;
  grant.port = 0;
  grant.key.clear();
  CO_TRY_VOID(co_await put(std::move(grant)));
  open_.erase(id);
  broken_.erase(id);
  co_return co_await server_.end(id);
}

Task<> Exports::grant(VolumeId volume, Holder holder) {
  CO_TRY_VOID(check_id(volume));
  CO_TRY(const auto turn, co_await turns_.take(volume));
  CO_TRY_VOID(co_await volumes_.find(volume));
  CO_TRY(auto present, co_await find(volume));
  CO_TRY(const auto step, check_grant(volume, present, holder));
  if (step == GrantStep::nothing) co_return common::ok();
  if (present) {
    present->granted = false;
    CO_TRY_VOID(co_await shut(std::move(*present)));
  }
  Grant fresh;
  fresh.volume = volume;
  fresh.holder = std::move(holder);
  fresh.granted = true;
  co_return co_await put(std::move(fresh));
}

Task<> Exports::revoke(VolumeId volume, std::int64_t epoch) {
  CO_TRY_VOID(check_id(volume));
  CO_TRY_VOID(check_epoch(epoch));
  CO_TRY(const auto turn, co_await turns_.take(volume));
  CO_TRY(auto present, co_await find(volume));
  if (!concerns(present, epoch)) co_return common::ok();
  if (!present) {
    const auto known = co_await volumes_.find(volume);
    if (!known && known.assume_error().code == common::Errc::not_found) co_return common::ok();
    if (!known) co_return Error(known.assume_error());
    present.emplace();
    present->volume = volume;
  }
  if (epoch > present->holder.epoch) present->holder = {InstanceId(), NodeName(), epoch};
  present->granted = false;
  co_return co_await shut(std::move(*present));
}

Task<ExportSpec> Exports::open(VolumeId volume, Holder caller) {
  CO_TRY_VOID(check_id(volume));
  CO_TRY(const auto turn, co_await turns_.take(volume));
  CO_TRY(auto grant, co_await find(volume));
  CO_TRY_VOID(check_open(volume, grant, caller));
  if (!grant->open) grant->key = runtime_.random_bytes(kKeyBytes);
  CO_TRY(auto spec, co_await spec_of(*grant));
  CO_TRY(spec.port, co_await server_.serve(spec));
  open_.insert(volume);
  broken_.erase(volume);
  changed_.notify();
  if (grant->open) co_return spec;
  grant->open = true;
  grant->port = spec.port;
  // When this fails the server runs for nobody: it ends with the next call or start.
  CO_TRY_VOID(co_await put(std::move(*grant)));
  co_return spec;
}

Task<> Exports::close(VolumeId volume, Holder caller) {
  CO_TRY_VOID(check_id(volume));
  CO_TRY_VOID(check_epoch(caller.epoch));
  CO_TRY(const auto turn, co_await turns_.take(volume));
  CO_TRY(auto grant, co_await find(volume));
  if (!grant || caller.epoch < grant->holder.epoch) co_return common::ok();
  if (caller.epoch == grant->holder.epoch && !grant->granted) co_return common::ok();
  CO_TRY_VOID(check_open(volume, grant, caller));
  co_return co_await shut(std::move(*grant));
}

Task<> Exports::remove(VolumeId volume) {
  CO_TRY_VOID(check_id(volume));
  CO_TRY(const auto turn, co_await turns_.take(volume));
  CO_TRY(const auto grant, co_await find(volume));
  if (grant && grant->granted)
    co_return Error(VolumeErrc::in_use, "volume " + volume.value + " is granted to instance " +
                                            grant->holder.instance.value);
  CO_TRY_VOID(co_await server_.end(volume));
  CO_TRY_VOID(co_await volumes_.remove(volume));
  auto forget = [volume](db::Tx& tx) { return Grants(tx).remove(volume); };
  co_return co_await db_.write(std::move(forget));
}

Task<> Exports::serve_again(VolumeId volume) {
  CO_TRY(const auto turn, co_await turns_.take(volume));
  if (!open_.contains(volume)) co_return common::ok();
  CO_TRY(auto grant, co_await find(volume));
  if (!grant || !grant->open) co_return common::ok();
  CO_TRY(auto spec, co_await spec_of(std::move(*grant)));
  CO_TRY_VOID(co_await server_.serve(std::move(spec)));
  broken_.erase(volume);
  co_return common::ok();
}

common::awaitable<bool> Exports::serve_broken() {
  bool all = true;
  const auto broken = broken_;
  for (const auto& volume : broken) {
    const auto served = co_await serve_again(volume);
    if (served) {
      log::info("export.served_again", {{"volume", volume}});
    } else {
      log::error("export.not_served", {{"volume", volume}, {"reason", served.assume_error()}});
      all = false;
    }
  }
  co_return all;
}

common::awaitable<void> Exports::keep_serving() {
  while (!runtime_.stopping()) {
    const auto seen = changed_.notified();
    for (const auto& volume : server_.ended()) {
      if (!open_.contains(volume)) continue;
      log::warn("export.ended", {{"volume", volume}});
      broken_.insert(volume);
    }
    const bool all = co_await serve_broken();
    common::Duration pause = all ? kLookInterval : kTryAgain;
    if (open_.empty()) pause = kNothingToLookAt;
    co_await changed_.wait(runtime_, pause, seen);
  }
}

}  // namespace angophora::sc
