// CreateAccountAlias: gives the account an alias, in place of the one it has.
#include "clc/actions/iam.h"
#include "clc/store/accounts.h"

namespace angophora::clc::actions::create_account_alias {
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
  CO_TRY_VOID(check_account_name("AccountAlias", request.alias));
  const auto change = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto account, account_of(tx, caller, request.delegate));
    return Accounts(tx).set_alias(account.id, request.alias);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return Reply();
}

}  // namespace

extern const Action CreateAccountAlias{
    .name = "CreateAccountAlias",
    .permission = "iam:CreateAccountAlias",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_account_alias
