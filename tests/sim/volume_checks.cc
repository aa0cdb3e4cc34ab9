#include "tests/sim/volume_checks.h"

#include "clc/store/volumes.h"
#include "nc/domain/attachment.h"

namespace angophora::sim {

using namespace std::chrono_literals;
using clc::AttachmentState;
using clc::VolumeState;

bool is_connected(const nc::FakeVolumeClients::Client& client, const sc::ExportSpec& served) {
  return client.runs && !client.cut_off && client.exported.port == served.port &&
         client.exported.username == sc::psk_username(served.volume, served.epoch);
}

bool has_disk(const Machine& machine, const InstanceId& instance, const VolumeId& volume) {
  const auto guest = machine.guests.find(instance);
  if (guest == machine.guests.end() || !guest->second.status.active) return false;
  for (const auto& disk : guest->second.plan.disks)
    if (disk.serial == nc::serial_of(volume)) return true;
  return false;
}

void VolumeChecks::look() {
  for (const auto& [volume, served] : cloud_.sc().exports().serving) {
    std::string holder;
    for (const auto& node : cloud_.nodes())
      for (const auto& [id, client] : node->machine.volume_clients.clients) {
        if (id.volume != volume || !is_connected(client, served)) continue;
        const auto here = id.instance.value + " on " + node->machine.name;
        if (!holder.empty())
          cloud_.trace.violate(volume.value + " is open to " + holder + " and to " + here);
        holder = here;
      }
  }
}

namespace {

common::awaitable<void> read_volumes(clc::Daemon& daemon,
                                     std::function<void(const std::vector<clc::Volume>&)> tell) {
  const auto list = [](clc::Tx& tx) { return clc::Volumes(tx).list(clc::AccountId()); };
  const auto volumes = co_await daemon.services().db.read(list);
  if (volumes) tell(volumes.value());
}

}  // namespace

void VolumeChecks::begin_audits() {
  if (auto* daemon = cloud_.clc().serving()) {
    auto tell = [this](const std::vector<clc::Volume>& all) { audit(all); };
    cloud_.clc().runtime().spawn("audit volumes", read_volumes(*daemon, std::move(tell)));
  }
  cloud_.world.call_at(cloud_.world.steady_now() + 1s, [this] { begin_audits(); });
}

void VolumeChecks::audit(const std::vector<clc::Volume>& volumes) {
  std::map<VolumeId, clc::Volume> rows;
  for (const auto& volume : volumes) rows[volume.id] = volume;
  for (const auto& [id, promise] : users_.volumes())
    if (!promise.end_asked && !rows.contains(id))
      cloud_.trace.violate(id.value + " was promised and is lost");
  const auto& stored = cloud_.sc().volumes().volumes;
  for (const auto& [id, row] : rows) {
    const bool must_be_there = row.state == VolumeState::available || row.attachment;
    if (must_be_there && !stored.contains(id))
      cloud_.trace.violate(id.value + " is " + std::string(to_string(row.state)) +
                           " and its bytes are gone");
    if (row.state == VolumeState::error)
      cloud_.trace.violate(id.value + " could not be made: " + row.reason);
  }
  for (const auto& [id, served] : cloud_.sc().exports().serving) {
    const auto row = rows.find(id);
    if (row == rows.end() || !row->second.attachment)
      cloud_.trace.violate(id.value + " is nobody's and is served");
  }
  rows_ = std::move(rows);
}

bool VolumeChecks::belongs(const VolumeId& volume, const InstanceId& instance,
                           const std::string& node) const {
  const auto row = rows_.find(volume);
  if (row == rows_.end() || !row->second.attachment) return false;
  const auto& attachment = *row->second.attachment;
  return attachment.state == AttachmentState::attached && attachment.instance == instance &&
         attachment.node.value == node;
}

// --- once the faults have stopped ---

std::string VolumeChecks::unsettled() const {
  for (const auto& [id, row] : rows_)
    if (auto why = unsettled_volume(row); !why.empty()) return why;
  for (const auto& [id, size] : cloud_.sc().volumes().volumes)
    if (!rows_.contains(id)) return id.value + " left its bytes";
  for (auto& node : cloud_.nodes())
    if (auto why = leftovers(*node); !why.empty()) return why;
  return {};
}

std::string VolumeChecks::unsettled_volume(const clc::Volume& row) const {
  const auto& id = row.id.value;
  if (row.state == VolumeState::available) return {};
  if (!row.attachment) return id + " is " + std::string(to_string(row.state));
  const auto& attachment = *row.attachment;
  if (attachment.state != AttachmentState::attached)
    return id + " is " + std::string(to_string(attachment.state));
  for (const auto& node : cloud_.nodes())
    if (node->machine.name == attachment.node.value &&
        has_disk(node->machine, attachment.instance, row.id))
      return {};
  return id + " counts as attached and is not in " + attachment.instance.value;
}

std::string VolumeChecks::leftovers(NcHost& node) const {
  const auto& machine = node.machine;
  for (const auto& [id, client] : machine.volume_clients.clients)
    if (!belongs(id.volume, id.instance, machine.name))
      return id.volume.value + " left a client on " + machine.name;
  for (const auto& [instance, guest] : machine.guests) {
    if (!guest.status.active) continue;
    for (const auto& [volume, promise] : users_.volumes())
      if (has_disk(machine, instance, volume) && !belongs(volume, instance, machine.name))
        return volume.value + " is left in " + instance.value + " on " + machine.name;
  }
  return {};
}

}  // namespace angophora::sim
