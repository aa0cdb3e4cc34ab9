// What must be true at the end of a history.
#include <filesystem>

#include "common/process/process.h"
#include "tests/histories/world/history.h"

namespace angophora::histories {

namespace fs = std::filesystem;
using common::Errc;
using namespace std::chrono_literals;

namespace {

// Files below `folder`, by their first name; those that a daemon keeps for itself are not asked
// for.
std::string files_in(const std::string& folder) {
  std::error_code none;
  for (const auto& entry : fs::recursive_directory_iterator(folder, none))
    return entry.path().string();
  return "";
}

// In the object store's own database: what refers to a chunk although nobody has a snapshot.
constexpr char kReferences[] = R"(
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
for what in ("maps", "map_entries", "map_holders", "chunks WHERE refs <> 0"):
    count = db.execute("SELECT count(*) FROM " + what).fetchone()[0]
    if count: print(f"{count} of {what}")
)";

}  // namespace

Task<> History::settle_snapshots() {
  const auto give_up = runtime_.steady_now() + 60s;
  for (;;) {
    CO_TRY(const auto report, co_await orders_.describe_storage());
    std::string waits;
    for (const auto& snapshot : snapshots_) {
      if (snapshot->removed || snapshot->completed) continue;
      waits = snapshot->id + " is not reported";
      for (const auto& one : report.snapshots) {
        if (one.snapshotId != snapshot->id) continue;
        const auto reason = one.reason.value_or("");
        waits = snapshot->id + " is " + one.state + " at " + std::to_string(one.progress) + " " +
                reason;
        if (one.state == "completed") {
          snapshot->completed = true;
          waits.clear();
        } else if (one.state == "error") {
          if (!disk_failed_ || reason.empty()) co_return Error(Errc::internal, waits);
          note(waits);
          snapshot->reason = reason;
          CO_TRY_VOID(co_await orders_.delete_snapshot(snapshot->id));
          snapshot->removed = true;
          waits.clear();
        }
      }
      if (!waits.empty()) break;
    }
    if (waits.empty()) co_return common::ok();
    if (runtime_.steady_now() > give_up) co_return Error(Errc::timed_out, "stuck: " + waits);
    const common::Duration look = 10ms;
    co_await runtime_.sleep_for(look);
  }
}

// Some volumes are attached still: their guests end with them.
Task<> History::remove_all() {
  note("remove all");
  for (const auto& guest : guests_) {
    for (const auto& volume : volumes_)
      if (volume->disk && volume->attached && volume->guest.instance == guest.instance)
        volume->disk->stop();
    CO_TRY_VOID(co_await orders_.end_guest(guest));
  }
  for (const auto& volume : volumes_) {
    if (volume->attached) {
      CO_TRY_VOID(co_await orders_.revoke(volume->id, volume->epoch));
    }
    volume->attached = false;
  }
  // Snapshots may outlive their volumes and go before them.
  Dice dice(seed_, 999);
  const bool volumes_first = dice.percent(50);
  for (const bool volumes : {volumes_first, !volumes_first}) {
    if (volumes) {
      for (const auto& volume : volumes_) CO_TRY_VOID(co_await orders_.delete_volume(volume->id));
      continue;
    }
    for (const auto& snapshot : snapshots_) {
      if (snapshot->removed) continue;
      CO_TRY_VOID(co_await orders_.delete_snapshot(snapshot->id));
      snapshot->removed = true;
    }
  }
  co_return common::ok();
}

Task<> History::check_leftovers() {
  const auto give_up = runtime_.steady_now() + 20s;
  for (;;) {
    CO_TRY(const auto left, co_await leftovers());
    if (left.empty()) co_return common::ok();
    if (runtime_.steady_now() > give_up) co_return Error(Errc::internal, "left over: " + left);
    const common::Duration look = 20ms;
    co_await runtime_.sleep_for(look);
  }
}

// What is still there of the history; empty when nothing is.
Task<std::string> History::leftovers() {
  const auto& programs = world_.programs;
  if (!programs.export_servers().empty()) co_return "an export server";
  if (!programs.volume_clients().empty()) co_return "a volume client";
  for (const auto& node : kNodes)
    for (const auto& folder : {programs.run_dir(node), programs.state_dir(node) + "/guests"})
      if (auto file = files_in(folder); !file.empty()) co_return file;
  for (const auto& folder : {programs.paths().pool, programs.state_dir(kStorage) + "/exports"})
    if (auto file = files_in(folder); !file.empty()) co_return file;
  CO_TRY(const auto report, co_await orders_.describe_storage());
  if (!report.volumes.empty()) co_return "volume " + report.volumes[0].volumeId;
  if (!report.snapshots.empty()) co_return "snapshot " + report.snapshots[0].snapshotId;
  std::function<Result<std::string>()> look = [path = programs.state_dir(kStore) + "/walrus.db"] {
    process::Command question;
    question.argv = {"/usr/bin/python3", "-c", kReferences, path};
    return process::run_checked(question);
  };
  CO_TRY(auto references, co_await runtime_.run_blocking(std::move(look)));
  co_return references;
}

}  // namespace angophora::histories
