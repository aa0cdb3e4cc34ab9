#include "clc/actions/paging.h"

#include "common/base/encoding.h"
#include "common/crypto/digest.h"

namespace angophora::clc {
namespace {

constexpr std::size_t kMacHexDigits = 32;

Error bad_token(const PageLimits& limits) {
  return {RequestErrc::bad_next_token,
          "The " + std::string(limits.token_name) + " is not one that this action has given"};
}

}  // namespace

// The token is hex(mac) followed by hex(key).
Result<PageStart> PageSealer::open(const Paging& paging, const Caller& caller,
                                   std::string_view action, PageLimits limits) const {
  PageStart start;
  if (paging.max_results) {
    const auto asked = *paging.max_results;
    if (asked < limits.least || asked > limits.most)
      return invalid_value(
          limits.size_name, std::to_string(asked),
          "between " + std::to_string(limits.least) + " and " + std::to_string(limits.most));
    start.limit = static_cast<std::size_t>(asked);
  }
  if (paging.next_token.empty()) return start;
  if (paging.next_token.size() < kMacHexDigits) return bad_token(limits);
  const auto key = common::hex_decode(std::string_view(paging.next_token).substr(kMacHexDigits));
  if (!key) return bad_token(limits);
  const auto wanted = mac(caller, action, *key);
  if (!common::equal_constant_time(wanted, paging.next_token.substr(0, kMacHexDigits)))
    return bad_token(limits);
  start.after = *key;
  if (!paging.max_results) start.limit = static_cast<std::size_t>(limits.most);
  return start;
}

std::string PageSealer::seal(const Caller& caller, std::string_view action,
                             std::string_view last_key) const {
  return mac(caller, action, last_key) + common::hex_encode(last_key);
}

std::string PageSealer::mac(const Caller& caller, std::string_view action,
                            std::string_view key) const {
  std::string text = caller.account.value;
  text.append("\n").append(action).append("\n").append(key);
  return common::hex_encode(crypto::hmac_sha256(secret_, text)).substr(0, kMacHexDigits);
}

}  // namespace angophora::clc
