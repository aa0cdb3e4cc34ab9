// CreateAccount: makes an account with its root user, who gets no keys yet.
#include "clc/actions/iam.h"
#include "clc/domain/new_identity.h"
#include "clc/store/accounts.h"
#include "clc/store/security_groups.h"
#include "clc/store/users.h"

namespace angophora::clc::actions::create_account {
namespace {

struct Request {
  std::string name;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::name>("AccountName"),
};

Result<> create(Tx& tx, Services& s, const Account& account, const User& root) {
  TRY_VOID(Accounts(tx).insert(account));
  TRY_VOID(Users(tx).insert(root));
  TRY_VOID(ensure_default_network(tx, s.runtime, account.id, s.config.instance_network));
  return common::ok();
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (!request.name.empty()) CO_TRY_VOID(check_account_name("AccountName", request.name));
  const auto account = new_account(s.runtime, request.name);
  const auto root = new_root(s.runtime, account.id);
  const auto change = [&s, account, root](Tx& tx) { return create(tx, s, account, root); };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.identities.notify();
  Reply reply;
  add_account(reply.child("Account"), account);
  co_return reply;
}

}  // namespace

extern const Action CreateAccount{
    .name = "CreateAccount",
    .permission = "iam:CreateAccount",
    .api = Api::iam,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_account
