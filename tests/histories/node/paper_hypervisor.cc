#include "tests/histories/node/paper_hypervisor.h"

#include <filesystem>
#include <fstream>

namespace angophora::histories {

using common::Errc;
using common::Error;
using common::InstanceId;
using common::Task;
namespace fs = std::filesystem;

namespace {

constexpr common::Duration kLook = std::chrono::milliseconds(3);
constexpr int kLooks = 60;

// In one step, so that nobody reads half of it.
void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path + ".new") << text;
  fs::rename(path + ".new", path);
}

}  // namespace

PaperHypervisor::PaperHypervisor(common::Runtime& runtime, std::string folder)
    : runtime_(runtime), folder_(std::move(folder)) {
  fs::create_directories(folder_);
}

Task<> PaperHypervisor::start(nc::DomainPlan plan) {
  const auto path = path_of(plan.id);
  if (fs::exists(path)) co_return common::ok();
  fs::create_directories(path + ".new");
  for (const auto& disk : plan.disks)
    if (!disk.socket.empty()) write_file(path + ".new/" + disk.serial, disk.socket);
  fs::rename(path + ".new", path);
  co_return common::ok();
}

Task<> PaperHypervisor::remove(InstanceId id) {
  fs::remove_all(path_of(id));
  co_return common::ok();
}

Task<> PaperHypervisor::ask_to_reboot(InstanceId) { co_return common::ok(); }

Task<> PaperHypervisor::reset(InstanceId) { co_return common::ok(); }

Task<> PaperHypervisor::resume(InstanceId id) {
  fs::remove(path_of(id) + "/stopped");
  co_return common::ok();
}

Task<> PaperHypervisor::attach_disk(InstanceId id, nc::Disk disk) {
  const auto path = path_of(id);
  if (!fs::exists(path)) co_return Error(Errc::not_found, "there is no domain " + id.value);
  const auto file = path + "/" + disk.serial;
  if (fs::exists(file + ".unplug"))
    co_return Error(Errc::io, "the disk " + disk.serial + " is just leaving");
  if (!fs::exists(file)) write_file(file, disk.socket);
  co_return common::ok();
}

Task<bool> PaperHypervisor::detach_disk(InstanceId id, nc::Disk disk) {
  const auto file = path_of(id) + "/" + disk.serial;
  for (int i = 0; i < kLooks; ++i) {
    if (!fs::exists(file)) co_return true;
    if (i == 0) write_file(file + ".unplug", "");
    co_await runtime_.sleep_for(kLook);
  }
  co_return false;
}

Task<std::vector<nc::DomainStatus>> PaperHypervisor::list() {
  std::vector<nc::DomainStatus> all;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (entry.path().extension() == ".new") continue;
    nc::DomainStatus status;
    status.id = InstanceId(entry.path().filename().string());
    status.active = true;
    status.io_stopped = fs::exists(entry.path() / "stopped");
    all.push_back(std::move(status));
  }
  co_return all;
}

}  // namespace angophora::histories
