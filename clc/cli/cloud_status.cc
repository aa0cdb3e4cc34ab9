#include "clc/cli/cloud_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/base/text.h"

namespace angophora::clc::cli {
namespace {

using common::Errc;
using common::Error;
using common::Result;

// A pool fuller than this refuses new volumes soon.
constexpr std::int64_t kPoolPercentMax = 90;
constexpr std::size_t kNamedMax = 5;

std::int64_t number(const xml::Element& element, std::string_view name) {
  return common::parse_number<std::int64_t>(element.text_of(name)).value_or(0);
}

std::vector<const xml::Element*> items(const xml::Element& element, std::string_view list) {
  const auto* found = element.child(list);
  return found ? found->children_named("item") : std::vector<const xml::Element*>();
}

std::vector<std::string> texts(const xml::Element& element, std::string_view list,
                               std::string_view name) {
  std::vector<std::string> found;
  for (const auto* item : items(element, list)) found.push_back(item->text_of(name));
  return found;
}

CountByName counts(const xml::Element& element, std::string_view list) {
  CountByName found;
  for (const auto* item : items(element, list))
    found.emplace_back(item->text_of("name"), number(*item, "count"));
  return found;
}

CloudStatus::Room room(const xml::Element& element, std::string_view name) {
  const auto* found = element.child(name);
  if (!found) return {};
  return {number(*found, "vcpus"), number(*found, "memoryMib"), number(*found, "diskGib")};
}

CloudStatus::Service read_service(const xml::Element& item, const xml::Element& id) {
  CloudStatus::Service service;
  service.type = id.text_of("type");
  service.zone = id.text_of("partition");
  service.name = id.text_of("name");
  service.address = id.text_of("uri");
  service.state = item.text_of("localState");
  service.version = item.text_of("version");
  for (const auto* detail : items(item, "statusDetails"))
    service.reason += (service.reason.empty() ? "" : "; ") + detail->text_of("message");
  return service;
}

CloudStatus::Node read_node(const xml::Element& item) {
  CloudStatus::Node node;
  node.zone = item.text_of("zone");
  node.name = item.text_of("name");
  node.state = item.text_of("localState");
  node.reason = item.text_of("details");
  node.virtualization = item.text_of("virtualization");
  node.total = room(item, "total");
  node.available = room(item, "available");
  for (const auto* type : items(item, "instanceTypes"))
    if (const auto max = number(*type, "max"); max > 0)
      node.types.push_back({type->text_of("name"), max, number(*type, "available")});
  node.instances = texts(item, "instances", "instanceId");
  node.unknown_instances = texts(item, "unknownInstances", "instanceId");
  return node;
}

CloudStatus::Storage read_storage(const xml::Element& item) {
  CloudStatus::Storage storage;
  storage.zone = item.text_of("zone");
  storage.name = item.text_of("name");
  storage.reported = item.text_of("reported") == "true";
  storage.capacity_gib = number(item, "capacityGib");
  storage.used_gib = number(item, "usedGib");
  storage.unknown_volumes = texts(item, "unknownVolumes", "volumeId");
  for (const auto* volume : items(item, "damagedVolumes"))
    storage.damaged_volumes.emplace_back(volume->text_of("volumeId"), volume->text_of("reason"));
  return storage;
}

// a, b, c and 7 more
std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamedMax); ++i)
    text += (text.empty() ? "" : ", ") + names[i];
  if (names.size() > kNamedMax) text += fmt::format(" and {} more", names.size() - kNamedMax);
  return text;
}

void judge_services(const CloudStatus& status, std::vector<std::string>& problems) {
  std::set<std::string> zones, storage_zones, zones_with_nodes;
  bool has_walrus = false;
  std::map<std::string, std::vector<std::string>> versions;
  for (const auto& service : status.services) {
    if (service.state != "ENABLED" && service.state != "STOPPED")
      problems.push_back(fmt::format("{} {} is {}: {}", service.type, service.name, service.state,
                                     service.reason));
    if (service.type == "walrus") has_walrus = true;
    if (service.type == "cluster") zones.insert(service.zone);
    if (service.type == "storage") storage_zones.insert(service.zone);
    if (service.type == "node") zones_with_nodes.insert(service.zone);
    if (!service.version.empty()) versions[service.version].push_back(service.name);
  }
  if (!has_walrus)
    problems.emplace_back(
        "there is no Walrus: images and S3 need one "
        "(angophora service register NAME --type walrus --host ...)");
  if (zones.empty())
    problems.emplace_back("there is no availability zone: register a cluster controller");
  for (const auto& zone : zones) {
    if (!zones_with_nodes.contains(zone))
      problems.push_back("zone " + zone + " has no node, so no instance can run there");
    if (!storage_zones.contains(zone))
      problems.push_back("zone " + zone + " has no storage controller, so no volume");
  }
  if (versions.size() > 1) {
    std::string text = "the components are of different versions:";
    for (const auto& [version, names] : versions)
      text += fmt::format(" {} ({})", version, some_of(names));
    problems.push_back(std::move(text));
  }
}

void judge_storages(const CloudStatus& status, std::vector<std::string>& problems) {
  for (const auto& storage : status.storages) {
    const bool is_full = storage.capacity_gib > 0 &&
                         storage.used_gib * 100 >= storage.capacity_gib * kPoolPercentMax;
    if (is_full)
      problems.push_back(fmt::format("the storage of zone {} is nearly full: {} of {} GiB",
                                     storage.zone, storage.used_gib, storage.capacity_gib));
    for (const auto& [volume, reason] : storage.damaged_volumes)
      problems.push_back(fmt::format("volume {} is damaged: {}", volume, reason));
    if (!storage.unknown_volumes.empty())
      problems.push_back(fmt::format("{} keeps volumes that the cloud does not know: {}",
                                     storage.name, some_of(storage.unknown_volumes)));
  }
}

