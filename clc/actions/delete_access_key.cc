// DeleteAccessKey: a key opens nothing any more.
#include "clc/actions/iam.h"
#include "clc/store/access_keys.h"

namespace angophora::clc::actions::delete_access_key {
namespace {

struct Request {
  std::string id;
  std::string user;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("AccessKeyId"),
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
    TRY(const auto found, AccessKeys(tx).find(subject.user.id, request.id));
    return AccessKeys(tx).remove(found.id);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.identities.notify();
  co_return Reply();
}

}  // namespace

extern const Action DeleteAccessKey{
    .name = "DeleteAccessKey",
    .permission = "iam:DeleteAccessKey",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_access_key
