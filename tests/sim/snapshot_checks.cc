#include "tests/sim/snapshot_checks.h"

#include "clc/store/snapshots.h"
#include "tests/sim/faults.h"

namespace angophora::sim {

using namespace std::chrono_literals;
using clc::SnapshotState;

namespace {

bool failed_rightly(const clc::Snapshot& row) {
  return row.state == SnapshotState::error && row.reason.find(kDiskFull) != std::string::npos;
}

common::awaitable<void> read_snapshots(
    clc::Daemon& daemon, std::function<void(const std::vector<clc::Snapshot>&)> tell) {
  const auto list = [](clc::Tx& tx) { return clc::Snapshots(tx).all(); };
  const auto snapshots = co_await daemon.services().db.read(list);
  if (snapshots) tell(snapshots.value());
}

}  // namespace

void SnapshotChecks::begin_audits() {
  if (auto* daemon = cloud_.clc().serving()) {
    auto tell = [this](const std::vector<clc::Snapshot>& all) { audit(all); };
    cloud_.clc().runtime().spawn("audit snapshots", read_snapshots(*daemon, std::move(tell)));
  }
  cloud_.world.call_at(cloud_.world.steady_now() + 1s, [this] { begin_audits(); });
}

void SnapshotChecks::audit(const std::vector<clc::Snapshot>& snapshots) {
  std::map<SnapshotId, clc::Snapshot> rows;
  for (const auto& snapshot : snapshots) rows[snapshot.id] = snapshot;
  for (const auto& [id, promise] : users_.snapshots())
    if (!promise.end_asked && !rows.contains(id))
      cloud_.trace.violate(id.value + " was promised and is lost");
  for (const auto& [id, row] : rows) {
    if (failed_rightly(row)) continue;
    if (row.state == SnapshotState::error)
      cloud_.trace.violate(id.value + " could not be taken: " + row.reason);
    const auto before = rows_.find(id);
    if (before == rows_.end()) continue;
    if (before->second.state == SnapshotState::completed && row.state != SnapshotState::completed)
      cloud_.trace.violate(id.value + " was completed and is " + std::string(to_string(row.state)));
    if (row.progress < before->second.progress)
      cloud_.trace.violate(id.value + " goes back from " + std::to_string(before->second.progress) +
                           " percent");
  }
  rows_ = std::move(rows);
}

std::string SnapshotChecks::unsettled() const {
  for (const auto& [id, row] : rows_)
    if (row.state != SnapshotState::completed && !failed_rightly(row))
      return id.value + " is " + std::string(to_string(row.state)) + ", " +
             (row.taken ? "taken" : "not taken");
  return {};
}

}  // namespace angophora::sim