std::int64_t count_of(const CountByName& counts, std::string_view name) {
  for (const auto& [key, count] : counts)
    if (key == name) return count;
  return 0;
}

std::string counted(const CountByName& counts) {
  std::string text;
  for (const auto& [name, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text.empty() ? "none" : text;
}

}  // namespace

Result<CloudStatus> read_cloud_status(const xml::Element& services, const xml::Element& nodes,
                                      const xml::Element& cloud) {
  if (!services.child("serviceStatuses") || !nodes.child("nodeControllers") ||
      !cloud.child("registryVersion"))
    return Error(Errc::corrupt, "the cloud controller's answer lacks what a status is made of");
  CloudStatus status;
  for (const auto* item : items(services, "serviceStatuses"))
    if (const auto* id = item->child("serviceId"))
      status.services.push_back(read_service(*item, *id));
  for (const auto* item : items(nodes, "nodeControllers")) status.nodes.push_back(read_node(*item));
  status.region = cloud.text_of("regionName");
  status.restored_at = cloud.text_of("restoredAt");
  status.not_writable = cloud.text_of("notWritable");
  status.registry_version = number(cloud, "registryVersion");
  status.accounts = number(cloud, "accounts");
  status.users = number(cloud, "users");
  status.volumes_gib = number(cloud, "volumesGib");
  status.instances = counts(cloud, "instances");
  status.volumes = counts(cloud, "volumes");
  status.images = counts(cloud, "images");
  for (const auto* item : items(cloud, "storages")) status.storages.push_back(read_storage(*item));
  for (const auto* item : items(cloud, "stuckAttachments")) {
    const auto reason = item->text_of("reason");
    status.stuck_attachments.push_back(fmt::format(
        "{} at {} is {} since {}{}", item->text_of("volumeId"), item->text_of("instanceId"),
        item->text_of("state"), item->text_of("since"), reason.empty() ? "" : ": " + reason));
  }
  return status;
}

std::vector<std::string> problems_of(const CloudStatus& status) {
  std::vector<std::string> problems;
  if (!status.not_writable.empty())
    problems.push_back("the cloud controller cannot write its database: " + status.not_writable);
  judge_services(status, problems);
  for (const auto& node : status.nodes)
    if (!node.unknown_instances.empty())
      problems.push_back(fmt::format("node {} runs guests that the cloud does not know: {}",
                                     node.name, some_of(node.unknown_instances)));
  judge_storages(status, problems);
  if (const auto broken = count_of(status.volumes, "error"))
    problems.push_back(fmt::format("{} volume(s) could not be made", broken));
  for (const auto& stuck : status.stuck_attachments) problems.push_back("attachment " + stuck);
  return problems;
}

std::string text_of(const CloudStatus& status) {
  std::string text;
  const auto problems = problems_of(status);
  text += problems.empty()
              ? fmt::format("Cloud {}: all is well.\n", status.region)
              : fmt::format("Cloud {}: {} thing(s) to look at:\n", status.region, problems.size());
  for (const auto& problem : problems) text += "  ! " + problem + "\n";
  text += fmt::format("\n{:<8} {:<12} {:<16} {:<9} {:<9} {}\n", "SERVICE", "ZONE", "NAME", "STATE",
                      "VERSION", "REASON");
  for (const auto& s : status.services)
    text += fmt::format("{:<8} {:<12} {:<16} {:<9} {:<9} {}\n", s.type, s.zone, s.name, s.state,
                        s.version, s.reason);
  if (!status.nodes.empty())
    text += fmt::format("\n{:<16} {:>9} {:>15} {:>13} {:>9}  FREE/MAX OF EACH TYPE\n", "NODE",
                        "VCPUS", "MEMORY_MIB", "DISK_GIB", "INSTANCES");
  for (const auto& node : status.nodes) {
    const auto& t = node.total;
    const auto used = [](std::int64_t all, std::int64_t left) {
      return fmt::format("{}/{}", all - left, all);
    };
    text += fmt::format("{:<16} {:>9} {:>15} {:>13} {:>9} ", node.name,
                        used(t.vcpus, node.available.vcpus),
                        used(t.memory_mib, node.available.memory_mib),
                        used(t.disk_gib, node.available.disk_gib), node.instances.size());
    for (const auto& type : node.types)
      text += fmt::format(" {}={}/{}", type.type, type.available, type.max);
    text += "\n";
  }
  text += "\n";
  for (const auto& storage : status.storages)
    text += storage.reported ? fmt::format("Storage of {}: {} of {} GiB used\n", storage.zone,
                                           storage.used_gib, storage.capacity_gib)
                             : fmt::format("Storage of {}: no report\n", storage.zone);
  text += "Instances: " + counted(status.instances) + "\n";
  text += fmt::format("Volumes: {} ({} GiB)\n", counted(status.volumes), status.volumes_gib);
  text += "Images: " + counted(status.images) + "\n";
  text += fmt::format("Accounts: {}, users: {}\nRegistry version: {}\n", status.accounts,
                      status.users, status.registry_version);
  if (!status.restored_at.empty()) text += "Restored from a backup: " + status.restored_at + "\n";
  return text;
}

}  // namespace angophora::clc::cli
