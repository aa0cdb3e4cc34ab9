// What a component is. The registry pins a role to each certificate, and an operation says which
// roles may call it.
#pragma once

#include <optional>
#include <string_view>

namespace angophora::soap {

enum class Role { cloud, cluster, node, walrus, storage };
std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view name);

}  // namespace angophora::soap
