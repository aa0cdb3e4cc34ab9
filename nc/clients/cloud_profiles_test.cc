#include "nc/clients/cloud_profiles.h"

#include <gtest/gtest.h>

#include "common/runtime/real_runtime.h"
#include "common/soap/local_channel.h"

namespace angophora::nc {
namespace {

using Call = soap::cloud::GetInstanceCredentials;
using common::Errc;
using common::Result;
using common::ServiceName;
using common::Task;

const crypto::PrivateKey& node_key() {
  static const auto made = crypto::PrivateKey::generate().assume_value();
  return made;
}

class CloudProfilesTest : public testing::Test {
 protected:
  CloudProfilesTest() {
    dispatcher_.serve<Call>({soap::Role::node}, [this](soap::Caller, Call::Request request) {
      asked_ = request;
      return answer(reply_);
    });
    network_.attach(ServiceName("clc"), dispatcher_);
  }
  static Task<Call::Reply> answer(Call::Reply reply) { co_return reply; }

  template <class T>
  static common::awaitable<void> keep(Task<T> work, std::optional<Result<T>>& result,
                                      common::RealRuntime& runtime) {
    result.emplace(co_await std::move(work));
    runtime.stop();
  }
  Result<std::optional<GuestProfile>> ask(const std::string& known_role = "") {
    std::optional<Result<std::optional<GuestProfile>>> result;
    runtime_.spawn("test",
                   keep(profiles_.profile_of(InstanceId("i-1"), 4, known_role), result, runtime_));
    runtime_.run();
    return std::move(*result);
  }
  void give_credentials(const std::string& wrapped) {
    reply_.profileArn = "arn";
    reply_.roleName = "ops";
    reply_.roleId = "AROA1";
    reply_.accessKeyId = "ASIA1";
    reply_.sessionToken = "token";
    reply_.wrappedSecret = wrapped;
    reply_.issuedMs = 1000;
    reply_.expiresMs = 2000;
  }
  static common::RealRuntimeOptions quiet() {
    common::RealRuntimeOptions options;
    options.handle_signals = false;
    return options;
  }

  common::RealRuntime runtime_{quiet()};
  Call::Reply reply_;
  Call::Request asked_;
  soap::Dispatcher dispatcher_;
  soap::LocalNetwork network_;
  soap::LocalChannel channel_{runtime_, network_, ServiceName("nc"), soap::Role::node};
  CloudProfiles profiles_{runtime_, channel_, ServiceName("clc"), node_key()};
};

TEST_F(CloudProfilesTest, OpensTheSecretThatWasWrappedForTheNode) {
  give_credentials(node_key().public_key().encrypt_oaep("secret").assume_value());
  const auto told = ask("AROA0").value();
  ASSERT_TRUE(told && told->credentials);
  EXPECT_EQ(told->credentials->secret, "secret");
  EXPECT_EQ(told->credentials->expires_at, common::SysTime(std::chrono::seconds(2)));
  EXPECT_EQ(told->role_name, "ops");
  EXPECT_EQ(asked_.instanceId, "i-1");
  EXPECT_EQ(asked_.placementNo, 4);
  EXPECT_EQ(asked_.knownRoleId.value_or(""), "AROA0");
}

TEST_F(CloudProfilesTest, NoProfileIsNothing) { EXPECT_FALSE(ask().value()); }

TEST_F(CloudProfilesTest, ASecretForSomebodyElseIsAFailure) {
  give_credentials(std::string(256, 'x'));
  EXPECT_FALSE(ask());
}

}  // namespace
}  // namespace angophora::nc
