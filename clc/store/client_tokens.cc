#include "clc/store/client_tokens.h"

#include "clc/domain/errors.h"
#include "common/crypto/digest.h"

namespace angophora::clc {

Result<std::optional<std::string>> ClientTokens::find(const AccountId& account,
                                                      std::string_view action,
                                                      std::string_view token,
                                                      std::string_view parameters) {
  if (token.empty()) return std::optional<std::string>();
  TRY(auto q, tx_.prepare("SELECT digest, answer FROM client_tokens "
                          "WHERE account_id=?1 AND action=?2 AND token=?3"));
  TRY(const bool found, q.bind(1, account).bind(2, action).bind(3, token).step());
  if (!found) return std::optional<std::string>();
  if (q.text(0) != crypto::sha256_hex(parameters))
    return Error(RequestErrc::client_token_mismatch, "The client token '" + std::string(token) +
                                                         "' was used before with other parameters");
  return std::optional<std::string>(q.text(1));
}

Result<> ClientTokens::keep(const AccountId& account, std::string_view action,
                            std::string_view token, std::string_view parameters,
                            std::string_view answer, common::SysTime now) {
  if (token.empty()) return common::ok();
  TRY(auto old, tx_.prepare("DELETE FROM client_tokens WHERE created_at_ms < ?1"));
  TRY_VOID(old.bind(1, to_ms(now - kClientTokenLife)).run());
  TRY(auto q, tx_.prepare("INSERT INTO client_tokens (account_id, action, token, digest, answer, "
                          "created_at_ms) VALUES (?1,?2,?3,?4,?5,?6)"));
  q.bind(1, account).bind(2, action).bind(3, token).bind(4, crypto::sha256_hex(parameters));
  TRY_VOID(q.bind(5, answer).bind(6, to_ms(now)).run());
  return common::ok();
}

}  // namespace angophora::clc
