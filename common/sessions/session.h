// Temporary credentials that speak for themselves: what the cloud controller says of a session is
// sealed (AES-256-GCM) into its token, so that every daemon with the key can judge a request
// without asking anybody. What may change later is not in it: whether the role or user is still
// there, and what its policies say, stands in the identities.
//
// Threads: pure functions over values; any thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/policy/evaluate.h"

namespace angophora::sessions {

using common::Result;

enum class SessionErrc {
  malformed = 1,  // not one of this cloud's tokens, or sealed with a key that is no more
  expired,
  wrong_key,  // of another access key than the request's
};
std::string_view to_string(SessionErrc e);

struct Session {
  enum class Kind {
    user,       // GetSessionToken: the user itself
    role,       // AssumeRole
    federated,  // GetFederationToken: somebody else in the name of a user
  };
  Kind kind = Kind::user;
  std::string access_key;  // ASIA...
  std::string secret;
  std::string account;  // the session's own: of the role or user
  std::string issuer;   // id of the role or user, AROA... or AIDA...
  std::string name;     // of a role's session or of who is federated
  common::SysTime issued_at{};
  common::SysTime expires_at{};
  // What a session may at most: documents, and ids of managed policies. `limited` without any is
  // nothing at all.
  bool limited = false;
  std::vector<std::string> policies = {};
  std::vector<std::string> policy_ids = {};
  policy::Tags tags = {};
  std::vector<std::string> transitive_tags = {};  // keys; handed on to roles taken on from here
  std::string source_identity = {};
};

// One key of those that seal tokens; `id` tells which, 8 characters.
struct TokenKey {
  std::string id;
  std::string key;  // 32 bytes
};
// The one that the cloud controller's own secret yields; nobody can go back from it.
TokenKey token_key_of(std::string_view secret);

// `nonce`: 12 random bytes.
Result<std::string> seal(const Session& session, const TokenKey& key, std::string_view nonce);
// The session that `token` holds, for a request signed with `access_key`. SessionErrc.
Result<Session> open(std::string_view token, std::string_view access_key,
                     const std::vector<TokenKey>& keys, common::SysTime now);

// Who asks with it. `issuer` is the user who got it; of a role's session the role's ARN counts.
policy::Principal principal_of(const Session& session, const policy::Principal& issuer);
policy::Principal principal_of(const Session& session, const std::string& role_arn);

}  // namespace angophora::sessions

ANGOPHORA_ERROR_ENUM(angophora::sessions, SessionErrc)
