#include "clc/actions/sts.h"

#include <algorithm>

#include "clc/domain/identity.h"
#include "clc/store/managed_policies.h"
#include "common/crypto/aes.h"

namespace angophora::clc::actions {
namespace {

constexpr std::size_t kNameMin = 2;
constexpr std::size_t kTagKeyMax = 128;
constexpr std::size_t kTagValueMax = 256;

}  // namespace

Result<> check_session_name(const char* parameter, const std::string& name, std::size_t most) {
  if (name.size() >= kNameMin && name.size() <= most && is_identity_name(name)) return common::ok();
  return invalid_value(parameter, name,
                       "2 to " + std::to_string(most) +
                           " letters, digits and characters of "
                           "_+=,.@-");
}

Result<> check_duration(std::int64_t seconds, std::int64_t most) {
  if (seconds >= kSessionMin.count() && seconds <= most) return common::ok();
  return invalid_value("DurationSeconds", std::to_string(seconds),
                       std::to_string(kSessionMin.count()) + " to " + std::to_string(most));
}

Result<> check_tags(const std::vector<SessionTag>& tags) {
  if (tags.size() > kSessionTagsMax)
    return invalid_value("Tags", std::to_string(tags.size()), "up to 50 tags");
  for (const auto& tag : tags) {
    if (tag.key.empty() || tag.key.size() > kTagKeyMax || tag.key.starts_with("aws:"))
      return invalid_value("Tags", tag.key,
                           "keys of up to 128 characters that begin not with aws:");
    if (tag.value.size() > kTagValueMax)
      return invalid_value("Tags", tag.key, "values of up to 256 characters");
    const auto same = std::count_if(tags.begin(), tags.end(), [&](const auto& other) {
      return common::equal_ignore_case(other.key, tag.key);
    });
    if (same > 1) return invalid_value("Tags", tag.key, "each key once");
  }
  return common::ok();
}

Result<> add_limits(Tx& tx, const AccountId& account, const SessionLimits& limits,
                    sessions::Session& session) {
  if (!limits.policy.empty()) {
    TRY_VOID(policy::parse(limits.policy, policy::session_rules()));
    session.policies.push_back(limits.policy);
  }
  if (limits.policy_arns.size() > kSessionPolicyArnsMax)
    return Error(IdentityErrc::limit_exceeded, "A session may have up to 10 managed policies");
  for (const auto& one : limits.policy_arns) {
    TRY(const auto policy, ManagedPolicies(tx).find(account, one.arn));
    session.policy_ids.push_back(policy.id.value);
  }
  session.limited = session.limited || !session.policies.empty() || !session.policy_ids.empty();
  return common::ok();
}

sessions::Session new_session(Services& s, sessions::Session::Kind kind, std::int64_t seconds) {
  sessions::Session session;
  session.kind = kind;
  session.access_key = new_identity_id(s.runtime, "ASIA");
  session.secret = new_secret(s.runtime);
  session.issued_at = std::chrono::floor<std::chrono::seconds>(s.runtime.now());
  session.expires_at = session.issued_at + std::chrono::seconds(seconds);
  return session;
}

Result<> add_credentials(Reply& reply, Services& s, const sessions::Session& session) {
  const auto key = sessions::token_key_of(s.keys.secret);
  TRY(const auto token,
      sessions::seal(session, key, s.runtime.random_bytes(crypto::kGcmNonceBytes)));
  auto& credentials = reply.child("Credentials");
  credentials.add("AccessKeyId", session.access_key).add("SecretAccessKey", session.secret);
  credentials.add("SessionToken", token).add("Expiration", session.expires_at);
  return common::ok();
}

int packed_size(const sessions::Session& session) {
  constexpr std::size_t kRoom = 4096;
  std::size_t bytes = 0;
  for (const auto& document : session.policies) bytes += document.size();
  for (const auto& id : session.policy_ids) bytes += id.size();
  for (const auto& [key, value] : session.tags) bytes += key.size() + value.size();
  return static_cast<int>((bytes * 100 + kRoom - 1) / kRoom);
}

}  // namespace angophora::clc::actions
