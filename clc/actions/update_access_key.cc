// UpdateAccessKey: switches a key off and on.
#include "clc/actions/iam.h"
#include "clc/store/access_keys.h"

namespace angophora::clc::actions::update_access_key {
namespace {

struct Request {
  std::string id;
  Status status{};
  std::string user;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("AccessKeyId"),
    required<&Request::status>("Status"),
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
    TRY(const auto found, AccessKeys(tx).find(subject.user.id, request.id));
    return AccessKeys(tx).set_active(found.id, request.status == Status::active);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.identities.notify();
  co_return Reply();
}

}  // namespace

extern const Action UpdateAccessKey{
    .name = "UpdateAccessKey",
    .permission = "iam:UpdateAccessKey",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::update_access_key
