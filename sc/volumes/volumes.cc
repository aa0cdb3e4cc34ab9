#include "sc/volumes/volumes.h"

#include <algorithm>
#include <map>

#include "sc/store/volume_records.h"

namespace angophora::sc {
namespace {

using Size = std::optional<std::uint32_t>;

// The volume as its bytes and its record tell it together; nothing when there is neither.
std::optional<Volume> joined(const VolumeId& id, std::optional<Volume> bytes, Size recorded) {
  if (!bytes && !recorded) return std::nullopt;
  if (!recorded) return bytes;
  if (!bytes) return Volume{id, *recorded, "its file is gone", true};
  if (bytes->size_gib != *recorded && !bytes->lost) {
    bytes->lost = true;
    bytes->damage = "its file has " + std::to_string(bytes->size_gib) + " GiB, not " +
                    std::to_string(*recorded);
  }
  bytes->size_gib = *recorded;
  return bytes;
}

}  // namespace

Task<> Volumes::start() {
  CO_TRY(auto present, co_await backend_.list());
  auto record = [present = std::move(present)](db::Tx& tx) -> Result<> {
    for (const auto& volume : present)
      if (volume.damage.empty()) TRY_VOID(VolumeRecords(tx).insert(volume.id, volume.size_gib));
    return common::ok();
  };
  co_return co_await db_.write(std::move(record));
}

Task<> Volumes::create(VolumeId id, std::int64_t size_gib) {
  ChunkMap nothing;
  co_return co_await create_from(std::move(id), size_gib, std::move(nothing));
}

Task<> Volumes::create_from(VolumeId id, std::int64_t size_gib, ChunkMap source) {
  CO_TRY_VOID(check_id(id));
  CO_TRY_VOID(check_size(id, size_gib));
  const auto before = co_await find(id);
  if (before && !before.assume_value().damage.empty())
    co_return Error(VolumeErrc::damaged, "volume " + id.value + " exists and is damaged: " +
                                             before.assume_value().damage);
  if (!before && before.assume_error().code != common::Errc::not_found)
    co_return Error(before.assume_error());
  CO_TRY_VOID(co_await backend_.create_from(id, size_gib, std::move(source)));
  auto record = [id, size_gib](db::Tx& tx) {
    return VolumeRecords(tx).insert(id, static_cast<std::uint32_t>(size_gib));
  };
  co_return co_await db_.write(std::move(record));
}

Task<> Volumes::remove(VolumeId id) {
  CO_TRY_VOID(check_id(id));
  // The record goes first: bytes that a crash leaves are found and recorded at the next start, and
  // the caller, who got no answer, asks again.
  auto forget = [id](db::Tx& tx) { return VolumeRecords(tx).remove(id); };
  CO_TRY_VOID(co_await db_.write(std::move(forget)));
  co_return co_await backend_.remove(id);
}

Task<std::vector<Volume>> Volumes::list() {
  auto read = [](db::Tx& tx) { return VolumeRecords(tx).all(); };
  CO_TRY(auto recorded, co_await db_.read(std::move(read)));
  CO_TRY(auto present, co_await backend_.list());
  std::vector<Volume> all;
  for (auto& volume : present) {
    const auto id = volume.id;
    const auto at = recorded.find(id);
    all.push_back(*joined(id, std::move(volume), at == recorded.end() ? Size() : at->second));
    if (at != recorded.end()) recorded.erase(at);
  }
  for (const auto& [id, size_gib] : recorded) all.push_back(*joined(id, {}, size_gib));
  std::sort(all.begin(), all.end(), [](const Volume& a, const Volume& b) { return a.id < b.id; });
  co_return all;
}

Task<Volume> Volumes::find(VolumeId id) {
  auto read = [id](db::Tx& tx) { return VolumeRecords(tx).size_gib(id); };
  CO_TRY(const auto recorded, co_await db_.read(std::move(read)));
  CO_TRY(auto present, co_await backend_.find(id));
  auto volume = joined(id, std::move(present), recorded);
  if (!volume) co_return Error(common::Errc::not_found, "there is no volume " + id.value);
  co_return std::move(*volume);
}

}  // namespace angophora::sc
