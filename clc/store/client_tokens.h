// ClientToken: a request that is sent again gets the first one's answer and changes nothing.
//
//   const auto claim = [=](Tx& tx) -> Result<...> {
//     ClientTokens tokens(tx);
//     TRY(const auto earlier, tokens.find(caller.account, "RunInstances", request.client_token));
//     if (earlier) return Reservations(tx).get(ReservationId(*earlier));
//     ...
//     TRY_VOID(tokens.keep(caller.account, "RunInstances", request.client_token, id.value, now));
#pragma once

#include <optional>

#include "clc/domain/ids.h"
#include "clc/store/rows.h"

namespace angophora::clc {

// How long a token is remembered.
inline constexpr std::chrono::hours kClientTokenLife{24 * 7};

class ClientTokens {
 public:
  explicit ClientTokens(Tx& tx) : tx_(tx) {}

  // What keep() was told for that token; nothing for a new token and for an empty one.
  // `parameters` is the rest of the request: RequestErrc::client_token_mismatch when it differs.
  Result<std::optional<std::string>> find(const AccountId& account, std::string_view action,
                                          std::string_view token, std::string_view parameters);
  // Remembers `answer`, usually an id. Does nothing for an empty token. Drops what is too old.
  Result<> keep(const AccountId& account, std::string_view action, std::string_view token,
                std::string_view parameters, std::string_view answer, common::SysTime now);

 private:
  Tx& tx_;
};

}  // namespace angophora::clc
