#include <boost/json.hpp>

#include "clc/cli/cloud_status.h"

namespace angophora::clc::cli {
namespace {

namespace json = boost::json;

json::object of(const CountByName& counts) {
  json::object object;
  for (const auto& [name, count] : counts) object[name] = count;
  return object;
}

json::array of(const std::vector<std::string>& texts) {
  json::array array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

json::object of(const CloudStatus::Room& room) {
  return {{"vcpus", room.vcpus}, {"memory_mib", room.memory_mib}, {"disk_gib", room.disk_gib}};
}

json::object of(const CloudStatus::Service& s) {
  return {{"type", s.type},       {"zone", s.zone},       {"name", s.name},    {"state", s.state},
          {"address", s.address}, {"version", s.version}, {"reason", s.reason}};
}

json::object of(const CloudStatus::Node& node) {
  json::object types;
  for (const auto& type : node.types)
    types[type.type] = json::object{{"max", type.max}, {"available", type.available}};
  return {{"zone", node.zone},
          {"name", node.name},
          {"state", node.state},
          {"reason", node.reason},
          {"virtualization", node.virtualization},
          {"total", of(node.total)},
          {"available", of(node.available)},
          {"instance_types", std::move(types)},
          {"instances", of(node.instances)},
          {"unknown_instances", of(node.unknown_instances)}};
}

json::object of(const CloudStatus::Storage& storage) {
  json::object damaged;
  for (const auto& [volume, reason] : storage.damaged_volumes) damaged[volume] = reason;
  return {{"zone", storage.zone},
          {"name", storage.name},
          {"reported", storage.reported},
          {"capacity_gib", storage.capacity_gib},
          {"used_gib", storage.used_gib},
          {"unknown_volumes", of(storage.unknown_volumes)},
          {"damaged_volumes", std::move(damaged)}};
}

template <class Row>
json::array all_of(const std::vector<Row>& rows) {
  json::array array;
  for (const auto& row : rows) array.emplace_back(of(row));
  return array;
}

}  // namespace

std::string json_of(const CloudStatus& status) {
  const auto problems = problems_of(status);
  json::object object{{"well", problems.empty()},
                      {"problems", of(problems)},
                      {"region", status.region},
                      {"registry_version", status.registry_version},
                      {"accounts", status.accounts},
                      {"users", status.users},
                      {"services", all_of(status.services)},
                      {"nodes", all_of(status.nodes)},
                      {"storage", all_of(status.storages)},
                      {"instances", of(status.instances)},
                      {"volumes", of(status.volumes)},
                      {"volumes_gib", status.volumes_gib},
                      {"images", of(status.images)},
                      {"stuck_attachments", of(status.stuck_attachments)}};
  if (!status.restored_at.empty()) object["restored_at"] = status.restored_at;
  return json::serialize(object) + "\n";
}

}  // namespace angophora::clc::cli
