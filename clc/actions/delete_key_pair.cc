// DeleteKeyPair: forgets a key pair. One that is not there counts as deleted, as on EC2.
#include "clc/actions/action.h"
#include "clc/store/key_pairs.h"

namespace angophora::clc::actions::delete_key_pair {
namespace {

struct Request {
  std::string name;
  KeyPairId id;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::name>("KeyName"),
    optional<&Request::id>("KeyPairId"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (request.name.empty() && request.id.empty()) co_return missing_parameter("KeyName");
  const auto remove = [=](Tx& tx) {
    return KeyPairs(tx).remove(caller.account, request.name, request.id);
  };
  CO_TRY_VOID(co_await commit(s, caller, remove));
  co_return reply_true();
}

}  // namespace

extern const Action DeleteKeyPair{
    .name = "DeleteKeyPair",
    .permission = "ec2:DeleteKeyPair",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_key_pair
