// The condition keys that a policy may name; a key that is not here is refused when a policy is
// put. Names of keys count without case. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace angophora::policy {

enum class KeyKind {
  single,  // at most one value in a request
  many,    // several; these cannot stand in a policy variable
  quota,   // no key of a request: for statements with the effect Limit
};

// What is known of `key` (lower case): a key of keys.inc, a key that ends in the name of a tag, or
// a claim of an identity provider's token ("accounts.google.com:sub"). Nothing for any other.
std::optional<KeyKind> find_key(std::string_view key);

// The known key that looks most like `key`, to be offered; "" when none comes near.
std::string nearest_key(std::string_view key);

}  // namespace angophora::policy
