// ListOpenIDConnectProviders: who else vouches for users of the account. That is nobody: no such
// provider can be made here.
#include "clc/actions/iam.h"

namespace angophora::clc::actions::list_open_id_connect_providers {
namespace {

struct Request {
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) -> Result<Reply> {
    TRY_VOID(account_of(tx, caller, request.delegate));
    Reply reply;
    reply.child("OpenIDConnectProviderList");
    return reply;
  };
  co_return co_await read_iam(s, find);
}

}  // namespace

extern const Action ListOpenIDConnectProviders{
    .name = "ListOpenIDConnectProviders",
    .permission = "iam:ListOpenIDConnectProviders",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_open_id_connect_providers
