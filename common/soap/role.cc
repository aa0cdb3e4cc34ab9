#include "common/soap/role.h"

#include <array>

namespace angophora::soap {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::cloud:
      return "cloud";
    case Role::cluster:
      return "cluster";
    case Role::node:
      return "node";
    case Role::walrus:
      return "walrus";
    case Role::storage:
      return "storage";
    case Role::stranger:
      return "stranger";
  }
  return "unknown";
}

std::optional<Role> parse_role(std::string_view name) {
  for (const auto role : {Role::cloud, Role::cluster, Role::node, Role::walrus, Role::storage})
    if (to_string(role) == name) return role;
  return std::nullopt;
}

}  // namespace angophora::soap
