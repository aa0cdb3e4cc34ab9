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

Result<Reply> create(Tx& tx, const Caller& caller, const Request& request, AccessKey key,
                     const std::string& secret, const IamLimit& limit) {
  TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
  AccessKeys keys(tx);
  TRY(const auto present, keys.of(subject.user.id));
  TRY_VOID(check_limit(limit, static_cast<std::int64_t>(present.size())));
  key.user = subject.user.id;
  TRY_VOID(keys.insert(key));
  Reply reply;
  auto& made = reply.child("AccessKey");
  made.add("UserName", subject.user.name).add("AccessKeyId", key.id);
  made.add("Status", status_text(true)).add("SecretAccessKey", secret);
  made.add("CreateDate", key.created_at);
  return reply;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto key = new_access_key(s.runtime, {});
  const IamLimit limit{"AccessKeysPerUser", s.properties.number("cloud.access_keys_max")};
  // Sealed in the transaction: a rotation of the master key, whose own come before or after it,
  // leaves no row behind.
  const auto make = [caller, request, key, limit, masters = s.keys.masters,
                     nonce =
                         s.runtime.random_bytes(crypto::kGcmNonceBytes)](Tx& tx) -> Result<Reply> {
    TRY(auto kept, sealed(*masters, key, nonce));
    return create(tx, caller, request, std::move(kept), key.secret, limit);
  };
  co_return co_await make_iam(s, caller, make);
}

}  // namespace

extern const Action CreateAccessKey{
    .name = "CreateAccessKey",
    .permission = "iam:CreateAccessKey",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_access_key
