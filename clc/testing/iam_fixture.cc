#include "clc/testing/iam_fixture.h"

#include "clc/domain/new_identity.h"
#include "clc/store/accounts.h"
#include "clc/store/users.h"

namespace angophora::clc::testing {

IamFixture::IamFixture() {
  const auto account = new_account(runtime, kAdministrationAccount);
  const auto root = new_root(runtime, account.id);
  write([&](Tx& tx) -> Result<> {
    TRY_VOID(Accounts(tx).insert(account));
    return Users(tx).insert(root);
  }).value();
  administrator = caller_named(account.id, kRootUserName);
  caller = make_account("ana");
  stranger = make_account("eve");
}

Caller IamFixture::make_account(const std::string& name) {
  const auto reply = call_as(administrator, "CreateAccount", {{"AccountName", name}});
  EXPECT_TRUE(reply) << reply.error().message;
  return caller_named(AccountId(reply.value().find("Account/AccountId").value()), kRootUserName);
}

Caller IamFixture::caller_named(const AccountId& account, const std::string& user) {
  Caller who = caller_of(account.value, user);
  const auto found = write([=](Tx& tx) -> Result<std::pair<Account, User>> {
    TRY(const auto owner, Accounts(tx).resolve(account.value));
    TRY(const auto named, Users(tx).find(account, user));
    return std::pair(owner, named);
  });
  EXPECT_TRUE(found) << found.error().message;
  set_user(who, found.value().first, found.value().second);
  return who;
}

}  // namespace angophora::clc::testing
