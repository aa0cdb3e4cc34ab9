// Runs actions with accounts that are really there: the administrators', the caller's and a
// stranger's, each with its root.
#pragma once

#include "clc/testing/action_fixture.h"

namespace angophora::clc::testing {

class IamFixture : public ActionFixture {
 public:
  IamFixture();

  // Makes an account as the administrator does; its root.
  Caller make_account(const std::string& name);
  // What the front door makes of a user.
  Caller caller_named(const AccountId& account, const std::string& user);

  Caller administrator;
};

}  // namespace angophora::clc::testing
