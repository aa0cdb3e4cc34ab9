// What a component is. The registry pins a role to each certificate, and an operation says which
// roles may call it.
#pragma once

#include <optional>
#include <string_view>

namespace angophora::soap {

// stranger: shows a certificate that the registry does not know. Enrol alone may allow it.
enum class Role { cloud, cluster, node, walrus, storage, stranger };
std::string_view to_string(Role role);
// Never stranger.
std::optional<Role> parse_role(std::string_view name);

}  // namespace angophora::soap
