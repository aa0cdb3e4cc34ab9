#include "sc/store/volume_records.h"

namespace angophora::sc {

Result<std::optional<std::uint32_t>> VolumeRecords::size_gib(const VolumeId& id) {
  TRY(auto q, tx_.prepare("SELECT size_gib FROM volumes WHERE id=?1"));
  q.bind(1, id);
  TRY(const bool found, q.step());
  if (!found) return std::optional<std::uint32_t>();
  return std::optional(static_cast<std::uint32_t>(q.integer(0)));
}

Result<std::map<VolumeId, std::uint32_t>> VolumeRecords::all() {
  TRY(auto q, tx_.prepare("SELECT id, size_gib FROM volumes"));
  std::map<VolumeId, std::uint32_t> sizes;
  for (;;) {
    TRY(const bool more, q.step());
    if (!more) return sizes;
    sizes.emplace(q.id<VolumeId>(0), static_cast<std::uint32_t>(q.integer(1)));
  }
}

Result<> VolumeRecords::insert(const VolumeId& id, std::uint32_t size_gib) {
  TRY(auto q, tx_.prepare("INSERT INTO volumes (id, size_gib) VALUES (?1, ?2) "
                          "ON CONFLICT DO NOTHING"));
  q.bind(1, id).bind(2, size_gib);
  TRY_VOID(q.run());
  return common::ok();
}

Result<> VolumeRecords::remove(const VolumeId& id) {
  TRY(auto q, tx_.prepare("DELETE FROM volumes WHERE id=?1"));
  q.bind(1, id);
  TRY_VOID(q.run());
  return common::ok();
}

}  // namespace angophora::sc
