#include "clc/http/routing.h"

#include <algorithm>

#include "common/base/text.h"

namespace angophora::clc {
namespace {

// A front door by name; `offered` is nothing for services that this cloud has not.
struct Door {
  std::string_view name;
  std::optional<Api> offered;
};

constexpr std::string_view kS3Names[] = {"objectstorage", "walrus", "s3"};

// Names as paths (/services/NAME) and Host labels (NAME.example.org) have them, in small letters.
const Door* find_door(std::string_view name) {
  static const Door kDoors[] = {
      {"compute", Api::ec2},
      {"eucalyptus", Api::ec2},
      {"ec2", Api::ec2},
      {"euare", Api::iam},
      {"iam", Api::iam},
      {"tokens", Api::sts},
      {"sts", Api::sts},
      {"empyrean", Api::bootstrap},
      {"bootstrap", Api::bootstrap},
      {"properties", Api::properties},
      {"autoscaling", std::nullopt},
      {"cloudwatch", std::nullopt},
      {"monitoring", std::nullopt},
      {"loadbalancing", std::nullopt},
      {"elasticloadbalancing", std::nullopt},
      {"cloudformation", std::nullopt},
      {"simpleworkflow", std::nullopt},
      {"imaging", std::nullopt},
      {"reporting", std::nullopt},
      {"rds", std::nullopt},
      {"sqs", std::nullopt},
  };
  for (const auto& door : kDoors)
    if (door.name == name) return &door;
  return nullptr;
}

bool is_s3_name(std::string_view name) {
  return std::find(std::begin(kS3Names), std::end(kS3Names), name) != std::end(kS3Names);
}

// "services/compute" gives "compute"; "" for the root; nothing for any other path.
std::optional<std::string> service_of_path(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return std::string();
  constexpr std::string_view kPrefix = "services";
  if (path == kPrefix) return std::string();
  if (!path.starts_with(kPrefix) || path[kPrefix.size()] != '/') return std::nullopt;
  path.remove_prefix(kPrefix.size() + 1);
  return common::to_lower(path.substr(0, path.find('/')));
}

std::string first_label(std::string_view host) {
  const auto dot = host.find('.');
  return dot == std::string_view::npos ? std::string() : common::to_lower(host.substr(0, dot));
}

std::optional<Api> api_of_version(std::string_view version) {
  if (version == "2010-05-08") return Api::iam;
  if (version == "2011-06-15") return Api::sts;
  return std::nullopt;
}

bool looks_like_s3(const RoutingInput& in) {
  if (!in.action.empty() || in.is_json) return false;
  if (in.authorization.starts_with("AWS ") || in.scope_service == "s3") return true;
  return in.method == "PUT" || in.method == "DELETE" || in.method == "HEAD";
}

// The API that is meant when the action's name does not tell.
Api preferred_api(const RoutingInput& in, const Door* door) {
  if (door && door->offered) return *door->offered;
  if (const auto api = api_of_version(in.version)) return *api;
  if (in.version == "eucalyptus")
    return in.scope_service == "properties" ? Api::properties : Api::bootstrap;
  if (const auto* scope = find_door(in.scope_service); scope && scope->offered)
    return *scope->offered;
  return Api::ec2;
}

// Clients send an action to the URL of another service too (STS calls to EC2's), so the name
// decides as long as the door that was knocked at has none of that name.
const Action* find_anywhere(const RoutingInput& in, Api preferred) {
  if (const auto* action = find_action(preferred, in.action)) return action;
  if (const auto api = api_of_version(in.version))
    if (const auto* action = find_action(*api, in.action)) return action;
  return find_action(in.action);
}

}  // namespace

Route route(const RoutingInput& in) {
  const auto path_service = service_of_path(in.path);
  const auto label = first_label(in.host);
  if (path_service && is_s3_name(*path_service)) return {RouteKind::s3, Api::ec2, nullptr, {}};
  const bool named_by_path = path_service && !path_service->empty();
  const Door* door = named_by_path ? find_door(*path_service) : find_door(label);
  if (!named_by_path && !door && (is_s3_name(label) || looks_like_s3(in)))
    return {RouteKind::s3, Api::ec2, nullptr, {}};
  if (!path_service || (named_by_path && !door))
    return {RouteKind::unknown_path, Api::ec2, nullptr, {}};

  const Api api = preferred_api(in, door);
  if (in.is_json) return {RouteKind::other_service, api, nullptr, in.scope_service};
  if (in.action.empty()) {
    if (door && !door->offered)
      return {RouteKind::other_service, api, nullptr, std::string(door->name)};
    return {RouteKind::missing_action, api, nullptr, {}};
  }
  if (const auto* action = find_anywhere(in, api))
    return {RouteKind::action, action->api, action, {}};
  if (door && !door->offered)
    return {RouteKind::other_service, Api::iam, nullptr, std::string(door->name)};
  return {RouteKind::unknown_action, api, nullptr, {}};
}

}  // namespace angophora::clc
