#include "common/sessions/session.h"

#include <boost/json.hpp>
#include <chrono>

#include "common/base/encoding.h"
#include "common/crypto/aes.h"
#include "common/crypto/digest.h"

namespace angophora::sessions {
namespace {

namespace json = boost::json;
using common::Error;

constexpr char kVersion = '\x01';
constexpr std::size_t kIdBytes = 8;
constexpr std::size_t kTokenBytesMax = 32 * 1024;
constexpr char kContext[] = "angophora session 1";

constexpr std::pair<Session::Kind, std::string_view> kKinds[] = {
    {Session::Kind::user, "user"},
    {Session::Kind::role, "role"},
    {Session::Kind::federated, "federated"}};

std::int64_t seconds_of(common::SysTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
common::SysTime time_of(std::int64_t seconds) {
  return common::SysTime(std::chrono::seconds(seconds));
}

json::array array_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const auto& text : texts) array.emplace_back(text);
  return array;
}

std::string write(const Session& s) {
  json::array tags;
  for (const auto& [key, value] : s.tags) tags.emplace_back(json::array{key, value});
  std::string_view kind;
  for (const auto& [known, name] : kKinds)
    if (known == s.kind) kind = name;
  return json::serialize(json::object{{"kind", kind},
                                      {"key", s.access_key},
                                      {"secret", s.secret},
                                      {"account", s.account},
                                      {"issuer", s.issuer},
                                      {"name", s.name},
                                      {"from", seconds_of(s.issued_at)},
                                      {"to", seconds_of(s.expires_at)},
                                      {"limited", s.limited},
                                      {"policies", array_of(s.policies)},
                                      {"policy_ids", array_of(s.policy_ids)},
                                      {"tags", std::move(tags)},
                                      {"transitive", array_of(s.transitive_tags)},
                                      {"source", s.source_identity}});
}

Error malformed() {
  return {SessionErrc::malformed, "The security token included in the request is invalid."};
}

// What was sealed here is well-formed; anything else throws, and is refused by read().
std::string text(const json::object& from, std::string_view name) {
  return json::value_to<std::string>(from.at(name));
}
std::vector<std::string> texts(const json::object& from, std::string_view name) {
  return json::value_to<std::vector<std::string>>(from.at(name));
}

Session parse(const json::object& from) {
  Session s;
  const auto kind = text(from, "kind");
  for (const auto& [known, name] : kKinds)
    if (kind == name) s.kind = known;
  s.access_key = text(from, "key");
  s.secret = text(from, "secret");
  s.account = text(from, "account");
  s.issuer = text(from, "issuer");
  s.name = text(from, "name");
  s.issued_at = time_of(from.at("from").as_int64());
  s.expires_at = time_of(from.at("to").as_int64());
  s.limited = from.at("limited").as_bool();
  s.policies = texts(from, "policies");
  s.policy_ids = texts(from, "policy_ids");
  for (const auto& tag : from.at("tags").as_array())
    s.tags.emplace_back(json::value_to<std::string>(tag.as_array().at(0)),
                        json::value_to<std::string>(tag.as_array().at(1)));
  s.transitive_tags = texts(from, "transitive");
  s.source_identity = text(from, "source");
  return s;
}

Result<Session> read(const std::string& plain) {
  try {
    return parse(json::parse(plain).as_object());
  } catch (const std::exception&) {
    return malformed();
  }
}

// Key and session stay as they are in the principal of whoever got it.
void add_session(const Session& session, policy::Principal& principal) {
  principal.token_issued_at = session.issued_at;
  principal.tags = session.tags;
  principal.source_identity = session.source_identity;
}

}  // namespace

std::string_view to_string(SessionErrc e) {
  switch (e) {
    case SessionErrc::malformed:
      return "malformed";
    case SessionErrc::expired:
      return "expired";
    case SessionErrc::wrong_key:
      return "wrong key";
  }
  return "unknown";
}

TokenKey token_key_of(std::string_view secret) {
  const auto key = crypto::hmac_sha256(secret, "session tokens 1");
  return {common::hex_encode(crypto::hmac_sha256(key, "id")).substr(0, kIdBytes), key};
}

Result<std::string> seal(const Session& session, const TokenKey& key, std::string_view nonce) {
  TRY(const auto sealed, crypto::seal(key.key, nonce, write(session), kContext));
  return common::base64_encode(std::string(1, kVersion) + key.id + sealed);
}

Result<Session> open(std::string_view token, std::string_view access_key,
                     const std::vector<TokenKey>& keys, common::SysTime now) {
  if (token.size() > kTokenBytesMax) return malformed();
  const auto bytes = common::base64_decode(token);
  if (!bytes || bytes->size() < 1 + kIdBytes || bytes->front() != kVersion) return malformed();
  for (const auto& key : keys) {
    if (bytes->compare(1, kIdBytes, key.id) != 0) continue;
    const auto plain =
        crypto::open(key.key, std::string_view(*bytes).substr(1 + kIdBytes), kContext);
    if (!plain) return malformed();
    TRY(auto session, read(plain.assume_value()));
    if (session.access_key != access_key) return Error(SessionErrc::wrong_key, malformed().message);
    if (session.expires_at <= now)
      return Error(SessionErrc::expired, "The security token included in the request is expired");
    return session;
  }
  return malformed();
}

policy::Principal principal_of(const Session& session, const policy::Principal& issuer) {
  auto principal = session.kind == Session::Kind::federated
                       ? policy::Principal::federated_user(issuer, session.name)
                       : issuer;
  principal.canonical_id = issuer.canonical_id;
  add_session(session, principal);
  return principal;
}

policy::Principal principal_of(const Session& session, const std::string& role_arn) {
  auto principal =
      policy::Principal::role_session(session.account, role_arn, session.issuer, session.name);
  add_session(session, principal);
  return principal;
}

}  // namespace angophora::sessions
