// DeleteAccountAlias: takes the account's alias away.
#include "clc/actions/iam.h"
#include "clc/store/accounts.h"

namespace angophora::clc::actions::delete_account_alias {
namespace {

struct Request {
  std::string alias;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::alias>("AccountAlias"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    TRY(const bool was_there, Accounts(tx).remove_alias(account.id, request.alias));
    if (was_there) return common::ok();
    return Error(IdentityErrc::not_found,
                 "The account alias " + request.alias + " cannot be found.");
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return Reply();
}

}  // namespace

extern const Action DeleteAccountAlias{
    .name = "DeleteAccountAlias",
    .permission = "iam:DeleteAccountAlias",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_account_alias
