// CreateAccessKey: a key of a user; its secret is shown this once.
#include "clc/actions/iam.h"
#include "clc/domain/new_identity.h"
#include "clc/domain/secrets.h"
#include "clc/store/access_keys.h"
#include "common/crypto/aes.h"

namespace angophora::clc::actions::create_access_key {
namespace {

struct Request {
  std::string user;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Result<User> create(Tx& tx, const Caller& caller, const Request& request, AccessKey key,
                    std::int64_t count_max) {
  TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
  AccessKeys keys(tx);
  TRY(const auto present, keys.of(subject.user.id));
  if (static_cast<std::int64_t>(present.size()) >= count_max)
    return Error(IdentityErrc::limit_exceeded,
                 "Cannot exceed quota for AccessKeysPerUser: " + std::to_string(count_max));
  key.user = subject.user.id;
  TRY_VOID(keys.insert(key));
  return subject.user;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto key = new_access_key(s.runtime, {});
  const auto count_max = s.properties.number("cloud.access_keys_max");
  // Sealed in the transaction: a rotation of the master key, whose own come before or after it,
  // leaves no row behind.
  const auto change = [caller, request, key, count_max, masters = s.keys.masters,
                       nonce =
                           s.runtime.random_bytes(crypto::kGcmNonceBytes)](Tx& tx) -> Result<User> {
    TRY(auto kept, sealed(*masters, key, nonce));
    return create(tx, caller, request, std::move(kept), count_max);
  };
  CO_TRY(const auto user, co_await commit(s, caller, change));
  s.changes.identities.notify();
  Reply reply;
  auto& made = reply.child("AccessKey");
  made.add("UserName", user.name).add("AccessKeyId", key.id).add("Status", status_text(true));
  made.add("SecretAccessKey", key.secret).add("CreateDate", key.created_at);
  co_return reply;
}

}  // namespace

extern const Action CreateAccessKey{
    .name = "CreateAccessKey",
    .permission = "iam:CreateAccessKey",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_access_key
