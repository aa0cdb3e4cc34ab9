// Runs actions against a database in memory, without HTTP and signatures.
//
//   class CreateKeyPair : public testing::ActionFixture {};
//   TEST_F(CreateKeyPair, ...) { const auto reply = call("CreateKeyPair", {{"KeyName", "k"}}); }
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "clc/actions/action_table.h"
#include "clc/store/migrations.h"
#include "common/runtime/sim_runtime.h"

namespace angophora::clc::testing {

// Made once for all tests of a program.
const CloudKeys& test_keys();

using Pairs = std::vector<std::pair<std::string, std::string>>;

class ActionFixture : public ::testing::Test {
 public:
  ActionFixture();

  // The answer of the action of that name in any API.
  Result<Reply> call(std::string_view action, Pairs pairs = {}) {
    return call_as(caller, action, std::move(pairs));
  }
  Result<Reply> call_as(Caller who, std::string_view name, Pairs pairs = {});

  // Puts the account of `who` into the database, where few actions need one.
  void add_account_of(const Caller& who);

  // What `f(Tx&)` returns, in a transaction of its own.
  template <class F>
  auto write(F f) {
    using R = std::invoke_result_t<F&, Tx&>;
    return world.run<R>(runtime, services->db.write(std::move(f)));
  }

  common::SimWorld world{1};
  common::SimRuntime runtime{world, "clc"};
  Config config;
  CloudKeys keys = test_keys();
  Properties properties;
  ServiceStates states;
  PageSealer pages{"a secret for tests"};
  Changes changes;
  std::unique_ptr<db::Database> database;
  std::optional<Services> services;
  Caller caller;    // of account 123456789012
  Caller stranger;  // of account 210987654321
};

// A caller of an ordinary account.
Caller caller_of(const std::string& account_id, const std::string& user_name);

}  // namespace angophora::clc::testing
