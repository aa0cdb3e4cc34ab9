// DescribeVolumes: the volumes that are named and exist, or all and the snapshots when none is
// named, and the pool.
#include <set>

#include "sc/operations/operations.h"

namespace angophora::sc {

Task<soap::storage::DescribeVolumes::Reply> describe_volumes(Services& s, Caller,
                                                             storage__DescribeVolumesType request) {
  const std::set<std::string> wanted(request.volumeIds.begin(), request.volumeIds.end());
  CO_TRY(const auto volumes, co_await s.volumes.list());
  CO_TRY(const auto grants, co_await s.exports.all());
  CO_TRY(const auto pool, co_await s.volumes.pool());
  CO_TRY(const auto snapshots, co_await s.snapshots.report());
  storage__DescribeVolumesResponseType answer;
  for (const auto& volume : volumes) {
    if (!wanted.empty() && !wanted.contains(volume.id.value)) continue;
    auto& to = answer.volumes.emplace_back();
    to.volumeId = volume.id.value;
    to.sizeGib = static_cast<int>(volume.size_gib);
    const auto damage =
        volume.damage.empty() ? s.snapshots.filler().trouble(volume.id) : volume.damage;
    to.state = damage.empty() ? "available" : "error";
    if (!damage.empty()) to.reason = damage;
    const auto missing = s.snapshots.filler().missing(volume.id);
    if (missing != 0) to.missingChunks = static_cast<std::int64_t>(missing);
    const auto grant = grants.find(volume.id);
    if (grant == grants.end()) continue;
    to.attachmentEpoch = grant->second.holder.epoch;
    if (grant->second.granted) to.exportedTo = grant->second.holder.node.value;
  }
  if (wanted.empty())
    for (const auto& [snapshot, percent] : snapshots)
      answer.snapshots.push_back(wire_form(snapshot, percent));
  answer.capacityGib = static_cast<std::int64_t>(pool.capacity_bytes / kBytesPerGib);
  answer.usedGib = static_cast<std::int64_t>((pool.used_bytes() + kBytesPerGib - 1) / kBytesPerGib);
  co_return answer;
}

}  // namespace angophora::sc
